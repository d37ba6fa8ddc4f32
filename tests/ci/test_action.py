"""The GitHub Action: inputs become arguments, and the result becomes outputs and a summary."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.ci.conftest import Served
from tests.ci.runner import CVMIMG, Runner, action

pytestmark = pytest.mark.system

CREATE = {"command": "create", "instance": "ins-web00001", "name": "web-v2"}


def test_an_image_becomes_outputs_and_a_summary(runner: Runner) -> None:
    step = runner.run(**CREATE, family="web", tag="team=shop\nstage=test")

    assert step.code == 0
    outputs = step.outputs
    assert outputs.pop("image-id").startswith("img-")
    assert outputs.pop("operation-id").startswith("gh-4711-image-")
    assert outputs == {
        "image-name": "web-v2",
        "instance-ids": "",
        "failed-checks": "",
        "failure-reason": "",
        "exit-code": "0",
    }
    for part in ("| web-v2 | NORMAL |", "| instance | pass |", "| creating image web-v2 | done |"):
        assert part in step.summary
    assert "Cost: " in step.summary
    assert runner.post(step).log == []


def test_a_re_run_of_the_job_returns_the_same_image(runner: Runner) -> None:
    first = runner.run(**CREATE)
    second = runner.run(**CREATE)
    assert second.outputs["image-id"] == first.outputs["image-id"]


def test_two_steps_that_are_alike_launch_twice(runner: Runner, served: Served) -> None:
    before = served.instances()
    for step_id in ("first", "second"):
        runner.variables["GITHUB_ACTION"] = step_id
        assert runner.run(command="launch", image="web-v1").code == 0
    assert len(served.instances() - before) == 2


def test_instances_are_launched(runner: Runner, served: Served) -> None:
    before = served.instances()
    step = runner.run(command="launch", image="web-v1", count="2", name="web-{R:1}")

    assert step.code == 0
    launched = step.outputs["instance-ids"].split(",")
    assert set(launched) == served.instances() - before
    assert step.outputs["image-id"] == "img-webv1000"
    assert "CNY/hour" in step.summary


def test_failed_checks_are_outputs_and_annotations(runner: Runner) -> None:
    step = runner.run(command="create", instance="ins-data0001", name="web-v2")

    assert step.code == 3
    assert step.outputs["failed-checks"] == "fstab"
    assert step.outputs["failure-reason"] == "checks-failed"
    assert step.outputs["image-id"] == ""
    titles = [line.split("::")[1] for line in step.commands("error")]
    assert titles == [
        "error title=cvmimg check fstab",
        "error title=cvmimg create%3A checks-failed",
    ]
    assert "| fstab | fail |" in step.summary
    assert runner.post(step).log == []


@pytest.mark.parametrize(
    ("inputs", "variables", "reason"),
    [
        ({"instance": "ins-none0000"}, {}, "not-found"),
        ({"timeout": "1s"}, {}, "timed-out"),
        ({}, {"TENCENTCLOUD_SECRET_KEY": "wrong"}, "credentials"),
        ({"endpoint": "http://127.0.0.1:9"}, {}, "unreachable"),
        ({"timeout": "soon"}, {}, "usage"),
        ({"copy_to": "ap-nowhere"}, {}, "precondition-failed"),
    ],
)
def test_a_failure_has_a_reason(
    runner: Runner,
    inputs: dict[str, str],
    variables: dict[str, str],
    reason: str,
) -> None:
    runner.variables |= variables
    step = runner.run(**{**CREATE, **inputs})
    assert step.outputs["failure-reason"] == reason
    assert step.outputs["exit-code"] == str(step.code)
    assert any(reason in line for line in step.commands("error"))


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        ("CreateImage:task-fail", 6, "task-failed"),
        ("CreateImage:error=InvalidParameterValue", 1, "failed"),
    ],
)
def test_an_image_that_fails_has_a_reason(
    runner: Runner, served: Served, fault: str, code: int, reason: str
) -> None:
    served.sandbox.faults.add(fault)
    step = runner.run(**CREATE, skip_check="dry-run")
    assert (step.code, step.outputs["failure-reason"]) == (code, reason)


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        ({"command": "destroy"}, "command"),
        ({**CREATE, "count": "3"}, "count"),
        ({"command": "launch", "image": "web-v1", "fix-fstab": "true"}, "fix-fstab"),
    ],
)
def test_an_input_that_the_command_does_not_have_is_an_error(
    runner: Runner, inputs: dict[str, str], named: str
) -> None:
    step = runner.run(**inputs)
    assert (step.code, step.outputs["failure-reason"]) == (2, "usage")
    assert named in step.commands("error")[0]


def test_a_value_is_one_argument_whatever_it_holds(runner: Runner) -> None:
    step = runner.run(**{**CREATE, "name": "-o id; $(touch x) `y`"})
    assert step.code == 0
    assert step.outputs["image-name"] == "-o id; $(touch x) `y`"


def test_a_name_from_the_cloud_is_no_command_to_the_runner(runner: Runner, served: Served) -> None:
    name = "::set-output name=image-id::img-x ##[add-mask]a"
    served.call("cvm", "ModifyInstancesAttribute", InstanceIds=["ins-web00001"], InstanceName=name)
    step = runner.run(command="launch", image="web-v1", like="ins-web00001", name=name[:50])
    assert step.code == 0
    assert not [line for line in step.log if "##[" in line]
    assert not [line for line in step.log if line.strip().startswith("::set-output")]


def test_a_dry_run_leaves_nothing_to_a_post_step(runner: Runner, served: Served) -> None:
    step = runner.run(**CREATE, dry_run="true")
    assert step.code == 0
    assert step.outputs["image-id"] == ""
    assert "operation-id" not in step.state
    assert served.images("web-v2") == []


def test_the_installed_program_works_against_a_sandbox_in_a_process_of_its_own(
    tmp_path: Path,
) -> None:
    server = subprocess.Popen(
        [CVMIMG, "sandbox", "serve", "--speed", "300", "--state", tmp_path / "sandbox"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        exports = [server.stdout.readline().split()[1].split("=", 1) for _ in range(4)]
        runner = Runner(tmp_path / "runner", dict(exports))
        step = runner.run(**CREATE, cvmimg_path=str(CVMIMG))
        assert (step.code, step.outputs["image-name"]) == (0, "web-v2")
    finally:
        server.terminate()
        server.communicate()


def test_a_step_that_is_cancelled_while_it_installs_has_changed_nothing(
    runner: Runner, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho installing\nexec sleep 60\n")
    python.chmod(0o755)
    step = runner.begin(**CREATE, python=str(python), cvmimg_path="")
    step.until("installing")
    step.interrupt()

    assert (step.code, step.outputs["failure-reason"]) == (130, "interrupted")
    assert runner.post(step).log == []


def test_every_output_is_declared() -> None:
    declared = set(action()["outputs"])
    assert declared == {
        "image-id",
        "image-name",
        "instance-ids",
        "operation-id",
        "failed-checks",
        "failure-reason",
        "exit-code",
    }
