"""The check and the fix against the simulated cloud, through the agent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.checks.facts import CheckRequest
from cvmimg.checks.fstab import FstabCheck
from cvmimg.checks.gather import gather
from cvmimg.checks.result import CheckResult
from cvmimg.cloud import cvm, tat
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.fix import FixPlan
from cvmimg.guest.read import read_guest as look_at
from cvmimg.guest.tat import AgentAccess
from tests.support.lab import Lab


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab() as one:
        yield one


def look(lab: Lab, instance_id: str) -> tuple[FstabCheck, CheckResult]:
    cloud = lab.session().cloud
    facts = gather(cloud, CheckRequest(instance_id=instance_id, name="x"))
    check = FstabCheck(AgentAccess(cloud, instance_id))
    return check, check.check(facts)


@pytest.mark.parametrize(
    ("instance_id", "status", "words"),
    [
        ("ins-web00001", "pass", "no line"),
        ("ins-data0001", "fail", "1 line of /etc/fstab would keep"),
        ("ins-nofl0001", "warn", "deserves a look"),
        ("ins-old00001", "pass", "no line"),
        ("ins-priv0001", "pass", "no line"),
        ("ins-locl0001", "pass", "no line"),
        ("ins-stop0001", "warn", "cannot be seen"),
        ("ins-noat0001", "fail", "cannot be seen"),
        ("ins-win00001", "skip", "not applicable"),
    ],
)
def test_each_instance_of_the_demonstration(
    lab: Lab, instance_id: str, status: str, words: str
) -> None:
    _, result = look(lab, instance_id)
    assert (result.status.value, words in result.summary) == (status, True), result


def test_the_data_disk_is_named(lab: Lab) -> None:
    _, result = look(lab, "ins-data0001")
    assert "→ /dev/vdb1 → disk-data0001 (200 GiB): lies on a data disk" in result.detail


def test_without_an_agent_the_ways_on_are_told(lab: Lab) -> None:
    _, result = look(lab, "ins-noat0001")
    for way in ("tat_agent", "--guest ssh", "--fstab-file", "--skip-check fstab"):
        assert way in result.remedy


def test_the_fix_leaves_no_trace_through_a_restart(lab: Lab) -> None:
    instance_id = "ins-data0001"
    check, _ = look(lab, instance_id)
    original = lab.fstab(instance_id)
    planned = check.plan_fix("op-20261123-abc123")
    assert planned is not None
    plan = FixPlan.from_json(planned)
    cloud = lab.session().cloud
    access = AgentAccess(cloud, instance_id)
    fix.apply_fix(access, plan)
    assert look(lab, instance_id)[1].status.value == "pass"
    cvm.stop_instances(cloud, [instance_id])
    lab.clock.sleep(60)
    cvm.start_instances(cloud, [instance_id])
    lab.clock.sleep(60)
    assert fix.restore(access, plan).state == "restored"
    assert lab.fstab(instance_id) == original
    assert fix.remount(access, plan).missing == ()
    folder = lab.sandbox.guests.root(instance_id) / "etc"
    assert not [path for path in folder.iterdir() if "cvmimg" in path.name]


def test_an_image_holds_the_file_as_it_was_when_the_image_was_made(lab: Lab) -> None:
    instance_id = "ins-data0001"
    check, _ = look(lab, instance_id)
    planned = check.plan_fix("op-20261123-image1")
    assert planned is not None
    plan = FixPlan.from_json(planned)
    cloud = lab.session().cloud
    access = AgentAccess(cloud, instance_id)
    bad, _ = _launched(lab, "unfixed")
    fix.apply_fix(access, plan)
    good, fstab = _launched(lab, "fixed")
    assert fix.restore(access, plan).state == "restored"
    assert "# cvmimg: UUID=" in fstab
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
    seen = look_at(AgentAccess(cloud, instance_id))
    return instance_id, (seen.fstab or b"").decode() if isinstance(seen, GuestFacts) else ""
