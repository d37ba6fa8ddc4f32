"""``create --operation-id --take-over``: an earlier run's machine is lost with its journal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from requests.adapters import BaseAdapter

from cvmimg.cloud import cvm, tag
from cvmimg.cloud.own_tags import COPIED_FROM_TAG, OPERATION_TAG
from cvmimg.durable.actor import Actor
from cvmimg.durable.session import Session
from cvmimg.errors import CredentialsError, PreconditionFailed, TaskFailed, WaitTimeout
from cvmimg.sandbox import NEIGHBOUR
from cvmimg.workflows.create.many import create_many
from cvmimg.workflows.create.operation import CreateResult, create
from cvmimg.workflows.create.request import CreateRequest
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

pytestmark = pytest.mark.system

MUST_STOP, DATA, ONLINE = "ins-old00001", "ins-data0001", "ins-web00001"
NAMED = "ci-7-image"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def session_of(lab: Lab, host: str, adapter: BaseAdapter | None = None) -> Session:
    return replace(lab.session(adapter), actor=Actor(host, "ci"))


def request_for(instance_id: str, **options: Any) -> CreateRequest:
    wanted = {"name": "web-v2", "operation_id": NAMED, **options}
    return CreateRequest(instance_id=instance_id, **wanted)


def lose(lab: Lab, request: CreateRequest, seconds: float = 120) -> None:
    """Run it until its wait ends, and lose the journal."""
    with pytest.raises(WaitTimeout):
        create(session_of(lab, "runner-1"), replace(request, timeout_seconds=seconds))
    shutil.rmtree(lab.state_dir)


def kill_at(lab: Lab, request: CreateRequest, action: str) -> None:
    """Run it until it is about to make a call, and lose the journal."""
    adapter = FaultyAdapter(lab.sandbox.adapter(), CallSite(action, 1), "killed-before")
    with pytest.raises(Killed):
        create(session_of(lab, "runner-1", adapter), request)
    shutil.rmtree(lab.state_dir)


def run_again(lab: Lab, request: CreateRequest) -> CreateResult:
    return create(session_of(lab, "runner-2"), replace(request, take_over=True))


def images(lab: Lab) -> list[str]:
    return [image.image_id for image in lab.images() if image.image_name == "web-v2"]


def require_clean(lab: Lab, instance_id: str) -> None:
    instance = lab.instance(instance_id)
    assert (instance.instance_state, OPERATION_TAG in instance.tag_map) == ("RUNNING", False)
    assert lab.unfinished() == []


@pytest.mark.parametrize(
    ("instance_id", "options"),
    [
        (MUST_STOP, {"stop": True}),
        (DATA, {"fix_fstab": True}),
        (DATA, {"fix_fstab": True, "stop": True}),
    ],
)
def test_the_instance_is_restored_and_the_image_is_the_first_ones(
    lab: Lab, instance_id: str, options: dict[str, Any]
) -> None:
    before = lab.fstab(instance_id)
    request = request_for(instance_id, **options)
    lose(lab, request)
    (requested,) = images(lab)

    result = run_again(lab, request)

    assert result.image is not None
    assert (result.image.image_id, result.image.image_state) == (requested, "NORMAL")
    assert images(lab) == [requested]
    require_clean(lab, instance_id)
    assert lab.fstab(instance_id) == before


@pytest.mark.parametrize("stop", [False, True])
def test_an_image_that_was_not_requested_is_created_now(lab: Lab, stop: bool) -> None:
    before = lab.fstab(DATA)
    request = request_for(DATA, fix_fstab=True, stop=stop)

    kill_at(lab, request, "CreateImage")
    assert lab.fstab(DATA) != before

    result = run_again(lab, request)

    assert result.fstab is not None
    assert result.fstab.lines
    assert len(images(lab)) == 1
    require_clean(lab, DATA)
    assert lab.fstab(DATA) == before


@pytest.mark.parametrize("lost", [False, True])
def test_a_run_that_failed_is_repeated_with_its_fix(lab: Lab, lost: bool) -> None:
    """The guest ignores what comes late of the first run, not what the second one does."""
    before = lab.fstab(DATA)
    request = request_for(DATA, fix_fstab=True)
    lab.sandbox.faults.add("CreateImage:task-fail:times=1")
    with pytest.raises(TaskFailed):
        create(session_of(lab, "runner-1"), request)
    cvm.delete_images(lab.observer_cloud, images(lab))
    lab.clock.sleep(600)
    if lost:
        shutil.rmtree(lab.state_dir)

    result = run_again(lab, request)

    assert result.fstab is not None
    assert result.fstab.lines
    assert lab.fstab(DATA) == before


def test_without_the_users_word_the_instance_is_left_alone(lab: Lab) -> None:
    request = request_for(MUST_STOP, stop=True)
    lose(lab, request)
    tags = lab.instance(MUST_STOP).tag_map

    with pytest.raises(PreconditionFailed) as caught:
        create(session_of(lab, "runner-2"), request)

    assert caught.value.code == "EarlierRunUnfinished"
    assert "runner-1" in str(caught.value.message.params["place"].params)
    assert lab.instance(MUST_STOP).tag_map == tags
    assert lab.instance(MUST_STOP).instance_state == "STOPPED"


def test_another_operation_is_not_taken_over(lab: Lab) -> None:
    lose(lab, request_for(MUST_STOP, stop=True))
    other = request_for(MUST_STOP, stop=True, operation_id="ci-8-image", name="web-v3")

    with pytest.raises(PreconditionFailed) as caught:
        run_again(lab, other)

    assert caught.value.code in ("InstanceUsedElsewhere", "ChecksFailed")
    assert lab.instance(MUST_STOP).instance_state == "STOPPED"


def test_the_rest_of_the_request_is_carried_out(lab: Lab) -> None:
    regions = ("ap-beijing", "ap-nanjing")
    request = request_for(MUST_STOP, stop=True, copy_to=regions, share_with=(NEIGHBOUR,))
    lose(lab, request)

    result = run_again(lab, request)

    assert [copy.region for copy in result.copies] == list(regions)
    assert result.shared_with == (NEIGHBOUR,)
    require_clean(lab, MUST_STOP)


def test_copies_that_were_started_are_not_made_again(lab: Lab) -> None:
    regions = ("ap-beijing", "ap-nanjing")
    request = request_for(ONLINE, copy_to=regions)
    lose(lab, request, seconds=900)
    before = copies(lab, regions)
    assert len(before) == 2

    result = run_again(lab, request)

    made = {copy.region: copy.image.image_id for copy in result.copies if copy.image}
    assert made == before == copies(lab, regions)
    for copy in result.copies:
        assert copy.image is not None
        assert copy.image.tag_map[COPIED_FROM_TAG].startswith("ap-guangzhou/img-")


def test_several_instances_are_restored_and_imaged(lab: Lab) -> None:
    requests = [
        request_for(one, stop=True, fix_fstab=True, name=f"{one}-v2", operation_id=f"{NAMED}-{one}")
        for one in (MUST_STOP, DATA)
    ]
    first = [replace(one, timeout_seconds=120) for one in requests]
    outcomes = create_many(session_of(lab, "runner-1"), first)
    assert all(isinstance(one.error, WaitTimeout) for one in outcomes)
    shutil.rmtree(lab.state_dir)

    again = [replace(one, take_over=True) for one in requests]
    outcomes = create_many(session_of(lab, "runner-2"), again)

    assert [one.error for one in outcomes] == [None, None]
    for one in (MUST_STOP, DATA):
        require_clean(lab, one)
        assert len([image for image in lab.images() if image.image_name == f"{one}-v2"]) == 1


def test_what_an_earlier_run_left_and_cannot_be_restored_is_an_error_of_its_instance(
    lab: Lab,
) -> None:
    request = request_for(ONLINE, verify=True)
    kill_at(lab, request, "TerminateInstances")
    lab.sandbox.faults.add("TerminateInstances:error=UnauthorizedOperation")

    again = [replace(request, take_over=True)]
    (outcome,) = create_many(session_of(lab, "runner-2"), again)

    assert outcome.instance_id == ONLINE
    assert isinstance(outcome.error, CredentialsError)


def test_a_probe_of_the_earlier_run_is_terminated(lab: Lab) -> None:
    before = set(lab.states())
    request = request_for(ONLINE, verify=True)
    kill_at(lab, request, "TerminateInstances")
    assert set(lab.states()) - before

    result = run_again(lab, request)

    assert result.verification is not None
    assert set(lab.states()) == before


def test_a_restoration_that_is_interrupted_is_continued_by_the_same_command(lab: Lab) -> None:
    request = request_for(MUST_STOP, stop=True)
    lose(lab, request)
    with pytest.raises(WaitTimeout):
        run_again(lab, replace(request, timeout_seconds=60))
    assert len(lab.unfinished()) == 1

    result = run_again(lab, request)

    assert result.image is not None
    require_clean(lab, MUST_STOP)


def test_an_instance_that_was_stopped_before_stays_so(lab: Lab) -> None:
    request = request_for("ins-stop0001")
    lose(lab, request)

    result = run_again(lab, request)

    assert result.image is not None
    assert lab.instance("ins-stop0001").instance_state == "STOPPED"


def test_what_the_tag_does_not_show_the_guest_does(lab: Lab) -> None:
    before = lab.fstab(DATA)
    request = request_for(DATA, fix_fstab=True)
    lose(lab, request)
    resource = tag.instance_resource("ap-guangzhou", "", DATA)
    tag.untag_resource(lab.observer_cloud, resource, [OPERATION_TAG])

    run_again(lab, request)

    require_clean(lab, DATA)
    assert lab.fstab(DATA) == before


def copies(lab: Lab, regions: tuple[str, ...]) -> dict[str, str]:
    """The ids of the copies, by region."""
    return {
        region: image.image_id
        for region in regions
        for image in cvm.describe_images(
            lab.observer_cloud.in_region(region), image_type=cvm.PRIVATE
        )
        if image.image_name == "web-v2"
    }
