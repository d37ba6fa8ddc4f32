"""A job that is interrupted at any stage leaves no stopped server, no edited fstab and no tag."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cvmimg.sandbox import NEIGHBOUR
from tests.ci.conftest import Served, new_runner, served_sandbox
from tests.ci.runner import Runner

pytestmark = pytest.mark.system

INSTANCE = "ins-data0001"
CREATE = {
    "command": "create",
    "instance": INSTANCE,
    "name": "web-v2",
    "stop": "true",
    "fix-fstab": "true",
    "verify": "true",
}
STAGES = (
    "check",
    "tag",
    "fstab",
    "stop",
    "request",
    "image",
    "start",
    "restore",
    "probe",
    "boot-probe",
    "terminate-probe",
)


@pytest.mark.parametrize("loses_state", [False, True], ids=["journal kept", "journal lost"])
def test_a_step_that_is_cancelled_at_any_stage_is_rolled_back(
    tmp_path: Path, loses_state: bool
) -> None:
    """All stages at once, each in a world of its own: most of the time is waiting."""

    def cancel_at(stage: str) -> None:
        with served_sandbox() as served, new_runner(served, tmp_path / stage) as runner:
            before = State(served)
            step = runner.begin(**CREATE)
            step.until(f"[{stage}]")
            step.cancel()
            if loses_state:
                runner.lose_state()
            post = runner.post(step)
            assert post.code == 0, (stage, step.log, post.log)
            before.assert_restored()

    with ThreadPoolExecutor(len(STAGES)) as pool:
        list(pool.map(cancel_at, STAGES))


def test_a_step_is_finished_where_the_job_wants_that(runner: Runner, served: Served) -> None:
    before = State(served)
    step = runner.begin(**CREATE, restore="finish")
    step.until("[image]")
    step.kill()
    post = runner.post(step)

    assert post.code == 0, post.log
    before.assert_restored()
    (image,) = served.images("web-v2")
    assert image["ImageState"] == "NORMAL"
    assert "was finished" in post.summary
    assert len(post.commands("group")) == 1


def test_without_a_wait_the_operation_is_finished_at_the_end_of_the_job(
    runner: Runner, served: Served
) -> None:
    before = State(served)
    step = runner.run(**{**CREATE, "verify": "false"}, no_wait="true")
    assert step.code == 0
    assert served.instance(INSTANCE)["InstanceState"] == "STOPPED"
    post = runner.post(step)

    assert post.code == 0, post.log
    before.assert_restored()
    (image,) = served.images("web-v2")
    assert image["ImageState"] == "NORMAL"


def test_several_operations_are_rolled_back(runner: Runner, served: Served) -> None:
    before = State(served)
    several = {"instance": f"{INSTANCE}\nins-old00001", "name": "{instance_id}-v2"}
    step = runner.begin(**{**CREATE, **several})
    step.until("[image")
    step.kill()
    runner.lose_state()
    post = runner.post(step)

    assert post.code == 0, post.log
    before.assert_restored()
    other = served.instance("ins-old00001")
    assert (other["InstanceState"], other["Tags"]) == ("RUNNING", [])


def test_a_machine_that_is_taken_away_is_made_up_for_by_another(
    runner: Runner, served: Served, tmp_path: Path
) -> None:
    """No post step runs; the next job, such as a scheduled one, restores what was left."""
    before = State(served)
    step = runner.begin(**CREATE)
    step.until("[image]")
    step.kill()

    other = Runner(tmp_path / "other", served.variables)
    words = ("resume", step.state["operation-id"], "--from-cloud", "--take-over", "--undo")
    assert other.cvmimg(*words) == 0
    before.assert_restored()


@pytest.mark.parametrize("stage", ["fstab", "image", "boot-probe"])
def test_a_second_attempt_on_another_machine_continues_the_first(
    runner: Runner, served: Served, tmp_path: Path, stage: str
) -> None:
    before = State(served)
    inputs = {**CREATE, "copy_to": "ap-beijing", "share_with": NEIGHBOUR}
    runner.begin(**inputs).kill_at(f"[{stage}]")

    with new_runner(served, tmp_path / "other") as other:
        other.variables["GITHUB_RUN_ATTEMPT"] = "2"
        step = other.run(**inputs)
        post = other.post(step)

    assert (step.code, post.log) == (0, []), step.log
    before.assert_restored()
    (image,) = served.images("web-v2")
    assert image["ImageState"] == "NORMAL"
    assert step.outputs["image-id"] == image["ImageId"]
    assert step.outputs["image-name"] == "web-v2"
    assert step.outputs["operation-id"].startswith("gh-4711-image-")
    assert "| launching a probe" in step.summary
    (copy,) = served.images("web-v2", "ap-beijing")
    assert copy["ImageState"] == "NORMAL"


def test_a_second_attempt_continues_the_images_of_several_instances(
    runner: Runner, served: Served, tmp_path: Path
) -> None:
    before = State(served)
    several = {"instance": f"{INSTANCE}\nins-old00001", "name": "{instance_id}-v2", "verify": ""}
    runner.begin(**{**CREATE, **several}).kill_at("[image")

    with new_runner(served, tmp_path / "other") as other:
        other.variables["GITHUB_RUN_ATTEMPT"] = "2"
        step = other.run(**{**CREATE, **several})

    assert step.code == 0, step.log
    before.assert_restored()
    assert served.instance("ins-old00001")["InstanceState"] == "RUNNING"
    images = [served.images(f"{one}-v2") for one in (INSTANCE, "ins-old00001")]
    assert [len(found) for found in images] == [1, 1]
    assert step.outputs["image-id"] == ",".join(found[0]["ImageId"] for found in images)


def test_a_second_attempt_that_is_cancelled_is_rolled_back(
    runner: Runner, served: Served, tmp_path: Path
) -> None:
    before = State(served)
    runner.begin(**CREATE).kill_at("[image]")

    with new_runner(served, tmp_path / "other") as other:
        other.variables["GITHUB_RUN_ATTEMPT"] = "2"
        step = other.begin(**CREATE)
        step.until("[image]")
        step.cancel()
        post = other.post(step)

    assert post.code == 0, post.log
    before.assert_restored()


def test_a_step_that_is_only_interrupted_restores_by_itself(runner: Runner, served: Served) -> None:
    before = State(served)
    step = runner.begin(**CREATE)
    step.until("[stop]")
    step.interrupt()

    assert (step.code, step.outputs["failure-reason"]) == (130, "interrupted")
    before.assert_restored()
    assert runner.post(step).code == 0


def test_never_leaves_it_to_the_user(runner: Runner, served: Served) -> None:
    step = runner.begin(**CREATE, restore="never")
    step.until("[image]")
    step.kill()
    post = runner.post(step)

    assert post.code == 0
    assert served.instance(INSTANCE)["InstanceState"] == "STOPPED"
    (warning,) = post.commands("warning")
    assert f"cvmimg resume {step.state['operation-id']} --from-cloud" in warning


@pytest.mark.parametrize("loses_state", [False, True], ids=["journal kept", "journal lost"])
def test_a_launch_that_is_cancelled_names_what_it_leaves(
    runner: Runner, served: Served, loses_state: bool
) -> None:
    before = served.instances()
    step = runner.begin(command="launch", image="web-v1", count="2")
    step.kill_at("[boot]")
    if loses_state:
        runner.lose_state()
    post = runner.post(step)

    assert post.code == 0, post.log
    launched = served.instances() - before
    assert len(launched) == 2
    assert all(each in post.summary for each in launched)
    assert post.commands("warning")


def test_a_second_attempt_of_a_launch_takes_the_instances_of_the_first(
    runner: Runner, served: Served, tmp_path: Path
) -> None:
    before = served.instances()
    runner.begin(command="launch", image="web-v1", count="2").kill_at("[boot]")

    with new_runner(served, tmp_path / "other") as other:
        other.variables["GITHUB_RUN_ATTEMPT"] = "2"
        step = other.run(command="launch", image="web-v1", count="2")

    assert step.code == 0, step.log
    assert len(served.instances() - before) == 2
    assert set(step.outputs["instance-ids"].split(",")) == served.instances() - before


class State:
    """What must be as before, whatever happens to the job."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._fstab = served.fstab(INSTANCE)
        self._instances = served.instances()
        self._tags = served.instance(INSTANCE)["Tags"]

    def assert_restored(self) -> None:
        """Assert that the server runs as before and nothing temporary is left."""
        instance = self._served.instance(INSTANCE)
        assert instance["InstanceState"] == "RUNNING"
        assert self._served.fstab(INSTANCE) == self._fstab
        assert self._served.backups(INSTANCE) == []
        assert self._served.instances() == self._instances
        assert instance["Tags"] == self._tags
