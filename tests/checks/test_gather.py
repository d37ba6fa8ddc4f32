"""Gathering the facts: what is asked, what is not, and what a refusal means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from cvmimg.checks.facts import CheckRequest
from cvmimg.checks.gather import gather
from cvmimg.checks.registry import CHECKS, GROUPS, WINDOWS
from cvmimg.checks.result import Status
from cvmimg.cloud import cvm
from cvmimg.command_line import CommandLine
from cvmimg.durable.deadline import Deadline
from cvmimg.errors import CredentialsError, CvmimgError
from cvmimg.guest.access import AGENT, AccessMethod
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable
from cvmimg.workflows.check import check
from cvmimg.workflows.create.request import CreateRequest
from tests.support.api import ScriptedApi, scripted_cloud
from tests.support.lab import Lab

pytestmark = pytest.mark.system

INSTANCE = {
    "InstanceId": "ins-web00001",
    "InstanceState": "RUNNING",
    "ImageId": "img-public01",
    "SystemDisk": {"DiskId": "disk-sys00001", "DiskType": "CLOUD_BSSD", "DiskSize": 50},
    "DataDisks": [{"DiskId": "disk-data0001", "DiskType": "CLOUD_SSD", "DiskSize": 200}],
}
REQUEST = CheckRequest(
    instance_id="ins-web00001",
    name="web-v2",
    command_line=CommandLine(("cvmimg", "--profile", "prod")),
)


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        scripted = ScriptedApi(wire)
        scripted.answers("DescribeInstances", TotalCount=1, InstanceSet=[INSTANCE])
        scripted.answers("DescribeImages", TotalCount=0, ImageSet=[])
        scripted.answers("DescribeImageQuota", ImageNumQuota=10)
        scripted.answers("DescribeDisks", TotalCount=0, DiskSet=[])
        scripted.answers("DescribeSnapshots", TotalCount=0, SnapshotSet=[])
        scripted.answers("DescribeSnapshotOverview", TotalSize=1.0, FreeQuota=50.0)
        yield scripted


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as one:
        yield one


@pytest.mark.parametrize("answer", ["plain", "DryRunOperation"])
def test_both_answers_of_a_passing_dry_run_are_understood(api: ScriptedApi, answer: str) -> None:
    if answer == "plain":
        api.answers("CreateImage")
    else:
        api.refuses("CreateImage", answer)
    assert gather(scripted_cloud(), REQUEST, guest=False).refusal is None


def test_a_dry_run_that_makes_an_image_is_an_alarm(api: ScriptedApi) -> None:
    api.answers("CreateImage", ImageId="img-oops0001")
    with pytest.raises(CvmimgError) as caught:
        gather(scripted_cloud(), REQUEST, guest=False)
    error = caught.value
    assert (error.code, error.exit_code) == ("DryRunIgnored", 1)
    assert error.message.params == {"action": "CreateImage", "ids": ["img-oops0001"]}
    assert error.hint.params == {"command": "cvmimg --profile prod delete img-oops0001"}


@pytest.mark.parametrize("power", ["auto", "stop", "online"])
def test_the_dry_run_is_the_request_that_create_sends(api: ScriptedApi, power: str) -> None:
    api.answers("CreateImage")
    wanted = CreateRequest(
        name="web-v2",
        instance_id="ins-web00001",
        description="The web server.",
        family="web",
        tags={"team": "shop"},
        with_data_disks=True,
        sysprep=True,
        stop=power == "stop",
        online=power == "online",
    )
    gather(scripted_cloud(), wanted.check_request("op-1", AGENT, CommandLine()), guest=False)
    (sent,) = api.sent("CreateImage")
    assert sent == {**wanted.api_request("op-1", ("disk-data0001",)), "DryRun": True}
    assert sent["ForcePoweroff"] == "false"
    assert sent["TagSpecification"][0]["Tags"][0] == {"Key": "team", "Value": "shop"}


def test_credentials_that_may_only_read_do_not_end_the_check(api: ScriptedApi) -> None:
    api.refuses("CreateImage", "UnauthorizedOperation.CamNoAuth")
    facts = gather(scripted_cloud(), REQUEST, guest=False)
    assert isinstance(facts.refusal, CredentialsError)


def test_credentials_that_are_wrong_end_the_check(api: ScriptedApi) -> None:
    api.refuses("CreateImage", "AuthFailure.SignatureFailure")
    with pytest.raises(CredentialsError):
        gather(scripted_cloud(), REQUEST, guest=False)


def test_a_quota_that_may_not_be_read_is_unknown(api: ScriptedApi) -> None:
    api.answers("CreateImage")
    api.forget("DescribeImageQuota")
    api.refuses("DescribeImageQuota", "UnauthorizedOperation")
    facts = gather(scripted_cloud(), REQUEST, guest=False)
    assert (facts.quota, facts.replaceable) == (None, [])


def test_without_a_dry_run_nothing_is_sent(api: ScriptedApi) -> None:
    assert gather(scripted_cloud(), REQUEST, dry_run=False, guest=False).refusal is None
    assert api.sent("CreateImage") == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"InstanceState": "STOPPED"}, Reason.STOPPED),
        ({"VirtualPrivateCloud": {}}, Reason.NOT_IN_VPC),
    ],
)
def test_a_guest_that_cannot_be_reached_is_not_tried(
    api: ScriptedApi, changes: dict[str, Any], reason: Reason
) -> None:
    api.forget("DescribeInstances")
    api.answers("DescribeInstances", TotalCount=1, InstanceSet=[{**INSTANCE, **changes}])
    guest = gather(scripted_cloud(), REQUEST, dry_run=False).guest
    assert isinstance(guest, GuestUnreadable)
    assert guest.reason is reason
    assert api.sent("RunCommand") == []


def test_a_copy_of_fstab_replaces_the_guest(api: ScriptedApi) -> None:
    access = AccessMethod(fstab_copy=b"# a copy\n")
    request = CheckRequest(instance_id="ins-web00001", access=access)
    guest = gather(scripted_cloud(), request, dry_run=False).guest
    assert isinstance(guest, GuestFacts)
    assert (guest.fstab, guest.has_devices) == (b"# a copy\n", False)


def test_the_guest_is_read_beside_the_cloud(lab: Lab) -> None:
    guest = gather(lab.session().cloud, REQUEST).guest
    assert isinstance(guest, GuestFacts)
    assert guest.has_devices


@pytest.mark.parametrize(("skip", "read"), [((), True), (("fstab", *GROUPS), False)])
def test_the_guest_is_not_read_for_a_check_that_is_skipped(
    lab: Lab, skip: tuple[str, ...], read: bool
) -> None:
    session = lab.session()
    facts, results = check(session, REQUEST, skip=skip, deadline=Deadline(session.clock, 600))
    assert lab.looked_into("ins-web00001") is read
    assert (facts.guest is not None) is read
    ids = [check.id for check in CHECKS if check.group != WINDOWS]
    assert [result.id for result in results] == ids


def test_a_busy_instance_is_waited_for_and_only_then_read(lab: Lab) -> None:
    session = lab.session()
    request = CheckRequest(instance_id="ins-busy0001", name="x")
    first = gather(session.cloud, request, while_busy=False)
    assert (first.guest, first.refusal) == (None, None)
    assert not lab.looked_into("ins-busy0001")
    facts, results = check(session, request, skip=(), deadline=Deadline(session.clock, 600))
    assert isinstance(facts.guest, GuestFacts)
    assert not [result.id for result in results if result.status is Status.FAIL]


def test_an_instance_that_stays_busy_is_reported(lab: Lab) -> None:
    session = lab.session()
    cvm.stop_instances(session.cloud, ["ins-web00001"])
    deadline = Deadline(session.clock, 1)
    _, results = check(session, REQUEST, skip=(), deadline=deadline)
    assert {result.id for result in results if result.status is Status.FAIL} >= {"instance"}


def test_files_of_a_world_are_seen_by_the_checks() -> None:
    files = {"/.autorelabel": "", "/etc/machine-id": "12" * 16, "/usr/bin/growpart": None}
    instance = {"id": "ins-app00001", "files": files}
    with Lab({"regions": {"ap-guangzhou": {"instances": [instance]}}}) as lab:
        request = CheckRequest(instance_id="ins-app00001", name="web-v2")
        deadline = Deadline(lab.clock, 60)
        _, results = check(lab.session(), request, skip=(), deadline=deadline)
    codes = {result.id: result.code for result in results}
    assert codes["selinux-relabel"] == "RelabelPending"
    assert codes["machine-id"] == "MachineIdShared"
    assert codes["disk-growth"] == "GrowpartMissing"
