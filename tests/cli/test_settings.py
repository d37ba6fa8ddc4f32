"""Where options come from: a flag beats an environment variable beats a profile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cvmimg.cli.settings import Invocation, Rank, Settings
from cvmimg.errors import UsageError
from tests.cli.conftest import Run

Write = Callable[[str], None]


@pytest.mark.usefixtures("sandbox")
def test_a_flag_beats_the_environment_which_beats_the_profile(
    cvmimg: Run, environment: pytest.MonkeyPatch, config: Write
) -> None:
    config('[profiles.default]\nregion = "ap-shanghai"\noutput = "id"')

    by_profile = cvmimg("list").out
    environment.setenv("CVMIMG_REGION", "ap-tokyo")
    by_environment = cvmimg("list").out
    by_flag = cvmimg("list", "--region", "ap-guangzhou").out

    assert len(by_profile.splitlines()) == 10
    assert by_environment == ""
    assert by_flag == "img-webv1000\nimg-basev001\n"


@pytest.mark.usefixtures("sandbox")
def test_a_profile_is_named_by_flag_or_environment(
    cvmimg: Run, environment: pytest.MonkeyPatch, config: Write
) -> None:
    config('[profiles.a]\noutput = "id"\n[profiles.b]\noutput = "csv"')

    environment.setenv("CVMIMG_PROFILE", "a")

    assert cvmimg("list").out.startswith("img-webv1000\n")
    assert cvmimg("list", "--profile", "b").out.startswith("id,name,")


@pytest.mark.usefixtures("sandbox")
def test_a_profile_holds_options_of_commands(cvmimg: Run, config: Write) -> None:
    config('[profiles.default.list]\nname = "base-*"\noutput = "id"')
    refused = cvmimg("list")
    config('[profiles.default.list]\nname = "base-*"\ntag = ["team=web"]')

    assert refused.code == 2
    assert "unknown option 'output'" in refused.err
    assert cvmimg("list", "-o", "id").out == ""
    assert cvmimg("list", "-o", "id", "--name", "web-*", "--tag", "team=shop").out != ""


@pytest.mark.usefixtures("sandbox")
def test_a_profiles_value_is_checked_like_a_flags(cvmimg: Run, config: Write) -> None:
    config('[profiles.default.wait]\ntimeout = "soon"')

    outcome = cvmimg("wait", "web-v1")

    assert outcome.code == 2
    assert "'soon' is not a duration" in outcome.err


def test_a_command_that_does_not_exist_is_refused_in_a_profile(cvmimg: Run, config: Write) -> None:
    config("[profiles.default.lst]\nname = 1")

    outcome = cvmimg("list", "--sandbox")

    assert outcome.code == 2
    assert "unknown command 'lst'" in outcome.err


def test_a_profiles_output_counts_for_errors_too(cvmimg: Run, config: Write) -> None:
    config('[profiles.default]\noutput = "json"\nsandbox = true')

    assert cvmimg("show", "nothing").error["exit_code"] == 4


@pytest.mark.parametrize(
    ("given", "sandbox", "endpoint"),
    [
        ({"sandbox": Rank.FLAG, "endpoint": Rank.ENVIRONMENT}, True, ""),
        ({"sandbox": Rank.ENVIRONMENT, "endpoint": Rank.FLAG}, False, "u"),
    ],
)
def test_of_sandbox_and_endpoint_the_one_that_was_said_louder_counts(
    given: dict[str, Rank], sandbox: bool, endpoint: str
) -> None:
    invocation = Invocation()
    invocation.note("sandbox", True, given["sandbox"])
    invocation.note("endpoint", "u", given["endpoint"])

    assert invocation.settings == Settings(sandbox=sandbox, endpoint=endpoint)


def test_said_alike_they_contradict_each_other() -> None:
    invocation = Invocation()
    invocation.note("sandbox", True, Rank.FLAG)
    invocation.note("endpoint", "u", Rank.FLAG)

    with pytest.raises(UsageError) as caught:
        _ = invocation.settings
    assert caught.value.code == "SandboxAndEndpoint"


@pytest.mark.parametrize(
    ("value", "code"), [("1", 0), ("true", 0), ("0", 5), ("false", 5), ("", 5)]
)
def test_a_switch_in_the_environment_says_yes_or_no(
    cvmimg: Run, environment: pytest.MonkeyPatch, value: str, code: int
) -> None:
    environment.setenv("CVMIMG_SANDBOX", value)

    assert cvmimg("list", "--region", "ap-guangzhou").code == code


def test_a_switch_in_the_environment_that_says_neither_is_refused(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("CVMIMG_SANDBOX", "maybe")

    outcome = cvmimg("list")

    assert outcome.code == 2
    assert "CVMIMG_SANDBOX" in outcome.err


def test_no_beats_a_profiles_yes(
    cvmimg: Run, environment: pytest.MonkeyPatch, config: Write
) -> None:
    config("[profiles.default]\nsandbox = true")
    environment.setenv("CVMIMG_SANDBOX", "0")

    assert cvmimg("list", "--region", "ap-guangzhou").code == 5


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("given", "state"), [("true", "CREATING"), ("false", "NORMAL")])
def test_a_profiles_switch_that_negates_means_what_its_flag_means(
    cvmimg: Run, config: Write, given: str, state: str
) -> None:
    config(f"[profiles.default.create]\nno-wait = {given}")

    made = cvmimg("create", "--instance", "ins-web00001", "--name", "web-v2", "-o", "json")

    assert made.json["image"]["state"] == state


@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize(("given", "inherited"), [("true", False), ("false", True)])
def test_a_profile_can_leave_out_inherited_tags(
    cvmimg: Run, config: Write, given: str, inherited: bool
) -> None:
    config(f"[profiles.default.launch]\nno-inherit-tags = {given}")

    plan = cvmimg("launch", "--image", "web-v1", "--dry-run", "-o", "json")

    assert ("team" in str(plan.json)) is inherited


@pytest.mark.usefixtures("sandbox")
def test_an_unknown_option_of_a_profile_gets_a_suggestion(cvmimg: Run, config: Write) -> None:
    config("[profiles.default.create]\nwait = false")

    outcome = cvmimg("create", "--instance", "ins-web00001", "--name", "x", "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (2, "ConfigOptionUnknown")
    assert "no_wait" in outcome.error["hint"]
