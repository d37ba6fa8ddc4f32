"""verify, against the sandbox: what the probes find, and that no probe instance is left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest

from cvmimg import __version__
from cvmimg.checks.result import Status
from cvmimg.cloud import cvm, tag
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import PROBE_TAG
from cvmimg.durable.session import Session
from cvmimg.errors import (
    CredentialsError,
    CvmimgError,
    Interrupted,
    PreconditionFailed,
    UsageError,
)
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.resume import resume, resume_from_cloud
from cvmimg.workflows.verify.operation import verify_image
from cvmimg.workflows.verify.plan import plan_probe
from cvmimg.workflows.verify.request import SKIPPABLE, VerifyRequest
from cvmimg.workflows.verify.verification import VerifyFailed, VerifyResult
from tests.support.call_faults import Killed
from tests.support.faulty import CallSite, FaultyAdapter
from tests.support.lab import Lab

pytestmark = pytest.mark.system

PASS, WARN, FAIL, SKIP = Status.PASS, Status.WARN, Status.FAIL, Status.SKIP

INITRAMFS = "/boot/initrd.img-5.15.0-101-generic"


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def app(**instance: Any) -> Lab:
    """A lab with one instance, ins-app00001."""
    spec = {"id": "ins-app00001", **instance}
    return Lab({"regions": {"ap-guangzhou": {"instances": [spec]}}})


def imaged(lab: Lab, instance_id: str = "ins-app00001", **options: Any) -> Image:
    """A new image of an instance, whatever its checks say."""
    options = {"skip_checks": ("fstab", "boot"), **options}
    result = create(lab.session(), CreateRequest("new-v1", instance_id=instance_id, **options))
    assert result.image is not None
    return result.image


def image_named(lab: Lab, name: str) -> Image:
    return next(image for image in lab.images() if image.image_name == name)


def outcomes(result: VerifyResult) -> dict[str, tuple[Status, str]]:
    return {one.id: (one.result.status, one.result.code) for one in result.probes}


def failure(lab: Lab, image: Image, **options: Any) -> VerifyResult:
    """What a verification that fails found."""
    with pytest.raises(VerifyFailed) as caught:
        verify_image(lab.session(), image, VerifyRequest(**options))
    assert caught.value.exit_code == 6
    return caught.value.result


def probes_left(lab: Lab) -> list[str]:
    return [one.instance_name for one in lab.instances() if "verify" in one.instance_name]


def test_an_image_that_boots_passes_and_is_tagged(lab: Lab) -> None:
    result = verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest())
    assert set(outcomes(result).values()) == {
        (PASS, code)
        for code in (
            "ProbeRunning",
            "ProbeAgentOnline",
            "ProbeBooted",
            "ProbeCloudInitDone",
            "ProbeMounted",
            "ProbeIdentityOwn",
        )
    }
    assert result.passed
    assert result.ready_seconds is not None
    assert 40 <= result.ready_seconds <= 80
    tag = image_named(lab, "web-v1").tag_map["cvmimg-verified"]
    assert tag.endswith(f" cvmimg {__version__}")
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_a_data_disk_in_fstab_keeps_the_image_from_booting(lab: Lab) -> None:
    result = failure(lab, imaged(lab, "ins-data0001"))
    found = outcomes(result)
    assert found["running"] == (PASS, "ProbeRunning")
    assert found["agent"] == (FAIL, "ProbeAgentOffline")
    assert {found[probe] for probe in SKIPPABLE} == {(SKIP, "ProbeNotReached")}
    assert result.ready_seconds is None
    assert any(
        reason.params["check"] == "fstab" and "disk-data0001" in str(reason)
        for reason in result.reasons
    )
    assert "cvmimg-verified" not in image_named(lab, "new-v1").tag_map
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_the_same_with_a_fixed_fstab_passes(lab: Lab) -> None:
    image = imaged(lab, "ins-data0001", fix_fstab=True, skip_checks=())
    assert verify_image(lab.session(), image, VerifyRequest()).passed
    assert "cvmimg-verified" in image_named(lab, "new-v1").tag_map


@pytest.mark.parametrize(
    ("instance", "probe", "found"),
    [
        ({"files": {INITRAMFS: None}}, "agent", (FAIL, "ProbeAgentOffline")),
        (
            {"files": {"/etc/cloud/cloud-init.disabled": ""}},
            "cloud-init",
            (FAIL, "ProbeCloudInitDisabled"),
        ),
        (
            {"files": {"/usr/bin/cloud-init": None}},
            "cloud-init",
            (FAIL, "ProbeCloudInitMissing"),
        ),
        (
            {"files": {"/etc/cloud/cloud.cfg.d/99.cfg": "datasource_list: [ Ec2 ]\n"}},
            "cloud-init",
            (FAIL, "ProbeCloudInitUnfinished"),
        ),
        ({"files": {"/etc/machine-id": "12" * 16}}, "identity", (FAIL, "ProbeIdentityShared")),
        (
            {"data_disks": [{"size": 20, "mount": "/data", "options": "nofail"}]},
            "fstab",
            (WARN, "ProbeNotMountedNofail"),
        ),
    ],
    ids=[
        "no initramfs",
        "cloud-init disabled",
        "cloud-init missing",
        "datasource of another cloud",
        "machine id",
        "nofail",
    ],
)
def test_what_is_wrong_inside_shows(
    instance: dict[str, Any], probe: str, found: tuple[Status, str]
) -> None:
    with app(**instance) as lab:
        image = imaged(lab, fail_on="fail", skip_checks=("fstab", "boot", "identity"))
        if found[0] is FAIL:
            result = failure(lab, image)
        else:
            result = verify_image(lab.session(), image, VerifyRequest())
        assert outcomes(result)[probe] == found
        assert probes_left(lab) == []


def test_a_source_that_cannot_be_read_explains_nothing() -> None:
    with app(files={INITRAMFS: None}) as lab:  # the source does not boot, either
        assert failure(lab, imaged(lab)).reasons == ()


def test_what_is_shared_with_the_source_is_named_and_explained() -> None:
    with app(files={"/etc/machine-id": "12" * 16}) as lab:
        result = failure(lab, imaged(lab))
        (identity,) = result.failed
        assert identity.result.params == {"source": "ins-app00001", "shared": ["machine-id"]}
        assert "machine-id" in {reason.params["check"] for reason in result.reasons}
        skipped = VerifyRequest(skip_probes=("identity",))
        assert verify_image(lab.session(), image_named(lab, "new-v1"), skipped).passed


def test_a_unit_that_fails_on_the_source_too_is_a_warning() -> None:
    # The interpreter is missing in both.
    with app(files={"/usr/bin/cloud-init": "#!/usr/bin/python3.8\n"}) as lab:
        found = outcomes(failure(lab, imaged(lab, skip_checks=("boot", "identity"))))
        assert found["boot"] == (WARN, "ProbeUnitsFailedBefore")
        assert found["cloud-init"] == (FAIL, "ProbeCloudInitErrors")
        skipped = failure(lab, image_named(lab, "new-v1"), skip_probes=("boot",))
        assert outcomes(skipped)["boot"] == (SKIP, "ProbeSkipped")
        assert outcomes(skipped)["cloud-init"] == (FAIL, "ProbeCloudInitErrors")


def test_a_new_failed_unit_is_named(lab: Lab) -> None:
    image = imaged(lab, "ins-web00001")
    with lab.sandbox.store.transaction(write=True) as view:
        document = view.get("image", image.image_id)
        assert document is not None
        broken = {"usr/bin/cloud-init": ["program", "#!/usr/bin/python3.8\n"]}
        guest = {**document["Guest"], "files": {**document["Guest"]["files"], **broken}}
        view.put({**document, "Guest": guest})
    result = failure(lab, image)
    boot = next(one for one in result.probes if one.id == "boot")
    assert (boot.result.status, boot.result.code) == (FAIL, "ProbeUnitsFailed")
    assert boot.result.params["units"] == ["cloud-init.service"]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("test -f /srv/app", (PASS, "ProbeCommandSucceeded")),
        (f"{'test -f /srv/app':12000}", (PASS, "ProbeCommandSucceeded")),
        ("exit 3", (FAIL, "ProbeCommandFailed")),
    ],
)
def test_a_command_is_run_inside(command: str, found: tuple[Status, str]) -> None:
    with app(files={"/srv/app": ""}) as lab:
        request = VerifyRequest(command=command)
        try:
            result = verify_image(lab.session(), imaged(lab), request)
        except VerifyFailed as error:
            result = error.result
        assert outcomes(result)["command"] == found


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ((80, "/health"), (PASS, "ProbeHttpAnswered")),
        ((80, "/other"), (FAIL, "ProbeHttpFailed")),
        ((8080, "/"), (FAIL, "ProbeHttpSilent")),
    ],
)
def test_a_page_is_asked_for_inside(page: tuple[int, str], found: tuple[Status, str]) -> None:
    with app(files={"/srv/http/80/health": "ok"}) as lab:
        request = VerifyRequest(http_port=page[0], http_path=page[1])
        try:
            result = verify_image(lab.session(), imaged(lab), request)
        except VerifyFailed as error:
            result = error.result
        assert outcomes(result)["http"] == found


def test_a_boot_that_takes_long_passes_within_its_time(lab: Lab) -> None:
    lab.sandbox.configure(boot_seconds=200)
    image = image_named(lab, "web-v1")
    assert outcomes(failure(lab, image, timeout_seconds=120))["agent"] == (
        FAIL,
        "ProbeAgentOffline",
    )
    result = verify_image(lab.session(), image, VerifyRequest(timeout_seconds=900))
    assert result.ready_seconds is not None
    assert 400 <= result.ready_seconds <= 500


@pytest.mark.parametrize(
    ("fault", "probe"),
    [("RunInstances:task-fail", "running"), ("RunInstances:boot-fail", "agent")],
)
def test_a_failed_launch_and_a_failed_boot_are_distinguished(
    lab: Lab, fault: str, probe: str
) -> None:
    lab.sandbox.faults.add(fault)
    (failed,) = failure(lab, image_named(lab, "web-v1")).failed
    assert failed.id == probe
    states = {one.instance_state for one in lab.instances() if "verify" in one.instance_name}
    assert states <= {"LAUNCH_FAILED"}


def test_the_probe_is_small_private_and_ends_by_itself(lab: Lab) -> None:
    session, image = lab.session(), image_named(lab, "web-v1")
    source = lab.instance("ins-web00001")
    run = plan_probe(session.cloud, image, VerifyRequest(), "op-1").run
    assert run["InstanceType"] == "S5.SMALL1"
    assert run["Placement"]["Zone"] == source.placement.zone
    assert run["VirtualPrivateCloud"]["SubnetId"] == source.virtual_private_cloud.subnet_id
    assert run["InternetAccessible"]["PublicIpAssigned"] is False
    assert run["InstanceChargeType"] == "POSTPAID_BY_HOUR"
    assert run["LoginSettings"] == {"KeepImageLogin": "TRUE"}
    assert run["ActionTimer"]["TimerAction"] == "TerminateInstances"
    assert run["TagSpecification"][0]["Tags"] == [{"Key": "cvmimg-probe", "Value": "op-1"}]
    assert "CamRoleName" not in run
    assert run["DataDisks"] == []


def test_type_and_network_can_be_chosen(lab: Lab) -> None:
    cloud, image = lab.session().cloud, image_named(lab, "web-v1")
    like = plan_probe(cloud, image, VerifyRequest(like="legacy-1"), "op-1")
    assert like.type == "S5.SMALL2"
    typed = plan_probe(cloud, image, VerifyRequest(type="S5.LARGE8"), "op-1")
    assert typed.type == "S5.LARGE8"
    with pytest.raises(PreconditionFailed) as caught:
        plan_probe(cloud, image, VerifyRequest(type="S9.HUGE"), "op-1")
    assert caught.value.code == "TypeNotOffered"


@pytest.mark.parametrize(("family", "found"), [("SA5.", "SA5.SMALL1"), ("none", "")])
def test_each_family_of_types_is_asked_about_once(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, family: str, found: str
) -> None:
    """An image for ARM is refused by many types that are smaller than the first of its own."""
    asked: list[str] = []

    def supports(_: Any, __: str, instance_type: str) -> bool:
        asked.append(instance_type.partition(".")[0])
        return instance_type.startswith(family)

    monkeypatch.setattr(cvm, "supports_instance_type", supports)
    cloud, image = lab.session().cloud, image_named(lab, "web-v1")
    with nullcontext() if found else pytest.raises(PreconditionFailed, match="NoProbeType"):
        assert plan_probe(cloud, image, VerifyRequest(), "op-1").type == found
    assert len(asked) == len(set(asked)) > 3


SOLD_OUT = "RunInstances:error=ResourcesSoldOut.SpecifiedInstanceType"


@pytest.mark.parametrize(
    "code",
    [
        "ResourceInsufficient.SpecifiedInstanceType",
        "ResourcesSoldOut.SpecifiedInstanceType",
        "ResourceUnavailable.InstanceType",
        "InvalidParameterValue.InvalidImageForGivenInstanceType",
    ],
)
def test_a_type_that_cannot_be_had_is_replaced_by_the_next_one(lab: Lab, code: str) -> None:
    lab.sandbox.faults.add(f"RunInstances:error={code}:times=2")
    assert verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest()).passed
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_where_no_type_can_be_had_the_probe_is_refused_and_nothing_is_left(lab: Lab) -> None:
    lab.sandbox.faults.add(SOLD_OUT)
    with pytest.raises(CvmimgError) as caught:
        verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest())
    assert caught.value.exit_code == 3
    assert (probes_left(lab), lab.unfinished()) == ([], [])


@pytest.mark.parametrize("options", [{"type": "S5.LARGE8"}, {"like": "legacy-1"}])
def test_a_type_that_the_user_chose_is_not_replaced(lab: Lab, options: dict[str, Any]) -> None:
    lab.sandbox.faults.add(f"{SOLD_OUT}:times=1")
    with pytest.raises(CvmimgError) as caught:
        verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest(**options))
    assert caught.value.message.code == "ProbeTypeRefused"
    assert caught.value.message.params["type"].startswith("S5.")
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_another_refusal_is_not_taken_for_a_type_that_is_sold_out(lab: Lab) -> None:
    lab.sandbox.faults.add("RunInstances:error=LimitExceeded.InstanceQuota:times=1")
    with pytest.raises(CvmimgError) as caught:
        verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest())
    assert caught.value.code == "LimitExceeded.InstanceQuota"


def test_without_a_source_any_zone_will_do_and_identity_is_skipped(lab: Lab) -> None:
    result = verify_image(lab.session(), image_named(lab, "base-v1"), VerifyRequest())
    assert outcomes(result)["identity"] == (SKIP, "ProbeSourceUnknown")


def test_the_data_disks_of_the_image_are_mounted(lab: Lab) -> None:
    image = imaged(lab, "ins-data0001", with_data_disks=True, skip_checks=())
    result = verify_image(lab.session(), image, VerifyRequest())
    assert outcomes(result)["fstab"] == (PASS, "ProbeMounted")


def test_windows_is_not_looked_into(lab: Lab) -> None:
    image = imaged(lab, "ins-win00001", skip_checks=())
    result = verify_image(lab.session(), image, VerifyRequest())
    assert {outcomes(result)[probe] for probe in SKIPPABLE} == {(SKIP, "ProbeNotOnWindows")}
    assert result.passed


def test_a_failed_probe_can_be_kept(lab: Lab) -> None:
    lab.sandbox.faults.add("RunInstances:boot-fail")
    result = failure(lab, image_named(lab, "web-v1"), keep_on_failure=True)
    assert result.kept
    assert lab.instance(result.instance_id).instance_state == "RUNNING"
    assert lab.unfinished() == []
    lab.clock.sleep(2 * 3600)
    assert probes_left(lab) == []


def test_an_image_of_another_account_is_verified_and_not_tagged(lab: Lab) -> None:
    (shared,) = cvm.describe_images(lab.observer_cloud, image_type=cvm.SHARED)
    assert verify_image(lab.session(), shared, VerifyRequest()).passed


def test_a_verification_that_may_not_be_recorded_still_passes(lab: Lab) -> None:
    lab.sandbox.faults.add("TagResources:error=UnauthorizedOperation")
    assert verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest()).passed
    assert lab.unfinished() == []


@pytest.mark.parametrize(
    "options", [{"timeout_seconds": 0}, {"http_port": 70000}, {"command": "x" * 12_001}]
)
def test_an_invalid_request_is_refused(lab: Lab, options: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest(**options))


def test_nothing_is_launched_from_an_image_that_is_not_ready(lab: Lab) -> None:
    request = CreateRequest("new-v1", instance_id="ins-web00001", wait=False)
    image = create(lab.session(), request).image
    assert image is not None
    with pytest.raises(PreconditionFailed) as caught:
        verify_image(lab.session(), image, VerifyRequest())
    assert caught.value.code == "ImageNotReady"


def interrupted_at(lab: Lab, action: str, number: int, fault: str) -> CvmimgError | None:
    """Verify web-v1 while a call meets a fault; the error, or None if the process was killed."""
    adapter = FaultyAdapter(lab.sandbox.adapter(), CallSite(action, number), fault)
    session = lab.session(adapter)
    adapter.interrupt = session.interrupt.request
    try:
        verify_image(session, image_named(lab, "web-v1"), VerifyRequest())
    except Killed:
        return None
    except CvmimgError as error:
        return error
    raise AssertionError("nothing happened")


@pytest.mark.parametrize(
    ("action", "number"),
    [("RunInstances", 1), ("DescribeInstances", 3), ("RunCommand", 1), ("RunCommand", 3)],
)
def test_a_probe_is_terminated_when_the_user_stops(lab: Lab, action: str, number: int) -> None:
    error = interrupted_at(lab, action, number, "interrupted")
    assert isinstance(error, Interrupted)
    assert (probes_left(lab), lab.unfinished()) == ([], [])


@pytest.mark.parametrize("fault", ["killed-before", "killed-after"])
@pytest.mark.parametrize(
    ("action", "number"),
    [
        ("RunInstances", 1),
        ("DescribeInstances", 4),
        ("RunCommand", 2),
        ("TerminateInstances", 1),
        ("TagResources", 1),
    ],
)
@pytest.mark.parametrize("roll_back", [False, True])
def test_a_killed_verification_leaves_no_probe_after_a_resume(
    lab: Lab, action: str, number: int, fault: str, roll_back: bool
) -> None:
    assert interrupted_at(lab, action, number, fault) is None
    resume(lab.session(), roll_back=roll_back)
    assert (probes_left(lab), lab.unfinished()) == ([], [])
    if not roll_back:
        assert "cvmimg-verified" in image_named(lab, "web-v1").tag_map


def test_a_probe_whose_answer_was_lost_is_launched_once(lab: Lab) -> None:
    session: Session = lab.session(
        FaultyAdapter(lab.sandbox.adapter(), CallSite("RunInstances", 1), "answer-lost")
    )
    assert verify_image(session, image_named(lab, "web-v1"), VerifyRequest()).passed
    assert probes_left(lab) == []


@pytest.mark.parametrize("fault", ["request-lost", "answer-lost", "killed-after"])
def test_a_lost_answer_and_a_sold_out_type_give_one_probe(lab: Lab, fault: str) -> None:
    adapter = FaultyAdapter(lab.sandbox.adapter(), CallSite("RunInstances", 2), fault)
    lab.sandbox.faults.add(f"{SOLD_OUT}:times=1")
    try:
        verify_image(lab.session(adapter), image_named(lab, "web-v1"), VerifyRequest())
    except Killed:
        resume(lab.session())
    assert "cvmimg-verified" in image_named(lab, "web-v1").tag_map
    assert (probes_left(lab), lab.unfinished()) == ([], [])


def test_a_defect_leaves_no_probe(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cvmimg.workflows.verify.probes.read_identity", defect)
    with pytest.raises(ZeroDivisionError):
        verify_image(lab.session(), image_named(lab, "web-v1"), VerifyRequest())
    assert probes_left(lab) == []


def test_credentials_that_expire_leave_the_operation_open(lab: Lab) -> None:
    error = interrupted_at(lab, "RunCommand", 1, "expired")
    assert isinstance(error, CredentialsError)
    assert len(lab.unfinished()) == len(probes_left(lab)) == 1
    resume(lab.session())
    assert (probes_left(lab), lab.unfinished()) == ([], [])


@pytest.mark.parametrize("number", [1, 3])
def test_a_probe_of_a_lost_machine_is_terminated_by_another(lab: Lab, number: int) -> None:
    assert interrupted_at(lab, "RunCommand", number, "killed-after") is None
    shutil.rmtree(lab.state_dir)
    (name,) = probes_left(lab)
    (probe,) = [one.instance_id for one in lab.instances() if one.instance_name == name]

    (resumed,) = resume_from_cloud(lab.session(), approve=lambda _: None, roll_back=True)

    assert resumed.operation.kind == "terminate-probe"
    assert resumed.operation.instance_ids == (probe,)
    assert (probes_left(lab), lab.unfinished()) == ([], [])
    assert resume_from_cloud(lab.session(), approve=lambda _: None) == []


def test_an_instance_that_only_carries_the_tag_of_a_probe_is_left_alone(lab: Lab) -> None:
    resource = tag.instance_resource("ap-guangzhou", "", "ins-web00001")
    tag.tag_resource(lab.observer_cloud, resource, {PROBE_TAG: "op-20261127-1a2b3c"})

    assert resume_from_cloud(lab.session(), approve=lambda _: None) == []
    assert lab.instance("ins-web00001").instance_state == "RUNNING"
