"""From a broken setup to the answer by ``doctor`` alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cvmimg.cli.session import open_sandbox
from cvmimg.cli.settings import Invocation
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.sandbox import Sandbox
from cvmimg.workflows.doctor import Diagnosis, examine
from tests.cli.conftest import Outcome, Run
from tests.support.clock import FakeClock

Write = Callable[[str], None]


@pytest.fixture
def served(environment: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Sandbox]:
    """A served sandbox with credentials in the environment."""
    with open_sandbox(Invocation(clock=clock)) as sandbox:
        secret_id, secret_key = sandbox.credentials()
        environment.setenv("CVMIMG_ENDPOINT", sandbox.serve().url)
        environment.setenv("TENCENTCLOUD_SECRET_ID", secret_id)
        environment.setenv("TENCENTCLOUD_SECRET_KEY", secret_key)
        environment.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
        yield sandbox


def findings(outcome: Outcome) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in outcome.json["checks"]}


def bad(outcome: Outcome) -> dict[str, str]:
    """The findings that are not in order, with their codes."""
    return {
        name: each["code"]
        for name, each in findings(outcome).items()
        if each["status"] not in ("pass", "skip")
    }


@pytest.mark.usefixtures("served")
def test_a_setup_that_works(cvmimg: Run) -> None:
    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == 0
    assert outcome.json["passed"] is True
    assert outcome.json["policy"] is None
    assert bad(outcome) == {}
    found = findings(outcome)
    assert found["credentials"]["params"]["source"] == "environment"
    assert found["region"]["params"] == {"region": "ap-guangzhou", "source": "TENCENTCLOUD_REGION"}
    assert found["account"]["params"]["arn"].startswith("qcs::cam::uin/")
    assert found["permissions"]["params"]["count"] > 25


@pytest.mark.usefixtures("sandbox")
def test_the_sandbox_needs_nothing(cvmimg: Run) -> None:
    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == 0
    assert bad(outcome) == {}


def test_without_anything(cvmimg: Run) -> None:
    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == 5
    assert bad(outcome) == {"credentials": "CredentialsMissing", "region": "RegionMissing"}
    assert outcome.error["code"] == "ProblemsFound"
    assert "cvmimg configure" in findings(outcome)["credentials"]["remedy"]


def test_a_broken_config_file(cvmimg: Run, config: Write) -> None:
    config("[profiles")

    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == 2
    assert bad(outcome) == {"config": "ConfigNotToml"}


@pytest.mark.parametrize(
    ("variable", "value", "found"),
    [
        ("TENCENTCLOUD_SECRET_ID", "AKIDnobody", {"account": "ApiRefused"}),
        ("TENCENTCLOUD_SECRET_KEY", "wrong", {"account": "ApiRefused"}),
        ("TENCENTCLOUD_TOKEN", "expired", {"account": "ApiRefused"}),
        ("TENCENTCLOUD_REGION", "ap-guangzou", {"regions": "RegionUnknown"}),
        ("TENCENTCLOUD_REGION", "guangzhou", {"region": "RegionInvalid"}),
        ("CVMIMG_ENDPOINT", "http://127.0.0.1:1", {"connection": "Unreachable"}),
        ("CVMIMG_ENDPOINT", "http://example.com", {"endpoint": "EndpointInsecure"}),
        ("CVMIMG_PROFILE", "wrok", {"credentials": "ProfileNotFound"}),
    ],
)
@pytest.mark.usefixtures("served")
def test_one_thing_that_is_wrong_is_named(
    cvmimg: Run, environment: pytest.MonkeyPatch, variable: str, value: str, found: dict[str, str]
) -> None:
    environment.setenv(variable, value)

    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == outcome.error["exit_code"] != 0
    (name,) = found
    assert bad(outcome)[name] == found[name]
    assert findings(outcome)[name]["remedy"]


@pytest.mark.parametrize(("skew", "code"), [(900, "ClockBehind"), (-900, "ClockAhead")])
def test_a_clock_that_is_wrong_is_named_with_the_difference(
    cvmimg: Run, served: Sandbox, skew: int, code: str
) -> None:
    served.faults.add(f"*:clock-skew={skew}")

    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == 5
    assert bad(outcome)["clock"] == code
    assert abs(findings(outcome)["clock"]["params"]["seconds"] - 900) <= 2


@pytest.mark.parametrize(
    ("skew", "status", "code"),
    [(0, "pass", "doctor.clock-right"), (-120, "warn", "ClockAhead"), (120, "warn", "ClockBehind")],
)
def test_a_clock_that_is_not_yet_wrong_enough_is_a_warning(
    clock: FakeClock, skew: int, status: str, code: str
) -> None:
    with Sandbox(clock=clock.now, faults=[f"*:clock-skew={skew}"]) as sandbox:
        cloud = Cloud.connect(
            Credentials(*sandbox.credentials()),
            "ap-guangzhou",
            adapter=sandbox.adapter(),
            clock=clock,
        )
        diagnosis = Diagnosis()
        examine(cloud, ["list"], diagnosis, simulated=False)

    (found,) = (each for each in diagnosis.findings if each.id == "clock")
    assert (found.status.value, found.code) == (status, code)


def test_missing_permissions_come_with_the_policy_to_paste(cvmimg: Run, served: Sandbox) -> None:
    served.faults.add("DeleteImages:error=UnauthorizedOperation:dry-run")
    served.faults.add("RunCommand:error=UnauthorizedOperation")

    outcome, table = cvmimg("doctor", "-o", "json"), cvmimg("doctor")

    assert outcome.code == table.code == 5
    assert bad(outcome) == {"permissions": "PermissionsMissing"}
    (statement,) = outcome.json["policy"]["statement"]
    assert statement["action"] == ["cvm:DeleteImages", "tat:RunCommand"]
    pasted = table.out[table.out.index("{\n") :]
    assert json.loads(pasted) == outcome.json["policy"]


def test_the_permissions_of_some_commands_alone(cvmimg: Run, served: Sandbox) -> None:
    served.faults.add("DeleteImages:error=UnauthorizedOperation:dry-run")

    assert cvmimg("doctor", "list", "quota").code == 0
    assert cvmimg("doctor", "rm").code == 5


def test_a_service_that_fails_leaves_the_permission_unknown(cvmimg: Run, served: Sandbox) -> None:
    served.faults.add("DeleteImages:error=InternalError:dry-run")

    outcome = cvmimg("doctor", "-o", "json")

    assert outcome.code == 0
    assert bad(outcome) == {"permissions": "PermissionsUnknown"}


def test_credentials_that_may_not_ask_for_their_account(cvmimg: Run, served: Sandbox) -> None:
    served.faults.add("GetCallerIdentity:error=UnauthorizedOperation")

    outcome = cvmimg("doctor", "list", "-o", "json")

    assert outcome.code == 0
    assert bad(outcome) == {"account": "AccountNotKnown"}


def test_nothing_is_changed(cvmimg: Run, served: Sandbox) -> None:
    del served
    before = [cvmimg(*line.split(), "-o", "json").json for line in ("list", "instances")]

    cvmimg("doctor")

    assert [cvmimg(*line.split(), "-o", "json").json for line in ("list", "instances")] == before


@pytest.mark.usefixtures("sandbox")
def test_unfinished_operations_are_noted(cvmimg: Run) -> None:
    cvmimg("create", "ins-old00001", "--name", "x", "--stop", "--no-wait")

    outcome = cvmimg("doctor", "-o", "json")

    assert bad(outcome) == {"state": "unfinished.several"}


def test_the_report_has_no_secret_and_no_account(
    cvmimg: Run, served: Sandbox, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("HTTPS_PROXY", "http://me:word@proxy.example.com:3128")
    secret_id, secret_key = served.credentials()

    outcome = cvmimg("doctor", "--report")

    assert outcome.code == 0
    for hidden in (secret_id, secret_key, "100000000001", "me:word", str(tmp_path)):
        assert hidden not in outcome.out
    for shown in ("tencentcloud-sdk-python-common", "pass  account", "HTTPS_PROXY", "region"):
        assert shown in outcome.out
