"""Credentials are found where the SDKs, tccli and Terraform find them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvmimg.cloud.credentials import Credentials, find_credentials, find_region
from cvmimg.errors import CredentialsError

ENVIRONMENT = {"TENCENTCLOUD_SECRET_ID": "env-id", "TENCENTCLOUD_SECRET_KEY": "env-key"}


def tccli(home: Path, profile: str, credential: str, configure: str = "{}") -> None:
    folder = home / ".tccli"
    folder.mkdir(exist_ok=True)
    (folder / f"{profile}.credential").write_text(credential)
    (folder / f"{profile}.configure").write_text(configure)


def sdk(home: Path, text: str) -> None:
    (home / ".tencentcloud").mkdir()
    (home / ".tencentcloud" / "credentials").write_text(text)


def test_the_environment_comes_before_files(tmp_path: Path) -> None:
    tccli(tmp_path, "default", '{"secretId": "file-id", "secretKey": "file-key"}')
    found = find_credentials(ENVIRONMENT, home=tmp_path)
    assert (found.secret_id, found.secret_key, found.source) == (
        "env-id",
        "env-key",
        "the environment",
    )


def test_a_named_profile_comes_before_the_environment(tmp_path: Path) -> None:
    tccli(tmp_path, "prod", '{"secretId": "prod-id", "secretKey": "prod-key", "token": "t"}')
    found = find_credentials(ENVIRONMENT, home=tmp_path, profile="prod")
    assert (found.secret_id, found.token) == ("prod-id", "t")


@pytest.mark.parametrize("name", ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"])
def test_both_names_of_the_token_are_read(tmp_path: Path, name: str) -> None:
    assert find_credentials({**ENVIRONMENT, name: "t"}, home=tmp_path).token == "t"


def test_the_sdks_file_is_read_last(tmp_path: Path) -> None:
    sdk(tmp_path, '[default]\nsecret_id = "sdk-id"\nsecret_key = "sdk%key"\n')
    found = find_credentials({}, home=tmp_path)
    assert (found.secret_id, found.secret_key) == ("sdk-id", "sdk%key")


@pytest.mark.parametrize(
    ("environment", "files", "message"),
    [
        ({}, {}, "no credentials were found"),
        ({"TENCENTCLOUD_SECRET_ID": "x"}, {}, "TENCENTCLOUD_SECRET_KEY is empty"),
        ({}, {"default.credential": "not json"}, "is not a JSON object"),
        ({}, {"default.credential": "[]"}, "is not a JSON object"),
        ({}, {"default.credential": b"\xff\xfe"}, "is not UTF-8"),
    ],
)
def test_what_is_missing_or_broken_is_named(
    tmp_path: Path, environment: dict[str, str], files: dict[str, str | bytes], message: str
) -> None:
    (tmp_path / ".tccli").mkdir()
    for name, text in files.items():
        content = text if isinstance(text, bytes) else text.encode()
        (tmp_path / ".tccli" / name).write_bytes(content)
    with pytest.raises(CredentialsError, match=message):
        find_credentials(environment, home=tmp_path)


def test_a_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Credentials("id", "hidden", "hidden"))


@pytest.mark.parametrize(
    ("environment", "configure", "profile", "region"),
    [
        ({"TENCENTCLOUD_REGION": "ap-a"}, '{"region": "ap-b"}', "", "ap-a"),
        ({}, '{"region": "ap-b"}', "", "ap-b"),
        ({}, '{"_sys_param": {"region": "ap-c"}}', "", "ap-c"),
        ({"TENCENTCLOUD_REGION": "ap-a"}, '{"region": "ap-b"}', "default", "ap-b"),
        ({}, "{}", "", ""),
    ],
)
def test_the_region_is_found(
    tmp_path: Path, environment: dict[str, str], configure: str, profile: str, region: str
) -> None:
    tccli(tmp_path, "default", "{}", configure)
    assert find_region(environment, home=tmp_path, profile=profile) == region
