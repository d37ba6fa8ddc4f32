"""Credentials are found where the SDKs, tccli, Terraform and CI systems keep them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cvmimg.cloud.client import CredentialsProvider
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.find_credentials import Places, find_credentials, find_profile, find_region
from cvmimg.cloud.temporary_credentials import TemporaryCredentials
from cvmimg.errors import CredentialsError
from tests.support.api import ScriptedApi, scripted_cloud

KEYS = {"TENCENTCLOUD_SECRET_ID": "env-id", "TENCENTCLOUD_SECRET_KEY": "env-key"}
ROLE = "qcs::cam::uin/100000000001:roleName/builder"
ASSUMED = {
    "Credentials": {"TmpSecretId": "tmp-id", "TmpSecretKey": "tmp-key", "Token": "tmp-token"},
    "ExpiredTime": 1_800_000_000,
}


def places(folder: Path, **environment: str) -> Places:
    return Places(environment, folder / "home", folder / "etc")


def tccli(folder: Path, profile: str, **credential: Any) -> Path:
    path = folder / "home" / ".tccli" / f"{profile}.credential"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(credential))
    return path


def sdk(folder: Path, text: str, *, system: bool = False) -> None:
    home = folder / "etc" / "tencentcloud" if system else folder / "home" / ".tencentcloud"
    home.mkdir(parents=True)
    (home / "credentials").write_text(text)


def secret_id(provider: CredentialsProvider | None) -> str:
    assert isinstance(provider, Credentials)
    return provider.secret_id


def code_of(folder: Path, **environment: str) -> str:
    with pytest.raises(CredentialsError) as caught:
        find_credentials(places(folder, **environment))
    return caught.value.code


def test_the_environment_comes_before_files(tmp_path: Path) -> None:
    tccli(tmp_path, "default", secretId="file-id", secretKey="file-key")
    assert secret_id(find_credentials(places(tmp_path, **KEYS))) == "env-id"
    assert secret_id(find_credentials(places(tmp_path))) == "file-id"


@pytest.mark.parametrize("name", ["TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN"])
def test_both_names_of_the_token_are_read(tmp_path: Path, name: str) -> None:
    found = find_credentials(places(tmp_path, **KEYS, **{name: "t"}))
    assert isinstance(found, Credentials)
    assert found.token == "t"


def test_the_sdks_files_are_read_last(tmp_path: Path) -> None:
    sdk(tmp_path, "[default]\nsecret_id = all-id\nsecret_key = key\n", system=True)
    assert secret_id(find_credentials(places(tmp_path))) == "all-id"
    sdk(tmp_path, '[default]\nsecret_id = "own-id"\nsecret_key = "own%key"\n')
    found = find_credentials(places(tmp_path))
    assert isinstance(found, Credentials)
    assert (found.secret_id, found.secret_key) == ("own-id", "own%key")


@pytest.mark.parametrize("variable", ["TENCENTCLOUD_PROFILE", "TCCLI_PROFILE"])
def test_a_profile_may_be_named_by_the_environment(tmp_path: Path, variable: str) -> None:
    tccli(tmp_path, "default", secretId="default-id", secretKey="k")
    tccli(tmp_path, "work", secretId="work-id", secretKey="k")
    assert secret_id(find_credentials(places(tmp_path, **{variable: "work"}))) == "work-id"
    assert code_of(tmp_path, **{variable: "wrok"}) == "ProfileCredentialsMissing"


def test_terraforms_folder_of_profiles_is_read(tmp_path: Path) -> None:
    tccli(tmp_path, "default", secretId="there-id", secretKey="k")
    folder = str(tmp_path / "home" / ".tccli")
    found = Places({"TENCENTCLOUD_SHARED_CREDENTIALS_DIR": folder}, tmp_path / "elsewhere")
    assert secret_id(find_credentials(found)) == "there-id"


def test_an_unknown_profile_is_read_as_none(tmp_path: Path) -> None:
    tccli(tmp_path, "empty", secretId="None", secretKey="None")  # as tccli writes it
    assert find_profile(places(tmp_path), "empty") is None
    assert find_profile(places(tmp_path), "other") is None


@pytest.mark.parametrize(
    ("environment", "code"),
    [
        ({}, "CredentialsMissing"),
        ({"TENCENTCLOUD_SECRET_ID": "x"}, "CredentialsIncomplete"),
        ({"TENCENTCLOUD_SECRET_KEY": "x"}, "CredentialsIncomplete"),
        ({"TKE_PROVIDER_ID": "x"}, "CredentialsIncomplete"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, environment: dict[str, str], code: str) -> None:
    assert code_of(tmp_path, **environment) == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not json", "CredentialsFileInvalid"),
        (b"[]", "CredentialsFileInvalid"),
        (b"[" * 100_000, "CredentialsFileInvalid"),
        (b"\xff\xfe", "CredentialsFileInvalid"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    tccli(tmp_path, "default").write_bytes(content)
    assert code_of(tmp_path) == code


def test_a_broken_ini_file_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    sdk(tmp_path, "secret_id = without a section\n")
    assert code_of(tmp_path) == "CredentialsFileInvalid"
    (tmp_path / "home" / ".tccli" / "default.credential").mkdir(parents=True)
    assert code_of(tmp_path) == "CredentialsFileUnreadable"


def test_a_secret_is_not_shown() -> None:
    assert "hidden" not in repr(Credentials("id", "hidden", "hidden"))


@pytest.mark.parametrize(
    "where", ["environment", "environment, Terraform's name", "tccli", "SDK file"]
)
def test_keys_with_a_role_only_assume_it(tmp_path: Path, api: ScriptedApi, where: str) -> None:
    environment = {}
    if where == "tccli":
        tccli(
            tmp_path,
            "default",
            secretId="plain-id",
            secretKey="k",
            **{"role-arn": ROLE, "role-session-name": "ci"},
        )
    elif where == "SDK file":
        sdk(tmp_path, f"[default]\nsecret_id=a\nsecret_key=b\nrole_arn={ROLE}\n")
    else:
        name = "ASSUME_ROLE_ARN" if "Terraform" in where else "ROLE_ARN"
        environment = {**KEYS, f"TENCENTCLOUD_{name}": ROLE}
    api.answers("AssumeRole", **ASSUMED)

    found = find_credentials(places(tmp_path, **environment)).current(scripted_cloud())

    assert (found.secret_id, found.secret_key, found.token) == ("tmp-id", "tmp-key", "tmp-token")
    (request,) = api.sent("AssumeRole")
    assert request["RoleArn"] == ROLE
    assert request["RoleSessionName"] == ("ci" if where == "tccli" else "cvmimg")


def test_a_role_without_keys_is_an_error(tmp_path: Path) -> None:
    tccli(tmp_path, "default", **{"role-arn": ROLE})
    assert code_of(tmp_path) == "RoleWithoutKeys"


@pytest.mark.parametrize(
    "environment",
    [
        {"TENCENTCLOUD_CAM_ROLE_NAME": "builder"},
        {"TKE_PROVIDER_ID": "oidc", "TKE_ROLE_ARN": ROLE},
        {"TENCENTCLOUD_PROVIDER_ID": "oidc", "TENCENTCLOUD_ROLE_ARN": ROLE},
    ],
)
def test_an_identity_in_the_environment_comes_before_files(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    tccli(tmp_path, "default", secretId="file-id", secretKey="file-key")
    found = find_credentials(places(tmp_path, **environment))
    assert isinstance(found, TemporaryCredentials)


@pytest.mark.parametrize("kind", ["cvm-role", "oauth", "sso"])
def test_tcclis_other_kinds_of_profiles_are_temporary(tmp_path: Path, kind: str) -> None:
    tccli(tmp_path, "default", type=kind, secretId="x", secretKey="y", expiresAt=1)
    assert isinstance(find_credentials(places(tmp_path)), TemporaryCredentials)


@pytest.mark.parametrize("kind", ["future", ["oauth"], {"oauth": 1}, 5])
def test_an_unknown_kind_of_a_profile_is_one_of_keys(tmp_path: Path, kind: object) -> None:
    tccli(tmp_path, "default", type=kind, secretId="x", secretKey="y")
    assert isinstance(find_credentials(places(tmp_path)), Credentials)


@pytest.mark.parametrize(("kind", "command"), [("oauth", "auth login"), ("sso", "sso login")])
def test_a_login_is_read_again_and_its_end_names_the_command(
    tmp_path: Path, kind: str, command: str
) -> None:
    cloud = scripted_cloud()
    now = cloud.clock.now()
    tccli(tmp_path, "work", type=kind, secretId="a", secretKey="b", expiresAt=now + 60)
    found = find_profile(places(tmp_path), "work")
    assert found is not None
    assert found.current(cloud).secret_id == "a"

    tccli(tmp_path, "work", type=kind, secretId="renewed", secretKey="b", expiresAt=now + 9999)
    assert found.current(cloud).secret_id == "renewed"

    cloud.clock.sleep(10_000)
    with pytest.raises(CredentialsError) as caught:
        found.current(cloud)
    assert caught.value.code == "LoginExpired"
    assert caught.value.message.params["command"] == f"tccli {command} --profile work"


@pytest.mark.parametrize(
    ("environment", "configure", "profile", "region"),
    [
        ({"TENCENTCLOUD_REGION": "ap-a"}, {"region": "ap-b"}, "", "ap-a"),
        ({"TKE_REGION": "ap-a"}, {"region": "ap-b"}, "", "ap-a"),
        ({}, {"region": "ap-b"}, "", "ap-b"),
        ({}, {"_sys_param": {"region": "ap-c"}}, "", "ap-c"),
        ({"TENCENTCLOUD_REGION": "ap-a"}, {"region": "ap-b"}, "default", "ap-b"),
        ({}, {}, "", ""),
    ],
)
def test_the_region_is_found(
    tmp_path: Path,
    environment: dict[str, str],
    configure: dict[str, Any],
    profile: str,
    region: str,
) -> None:
    folder = tmp_path / "home" / ".tccli"
    folder.mkdir(parents=True)
    (folder / "default.configure").write_text(json.dumps(configure))
    assert find_region(places(tmp_path, **environment), profile).name == region
