"""Launching instances, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cvmimg.cloud import cvm
from cvmimg.cloud.models import Instance
from cvmimg.durable.session import Session
from cvmimg.errors import CloudRefused, NotFound, PreconditionFailed, UsageError
from cvmimg.message import Message
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.operation import DataSource, LaunchFailed, LaunchResult, launch
from cvmimg.workflows.launch.plan import LaunchPlan, plan_launch
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.settings import LaunchSettings, Origin
from cvmimg.workflows.snapshot.plan import plan_snapshots
from tests.support.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


def plan(session: Session, image: str = "web-v1", count: int = 3, **more: Any) -> LaunchPlan:
    request = LaunchRequest(image, count, **more)
    return plan_launch(session.cloud, request, find_image(session.cloud, image))


def start(session: Session, planned: LaunchPlan, **more: Any) -> LaunchResult:
    return launch(session, planned, timeout_seconds=600, **more)


def test_instances_are_like_the_one_that_the_image_remembers(lab: Lab, session: Session) -> None:
    result = start(session, plan(session))
    source = lab.instance("ins-web00001")
    assert len(result.instances) == 3
    for instance in result.instances:
        assert instance.instance_state == "RUNNING"
        assert instance.image_id == "img-webv1000"
        assert instance.instance_type == source.instance_type
        assert instance.placement.zone == source.placement.zone
        assert instance.virtual_private_cloud == source.virtual_private_cloud
        assert instance.security_group_ids == source.security_group_ids
        assert instance.login_settings.key_ids == source.login_settings.key_ids
        assert instance.system_disk.disk_size == source.system_disk.disk_size
        assert instance.tag_map == source.tag_map
    names = [instance.instance_name for instance in result.instances]
    assert source.instance_name == "web-1"
    assert names == ["web-2", "web-3", "web-4"]
    assert lab.unfinished() == []


def test_what_is_given_comes_before_like_before_profile_before_source(session: Session) -> None:
    planned = plan(
        session,
        like="ins-old00001",
        settings=LaunchSettings(name="mine", tags={"given": "yes"}),
        profile=LaunchSettings(type="S5.LARGE8", hostname="from-profile"),
    )
    origins = {each.name: each.origin for each in planned.settings}
    assert planned.request["InstanceName"] == "mine"
    assert planned.request["InstanceType"] == "S2.MEDIUM4" or origins["type"] is Origin.LIKE
    assert (origins["name"], origins["tags"]) == (Origin.GIVEN, Origin.GIVEN)
    assert (origins["type"], origins["hostname"]) == (Origin.LIKE, Origin.PROFILE)


def test_the_plan_has_the_price_and_starts_nothing(lab: Lab, session: Session) -> None:
    before = lab.states()
    planned = plan(session)
    assert planned.quote.price is not None
    assert planned.quote.price.instance_price.unit_price
    assert (planned.quote.instances, planned.quote.currency) == (3, "CNY")
    assert lab.states() == before


def test_without_a_zone_the_plan_asks_for_one(session: Session) -> None:
    with pytest.raises(UsageError, match="ZoneMissing"):
        plan(session, image="base-v1")


def test_a_subnet_is_not_taken_from_another_zone(session: Session) -> None:
    zones = ("ap-guangzhou-3", "ap-guangzhou-6", "ap-guangzhou-7")
    source_zone = cvm.describe_instance(session.cloud, "ins-web00001").placement.zone
    other = next(zone for zone in zones if zone != source_zone)
    with pytest.raises(UsageError, match="SubnetMissing"):
        plan(session, settings=LaunchSettings(zone=other))


def test_given_keys_replace_the_images_own_login(lab: Lab, session: Session) -> None:
    profile = LaunchSettings(keep_login=True)
    other = lab.instance("ins-old00001").login_settings.key_ids[0]
    by_key = plan(session, profile=profile, settings=LaunchSettings(keys=(other,)))
    kept = plan(session, settings=LaunchSettings(keep_login=True))
    assert by_key.request["LoginSettings"] == {"KeyIds": [other]}
    assert kept.request["LoginSettings"] == {"KeepImageLogin": "TRUE"}


def test_a_spot_price_needs_its_charge_type(session: Session) -> None:
    settings = LaunchSettings(spot_price="0.1", charge_type="POSTPAID_BY_HOUR")
    with pytest.raises(UsageError, match="SpotPriceWithoutSpot"):
        plan(session, settings=settings)


def test_an_image_in_progress_is_not_launched(lab: Lab, session: Session) -> None:
    cvm.create_image(session.cloud, {"InstanceId": "ins-web00001", "ImageName": "new"})
    lab.clock.sleep(30)
    with pytest.raises(PreconditionFailed) as caught:
        plan(session, image="new")
    assert caught.value.code == "ImageNotReady"


def test_an_unknown_instance_to_be_like_is_named(session: Session) -> None:
    with pytest.raises(NotFound, match="ins-none0001"):
        plan(session, like="ins-none0001")


def test_what_the_api_refuses_is_refused_before_the_launch(lab: Lab, session: Session) -> None:
    before = lab.states()
    with pytest.raises(CloudRefused):
        plan(session, settings=LaunchSettings(hostname="not a host name!"))
    assert lab.states() == before


def test_a_failed_launch_names_the_reason_and_keeps_the_result(lab: Lab, session: Session) -> None:
    planned = plan(session)
    lab.sandbox.faults.add("RunInstances:task-fail")
    with pytest.raises(LaunchFailed) as caught:
        start(session, planned)
    assert len(caught.value.result.instances) == 3
    assert caught.value.exit_code == 6
    assert lab.unfinished() == []


def test_an_instance_that_vanishes_has_failed_and_the_others_are_kept(
    lab: Lab, session: Session
) -> None:
    planned = plan(session, count=1)
    lab.sandbox.configure(failed_instance_seconds=0)
    lab.sandbox.faults.add("RunInstances:task-fail")
    with pytest.raises(LaunchFailed) as caught:
        start(session, planned)
    (gone,) = caught.value.result.instances
    assert gone.instance_id not in lab.states()
    assert (gone.instance_state, caught.value.exit_code) == ("LAUNCH_FAILED", 6)
    (reason,) = caught.value.message.params["reasons"]
    assert reason.params["instance"] == gone.instance_id
    assert reason.params["reason"] == Message("RemovedAfterLaunch")
    assert lab.unfinished() == []


def test_one_of_several_instances_vanishes(lab: Lab, session: Session) -> None:
    planned, lost = plan(session, count=3), list[str]()
    run, describe = cvm.run_instances, cvm.describe_instances

    def run_instances(*arguments: Any) -> list[str]:
        launched = run(*arguments)
        lost.append(launched[1])
        return launched

    def describe_instances(*arguments: Any, **wanted: Any) -> list[Instance]:
        if set(wanted.get("instance_ids") or ()) & set(lost):
            raise NotFound(Message("ApiRefused", action="DescribeInstances", text="no"))
        return describe(*arguments, **wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cvm, "run_instances", run_instances)
        patch.setattr(cvm, "describe_instances", describe_instances)
        with pytest.raises(LaunchFailed) as caught:
            start(session, planned)
    states = [instance.instance_state for instance in caught.value.result.instances]
    assert states == ["RUNNING", "LAUNCH_FAILED", "RUNNING"]
    assert caught.value.message.params["running"] == 2


def test_a_lost_answer_starts_nothing_twice(lab: Lab, session: Session) -> None:
    planned, before = plan(session), len(lab.instances())
    lab.sandbox.faults.add("RunInstances:cut-after:times=1")
    result = start(session, planned)
    assert len(lab.instances()) - before == len(result.instances) == 3


def test_without_waiting_the_ids_come_back_at_once(session: Session) -> None:
    result = start(session, plan(session), wait=False)
    assert [instance.instance_state for instance in result.instances] == ["PENDING"] * 3


def test_new_instances_get_the_data_of_another(lab: Lab, session: Session) -> None:
    source = DataSource.from_plan(plan_snapshots(session.cloud, "ins-data0001"))
    request = source.as_planned(LaunchRequest("web-v1", 3))
    planned = plan_launch(session.cloud, request, find_image(session.cloud, "web-v1"))
    result = launch(session, planned, timeout_seconds=3600, data_from=source, delete_snapshots=True)
    disks = [disk for instance in result.instances for disk in instance.data_disks]
    assert [disk.disk_size for disk in disks] == [200] * 3
    assert len({disk.snapshot_id for disk in disks}) == 1
    assert lab.orphans() == set()
