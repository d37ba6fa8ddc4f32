"""Which credentials and which hosts a command uses."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

Write = Callable[[str], None]


@pytest.fixture(autouse=True)
def keys(environment: pytest.MonkeyPatch) -> None:
    """Keys of another account in the environment."""
    environment.setenv("TENCENTCLOUD_SECRET_ID", "AKIDother")
    environment.setenv("TENCENTCLOUD_SECRET_KEY", "other-key")
    environment.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")


def test_credentials_that_a_profile_names_are_never_replaced_by_others(
    cvmimg: Run, config: Write
) -> None:
    config('[profiles.default]\ncredentials = "work"')

    outcome = cvmimg("list", "-o", "json")

    assert outcome.code == 5
    assert outcome.error["code"] == "ProfileCredentialsMissing"
    assert "cvmimg configure --profile work" in outcome.error["hint"]


def test_a_profile_without_credentials_uses_those_of_the_environment(
    cvmimg: Run, config: Write
) -> None:
    config('[profiles.prod]\nregion = "ap-shanghai"')

    outcome = cvmimg("list", "--profile", "prod", "--endpoint", "http://127.0.0.1:1", "-o", "json")

    assert outcome.error["code"] == "Unreachable"


def test_an_expired_login_says_how_to_log_in(cvmimg: Run, tmp_path: Path) -> None:
    folder = tmp_path / ".tccli"
    folder.mkdir()
    login = {"type": "oauth", "secretId": "a", "secretKey": "b", "expiresAt": 1}
    (folder / "work.credential").write_text(json.dumps(login))

    outcome = cvmimg("list", "--profile", "work", "-o", "json")

    assert outcome.code == 5
    assert outcome.error["code"] == "LoginExpired"
    assert outcome.error["hint"] == "log in again: tccli auth login --profile work"


def test_a_config_file_that_was_named_has_to_exist(
    cvmimg: Run, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("CVMIMG_CONFIG", str(tmp_path / "missing.toml"))

    outcome = cvmimg("list", "-o", "json")

    assert outcome.code == 2
    assert outcome.error["code"] == "ConfigNotFound"


@pytest.mark.parametrize(
    ("domain", "code"), [("not a domain", "DomainInvalid"), ("internal", "Unreachable")]
)
def test_a_profile_may_name_the_domain_of_the_services(
    cvmimg: Run, config: Write, environment: pytest.MonkeyPatch, domain: str, code: str
) -> None:
    config(f'[profiles.default]\ndomain = "{domain}"')
    environment.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # nothing leaves this machine

    outcome = cvmimg("list", "-o", "json")

    assert outcome.error["code"] == code
    assert domain in outcome.error["message"]


def test_no_secret_is_ever_printed(cvmimg: Run) -> None:
    outcome = cvmimg("list", "-vv", "--endpoint", "http://127.0.0.1:1")

    assert outcome.code == 8
    assert os.environ["TENCENTCLOUD_SECRET_KEY"] not in outcome.out + outcome.err
