"""``explain`` knows every error and every check, without any network; ``policy`` every action."""

from __future__ import annotations

import socket

import pytest

from cvmimg.checks.registry import CHECKS
from cvmimg.cli.explanation import explain, known_codes
from cvmimg.cli.messages.catalog import CHECK_RESULTS, EXIT_CODES
from cvmimg.cloud import errors as api
from cvmimg.workflows.permissions import ACTIONS, ROLE_ACTIONS
from cvmimg.workflows.probes import REQUESTS
from make_docs import action_list
from tests.cli.conftest import Run

API_CODES = [*api.THROTTLED, *api.SERVER_TROUBLE, *api.BUSY, *api.MFA, *api._HINTS]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("explain asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("code", known_codes())
def test_every_error_and_every_result_of_a_check_is_explained(code: str) -> None:
    found = explain(code.upper())

    assert found.code == code
    assert found.says
    assert found.meaning
    assert "{" not in found.says.replace("{R:1}", "").replace("{date", "").replace("{instance", "")
    assert (found.exit_code is None) == (code not in EXIT_CODES)


@pytest.mark.parametrize("check", [check.id for check in CHECKS])
def test_every_check_is_explained_with_its_results(check: str) -> None:
    found = explain(check)

    assert found.kind == "check"
    assert found.says
    assert found.results == list(CHECK_RESULTS[check])
    assert f"--skip-check {check}" in found.remedy[0]


@pytest.mark.parametrize("code", API_CODES)
def test_the_codes_of_the_api_that_matter_are_explained(code: str) -> None:
    found = explain(code)

    assert found.exit_code == api.from_api(code, "", "", action="").exit_code
    assert found.remedy


def test_any_other_code_of_the_api_is_recognized(cvmimg: Run) -> None:
    outcome = cvmimg("explain", "InvalidZone.MismatchRegion", "-o", "json")

    assert outcome.code == 0
    assert outcome.json["kind"] == "api-error"
    assert outcome.json["exit_code"] == 1


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("list", "CredentialsMissing"),
        ("list --sort nosuch", "InvalidArgument"),
        ("--sandbox show nosuch", "NotFound"),
        ("create --instance ins-web00001 --name x --stop --online", "StopWithOnline"),
        ("create --instance ins-web00001 --name x --fix-fstab --no-restart", "FixWithoutRestart"),
        ("create --snapshot snap-00000001 --name x --with-data-disks", "SnapshotsWithDataDisks"),
    ],
)
def test_an_error_of_a_command_is_explained_by_its_code(
    cvmimg: Run, command: str, code: str
) -> None:
    error = cvmimg(*command.split(), "-o", "json").error
    assert error["code"] == code

    outcome = cvmimg("explain", error["code"], "-o", "json")

    assert outcome.json["exit_code"] == error["exit_code"]


def test_a_code_that_does_not_exist_gets_a_suggestion(cvmimg: Run) -> None:
    outcome = cvmimg("explain", "NameTakn", "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (2, "CodeUnknown")
    assert "NameTaken" in outcome.error["hint"]


def test_the_table_of_actions_has_all_actions_that_the_source_calls() -> None:
    of_source = {line.strip("- `") for line in action_list()}

    assert set().union(*ACTIONS.values()) | ROLE_ACTIONS == of_source


def test_every_action_has_a_harmless_call() -> None:
    assert set(REQUESTS) == set().union(*ACTIONS.values())


def test_the_policy_of_some_commands_is_smaller_than_that_of_all(cvmimg: Run) -> None:
    listing, everything = cvmimg("policy", "ls"), cvmimg("policy")

    (some,), (every,) = listing.json["statement"], everything.json["statement"]
    assert some["action"] == sorted(ACTIONS["list"])
    assert set(some["action"]) < set(every["action"])
    assert "cvm:CreateImage" not in some["action"]


def test_a_command_that_asks_nothing_needs_no_policy(cvmimg: Run) -> None:
    assert cvmimg("policy", "explain").json["statement"][0]["action"] == []


def test_an_unknown_command_has_no_policy(cvmimg: Run) -> None:
    assert cvmimg("policy", "creat").code == 2
