"""The check and the fix against the simulated cloud, through the agent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.checks import fstab
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.gather import gather
from cvmimg.checks.result import CheckResult
from cvmimg.cloud import cvm, tat
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.fix import FixPlan, RestoreOutcome
from cvmimg.guest.read import read_guest
from cvmimg.guest.tat import AgentAccess
from cvmimg.message import Message
from tests.support.lab import Lab

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as one:
        yield one


def checked(lab: Lab, instance_id: str) -> tuple[Facts, CheckResult]:
    facts = gather(lab.session().cloud, CheckRequest(instance_id=instance_id, name="x"))
    return facts, fstab.check(facts)


def planned(lab: Lab, operation_id: str) -> FixPlan:
    facts, _ = checked(lab, "ins-data0001")
    plan = fstab.plan_fix(facts, operation_id)
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    ("instance_id", "status", "code"),
    [
        ("ins-web00001", "pass", "FstabReady"),
        ("ins-data0001", "fail", "FstabBlocksBoot"),
        ("ins-nofl0001", "warn", "FstabWarnings"),
        ("ins-old00001", "pass", "FstabReady"),
        ("ins-priv0001", "pass", "FstabReady"),
        ("ins-locl0001", "pass", "FstabReady"),
        ("ins-stop0001", "warn", "FstabUnreadableWithoutDataDisks"),
        ("ins-noat0001", "fail", "FstabUnreadable"),
        ("ins-win00001", "skip", "NoFstabOnWindows"),
    ],
)
def test_each_instance_of_the_demonstration(
    lab: Lab, instance_id: str, status: str, code: str
) -> None:
    _, result = checked(lab, instance_id)
    assert (result.status.value, result.code) == (status, code)


def test_the_data_disk_is_named(lab: Lab) -> None:
    _, result = checked(lab, "ins-data0001")
    chain = result.details[0].params["entry"].params["chain"]
    assert chain[1:] == [["/dev/vdb1"], [Message("disk", disk="disk-data0001", gib=200)]]


def test_without_an_agent_the_alternatives_are_named(lab: Lab) -> None:
    _, result = checked(lab, "ins-noat0001")
    codes = [remedy.code for remedy in result.remedies if remedy.code != "Command"]
    assert codes == ["guest.install-agent", "guest.use-ssh", "fstab.give-copy", "fstab.skip"]


def test_the_fix_leaves_no_trace_through_a_restart(lab: Lab) -> None:
    instance_id = "ins-data0001"
    original = lab.fstab(instance_id)
    plan = planned(lab, "op-20261123-abc123")
    cloud = lab.session().cloud
    access = AgentAccess(cloud, instance_id)
    fix.apply_fix(access, plan)
    assert checked(lab, instance_id)[1].status.value == "pass"
    cvm.stop_instances(cloud, [instance_id])
    lab.clock.sleep(60)
    cvm.start_instances(cloud, [instance_id])
    lab.clock.sleep(60)
    assert fix.restore(access, plan) == RestoreOutcome("restored")
    assert lab.fstab(instance_id) == original
    folder = lab.sandbox.guests.root(instance_id) / "etc"
    assert not [path for path in folder.iterdir() if "cvmimg" in path.name]


def test_an_image_holds_the_file_as_it_was_when_the_image_was_made(lab: Lab) -> None:
    instance_id = "ins-data0001"
    plan = planned(lab, "op-20261123-image1")
    cloud = lab.session().cloud
    access = AgentAccess(cloud, instance_id)
    bad, _ = _launched(lab, "unfixed")
    fix.apply_fix(access, plan)
    good, content = _launched(lab, "fixed")
    assert fix.restore(access, plan).state == "restored"
    assert "# cvmimg: UUID=" in content
    agents = tat.describe_automation_agent_status(cloud, [bad, good])
    assert {agent.instance_id: agent.agent_status for agent in agents} == {
        bad: "Offline",  # it hangs at boot
        good: "Online",
    }


def _launched(lab: Lab, name: str) -> tuple[str, str]:
    """An instance started from an image made just now, and its fstab."""
    cloud = lab.session().cloud
    image_id = cvm.create_image(cloud, {"InstanceId": "ins-data0001", "ImageName": name})
    lab.clock.sleep(3600)
    source = lab.instance("ins-data0001")
    request = {
        "ImageId": image_id,
        "Placement": {"Zone": source.placement.zone},
        "InstanceType": source.instance_type,
        "EnhancedService": {"AutomationService": {"Enabled": True}},
    }
    (instance_id,) = cvm.run_instances(cloud, request)
    lab.clock.sleep(3600)
    seen = read_guest(AgentAccess(cloud, instance_id))
    return instance_id, (seen.fstab or b"").decode() if isinstance(seen, GuestFacts) else ""
