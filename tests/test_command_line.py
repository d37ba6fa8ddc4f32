"""Commands to paste: another command at the same cloud, and the user's own with more options."""

from __future__ import annotations

import pytest

from cvmimg.command_line import CommandLine

CREATE = "create --instance ins-web00001 --name web-v2 --tag team=web --no-restart"


def of(line: str, **flags: str | bool) -> CommandLine:
    return CommandLine.of(line.split(), flags)


@pytest.mark.parametrize(
    ("flags", "program"),
    [
        ({}, "cvmimg"),
        ({"sandbox": True}, "cvmimg --sandbox"),
        ({"sandbox": False, "region": "ap-shanghai"}, "cvmimg --region ap-shanghai"),
        (
            {"profile": "prod", "endpoint": "http://127.0.0.1:80"},
            "cvmimg --profile prod --endpoint http://127.0.0.1:80",
        ),
    ],
)
def test_another_command_uses_the_same_cloud(flags: dict[str, str | bool], program: str) -> None:
    assert of("list", **flags).command("resume", "op-1") == f"{program} resume op-1"


@pytest.mark.parametrize(
    "given",
    [
        f"--sandbox --region ap-shanghai {CREATE}",
        f"{CREATE} --region ap-shanghai --sandbox",
        f"--region=ap-guangzhou {CREATE} --sandbox --region=ap-shanghai",
    ],
)
def test_a_repeated_command_keeps_everything_the_user_gave(given: str) -> None:
    line = of(given, sandbox=True, region="ap-shanghai")

    assert line.repeat("--stop") == f"cvmimg --region ap-shanghai --sandbox {CREATE} --stop"


def test_a_repeated_command_is_quoted_for_a_shell() -> None:
    line = CommandLine.of(["create", "--name", "a b; rm -rf ~"], {})

    assert line.repeat("--stop") == "cvmimg create --name 'a b; rm -rf ~' --stop"


def test_an_option_is_not_added_twice() -> None:
    line = of("create --skip-check fstab --stop")

    assert line.repeat("--stop") == "cvmimg create --skip-check fstab --stop"
    assert line.repeat("--skip-check", "name").endswith(
        "--skip-check fstab --stop --skip-check name"
    )


def test_a_flag_can_be_left_out() -> None:
    assert of("create --online --name x").repeat("--stop", without=["--online"]) == (
        "cvmimg create --name x --stop"
    )


def test_options_are_added_before_a_double_dash() -> None:
    assert of("delete -- --sandbox").repeat("--force") == "cvmimg delete --force -- --sandbox"
