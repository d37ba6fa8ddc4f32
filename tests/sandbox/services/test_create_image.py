from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.cloud import Cloud

GIB_50 = 12 * 60
AGENT = {"AutomationService": {"Enabled": True}}


def test_an_image_of_50_gib_takes_12_minutes_with_real_percentages(cloud: Cloud) -> None:
    image = cloud.create()
    seen = []
    for seconds in (6, GIB_50 / 2, GIB_50 / 2 - 7, 1):
        cloud.wait(seconds)
        shown = cloud.image(image)
        seen.append((shown["ImageState"], shown["CreatePercent"]))
    assert seen == [("CREATING", 0), ("CREATING", 50), ("CREATING", 99), ("NORMAL", None)]


def test_a_new_image_is_not_listed_for_its_first_seconds(cloud: Cloud) -> None:
    image = cloud.create()
    cloud.wait(4.9)
    assert cloud.image(image) is None
    assert cloud.refusal("CreateImage", InstanceId="ins-stop0001", ImageName="new") == (
        "InvalidImageName.Duplicate"
    )
    cloud.wait(0.1)
    assert cloud.image_state(image) == "CREATING"


def test_an_image_has_the_requested_attributes(cloud: Cloud) -> None:
    image = cloud.created(
        ImageDescription="A text.",
        ImageFamily="web",
        TagSpecification=[{"ResourceType": "image", "Tags": [{"Key": "k", "Value": "v"}]}],
    )
    shown = cloud.image(image)
    expected = {
        "ImageName": "new",
        "ImageDescription": "A text.",
        "ImageFamily": "web",
        "ImageType": "PRIVATE_IMAGE",
        "ImageSource": "CREATE_IMAGE",
        "ImageSize": 50,
        "OsName": "Ubuntu Server 22.04 LTS 64bit",
        "Platform": "Ubuntu",
        "Tags": [{"Key": "k", "Value": "v", "tagKey": "k", "tagValue": "v"}],
    }
    assert expected.items() <= shown.items()


def test_the_instance_is_busy_while_its_image_is_created(cloud: Cloud) -> None:
    cloud.create()
    shown = cloud.instance("ins-web00001")
    assert (shown["LatestOperation"], shown["LatestOperationState"], shown["InstanceState"]) == (
        "CreateImage",
        "OPERATING",
        "RUNNING",
    )
    assert cloud.refusal("CreateImage", InstanceId="ins-web00001", ImageName="another") == (
        "OperationDenied.InstanceOperationInProgress"
    )
    for power in ("StopInstances", "RebootInstances", "TerminateInstances"):
        assert cloud.refusal(power, InstanceIds=["ins-web00001"]) == "MutexOperation.TaskRunning"
    cloud.wait(GIB_50)
    assert cloud.instance("ins-web00001")["LatestOperationState"] == "SUCCESS"
    cloud.do("StopInstances", InstanceIds=["ins-web00001"])


@pytest.mark.parametrize("instance", ["ins-old00001", "ins-priv0001", "ins-locl0001"])
def test_force_poweroff_stops_the_instance_and_leaves_it_stopped(
    cloud: Cloud, instance: str
) -> None:
    image = cloud.create("new", instance, ForcePoweroff="True")
    assert cloud.state(instance) == "STOPPING"
    cloud.wait(30)
    assert cloud.state(instance) == "STOPPED"
    cloud.wait(GIB_50)
    assert cloud.image_state(image) == "NORMAL"
    assert cloud.instance(instance)["StopChargingMode"] == "KEEP_CHARGING"


@pytest.mark.parametrize("instance", ["ins-old00001", "ins-priv0001", "ins-locl0001"])
def test_the_api_images_any_running_instance(cloud: Cloud, instance: str) -> None:
    image = cloud.created("new", instance, ForcePoweroff="False")
    assert cloud.state(instance) == "RUNNING"
    assert cloud.image_state(image) == "NORMAL"


def test_a_stopped_instance_stays_stopped(cloud: Cloud) -> None:
    image = cloud.created("new", "ins-stop0001")
    assert cloud.image_state(image) == "NORMAL"
    assert cloud.state("ins-stop0001") == "STOPPED"


def test_snapshots_are_created_with_the_image(cloud: Cloud) -> None:
    image = cloud.create("new", "ins-data0001", DataDiskIds=["disk-data0001"])
    cloud.wait(60)
    held = cloud.image(image)["SnapshotSet"]
    assert [(each["DiskUsage"], each["DiskSize"]) for each in held] == [
        ("SYSTEM_DISK", 50),
        ("DATA_DISK", 200),
    ]
    shown = cloud.snapshot(held[1]["SnapshotId"])
    assert (shown["SnapshotState"], shown["DiskId"]) == ("CREATING", "disk-data0001")
    assert 0 < shown["Percent"] < 100
    assert shown["Images"] == [{"ImageId": image, "ImageName": "new"}]
    cloud.wait(7200)
    shown = cloud.snapshot(held[1]["SnapshotId"])
    assert (shown["SnapshotState"], shown["Percent"]) == ("NORMAL", 100)


def test_a_local_system_disk_leaves_no_snapshot(cloud: Cloud) -> None:
    image = cloud.created("new", "ins-locl0001", ForcePoweroff="true")
    assert "SnapshotSet" not in cloud.image(image)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ImageName": "web-v1"}, "InvalidImageName.Duplicate"),
        ({"InstanceId": "ins-none0001"}, "InvalidInstanceId.NotFound"),
        ({"InstanceId": "ins-full0001"}, "InvalidInstanceId.NotFound"),
        ({"InstanceId": "ins-save0001"}, "UnsupportedOperation.StoppedModeStopCharging"),
        ({"DataDiskIds": ["disk-data0001"]},
         "InvalidParameter.DataDiskNotBelongSpecifiedInstance"),
        ({"ImageFamily": "no spaces"}, "InvalidParameterValue.InvalidImageFamily"),
        ({"ImageName": "x" * 61}, "InvalidParameterValue.TooLarge"),
        ({"InstanceId": None}, "InvalidParameter.SpecifyOneParameter"),
    ],
)  # fmt: skip
def test_invalid_requests_are_refused(cloud: Cloud, asked: dict[str, Any], code: str) -> None:
    request = {"InstanceId": "ins-web00001", "ImageName": "new"}
    assert cloud.refusal("CreateImage", **{**request, **asked}) == code


def test_the_system_disk_is_not_a_data_disk(cloud: Cloud) -> None:
    system = cloud.instance("ins-data0001")["SystemDisk"]["DiskId"]
    request = {"InstanceId": "ins-data0001", "ImageName": "new", "DataDiskIds": [system]}
    assert cloud.refusal("CreateImage", **request) == "InvalidParameter.DataDiskIdContainsRootDisk"


@pytest.mark.parametrize(
    ("disk", "code"),
    [
        ({"type": "LOCAL_SSD"}, "InvalidParameter.LocalDataDiskNotSupport"),
        ({"encrypt": True}, "UnsupportedOperation.EncryptedImagesNotSupported"),
    ],
)
def test_local_and_encrypted_disks_are_refused(disk: dict[str, Any], code: str) -> None:
    instance = {"id": "ins-app00001", "data_disks": [{"id": "disk-app00001", **disk}]}
    cloud = Cloud(world={"regions": {"ap-guangzhou": {"instances": [instance]}}})
    with cloud.sandbox:
        request = {"InstanceId": "ins-app00001", "ImageName": "new"}
        chosen = {"DataDiskIds": ["disk-app00001"]}
        assert cloud.refusal("CreateImage", **request, **chosen) == code
        assert cloud.refusal("CreateImage", **request) == "ok"


def test_a_disk_with_an_unfinished_snapshot_is_refused(cloud: Cloud) -> None:
    system = cloud.instance("ins-web00001")["SystemDisk"]["DiskId"]
    cloud.cbs("CreateSnapshot", DiskId=system)
    request = {"InstanceId": "ins-web00001", "ImageName": "new"}
    assert cloud.refusal("CreateImage", **request) == "ResourceUnavailable.SnapshotCreating"
    cloud.wait(3600)
    assert cloud.refusal("CreateImage", **request) == "ok"


@pytest.mark.parametrize("action", ["StopInstances", "RebootInstances", "TerminateInstances"])
def test_an_instance_in_transition_is_refused(cloud: Cloud, action: str) -> None:
    cloud.do(action, InstanceIds=["ins-web00001"])
    state = {"Stop": "Stopping", "Reboot": "Rebooting", "Terminate": "Terminating"}
    request = {"InstanceId": "ins-web00001", "ImageName": "new"}
    assert cloud.refusal("CreateImage", **request) == (
        f"UnsupportedOperation.InstanceState{state[action.removesuffix('Instances')]}"
    )


def test_the_quota_includes_unfinished_images(cloud: Cloud) -> None:
    for number in range(8):
        cloud.created(f"new-{number}")
    request = {"InstanceId": "ins-web00001", "ImageName": "last"}
    assert cloud.refusal("CreateImage", **request) == "ImageQuotaLimitExceeded"


def test_a_dry_run_checks_everything_and_changes_nothing(cloud: Cloud) -> None:
    request = {"InstanceId": "ins-web00001", "ImageName": "new", "DryRun": True}
    assert cloud.refusal("CreateImage", **request) == "DryRunOperation"
    assert cloud.refusal("CreateImage", **{**request, "ImageName": "web-v1"}) == (
        "InvalidImageName.Duplicate"
    )
    assert cloud.instance("ins-web00001")["LatestOperation"] is None


def test_an_injected_failure_ends_in_createfailed(cloud: Cloud) -> None:
    image = cloud.create(fault="task-fail")
    cloud.wait(60)
    assert cloud.image_state(image) == "CREATING"
    cloud.wait(GIB_50)
    assert cloud.image_state(image) == "CREATEFAILED"
    assert cloud.instance("ins-web00001")["LatestOperationState"] == "FAILED"
    assert cloud.refusal("DeleteImages", ImageIds=[image]) == "ok"


def test_a_stuck_task_never_ends(cloud: Cloud) -> None:
    image = cloud.create(fault="task-stuck")
    cloud.wait(1e7)
    shown = cloud.image(image)
    assert (shown["ImageState"], shown["CreatePercent"]) == ("CREATING", 43)


class TestFromSnapshots:
    def take(self, cloud: Cloud, disk: str) -> str:
        return str(cloud.cbs("CreateSnapshot", DiskId=disk)["SnapshotId"])

    def disks(self, cloud: Cloud) -> tuple[str, str]:
        return cloud.instance("ins-data0001")["SystemDisk"]["DiskId"], "disk-data0001"

    def test_an_image_is_created_from_snapshots(self, cloud: Cloud) -> None:
        taken = [self.take(cloud, disk) for disk in self.disks(cloud)]
        cloud.wait(3600)
        image = cloud.do("CreateImage", SnapshotIds=taken, ImageName="new")["ImageId"]
        cloud.wait(7200)
        shown = cloud.image(image)
        assert [each["SnapshotId"] for each in shown["SnapshotSet"]] == taken
        assert (shown["OsName"], shown["ImageSize"]) == ("Ubuntu Server 22.04 LTS 64bit", 50)
        assert cloud.refusal("DeleteSnapshots", service="cbs", SnapshotIds=taken[:1]) == (
            "UnsupportedOperation.SnapshotHasBindedImage"
        )

    def test_exactly_one_system_disk_snapshot_is_required(self, cloud: Cloud) -> None:
        system, data = (self.take(cloud, disk) for disk in self.disks(cloud))
        cloud.wait(3600)
        another = self.take(cloud, self.disks(cloud)[0])

        def refused(*snapshots: str) -> str:
            return cloud.refusal("CreateImage", ImageName="new", SnapshotIds=list(snapshots))

        assert refused(data) == "InvalidParameter.SystemSnapshotNotFound"
        assert refused(system, another) == "InvalidParameter.DuplicateSystemSnapshots"
        assert refused("snap-none0001") == "InvalidParameter.SnapshotNotFound"
        assert refused(another) == "ResourceUnavailable.SnapshotCreating"

    def test_a_data_disk_called_a_system_disk_is_refused(self, cloud: Cloud) -> None:
        asked = {"DiskId": self.disks(cloud)[1], "DiskUsage": "SYSTEM_DISK"}
        taken = cloud.cbs("CreateSnapshot", **asked)["SnapshotId"]
        cloud.wait(3600)
        code = cloud.refusal("CreateImage", ImageName="new", SnapshotIds=[taken])
        assert code == "InvalidParameter.SystemSnapshotNotFound"


def test_the_image_contains_the_current_fstab(tmp_path: Path) -> None:
    script = b'f="$CVMIMG_GUEST_ROOT/etc/fstab"; echo "# {{word}}" >> "$f"; cat "$f"'
    cloud = Cloud(state_dir=tmp_path, guest_scripts=[hashlib.sha256(script).hexdigest()])
    with cloud.sandbox:
        run(cloud, script, "ins-data0001", "before")
        image = cloud.created("new", "ins-data0001", DataDiskIds=["disk-data0001"])
        run(cloud, script, "ins-data0001", "after")
        launched = cloud.launch(
            image,
            DataDisks=[{"DiskSize": 200, "SnapshotId": data_snapshot(cloud, image)}],
            EnhancedService=AGENT,
        )[0]
        cloud.wait(60)
        fstab = run(cloud, script, launched, "launched")
        assert "/data" in fstab
        assert "# before" in fstab
        assert "# after" not in fstab


def test_an_instance_that_lacks_a_disk_in_fstab_has_no_agent(tmp_path: Path) -> None:
    cloud = Cloud(state_dir=tmp_path)
    with cloud.sandbox:
        image = cloud.created("new", "ins-data0001")
        launched = cloud.launch(image, EnhancedService=AGENT)[0]
        cloud.wait(600)
        assert cloud.state(launched) == "RUNNING"
        asked = {"InstanceIds": [launched]}
        agents = cloud.ask("DescribeAutomationAgentStatus", asked, service="tat")
        assert [agent["AgentStatus"] for agent in agents["AutomationAgentSet"]] == ["Offline"]


def data_snapshot(cloud: Cloud, image: str) -> str:
    snapshots = cloud.image(image)["SnapshotSet"]
    return str(next(s["SnapshotId"] for s in snapshots if s["DiskUsage"] == "DATA_DISK"))


def run(cloud: Cloud, script: bytes, instance: str, word: str) -> str:
    invocation = cloud.ask(
        "RunCommand",
        {
            "Content": base64.b64encode(script).decode(),
            "InstanceIds": [instance],
            "EnableParameter": True,
            "Parameters": json.dumps({"word": word}),
        },
        service="tat",
    )
    cloud.wait(5)
    asked = {
        "Filters": [{"Name": "invocation-id", "Values": [invocation["InvocationId"]]}],
        "HideOutput": False,
    }
    tasks = cloud.ask("DescribeInvocationTasks", asked, service="tat")["InvocationTaskSet"]
    assert tasks[0]["TaskStatus"] == "SUCCESS", tasks
    return base64.b64decode(tasks[0]["TaskResult"]["Output"]).decode()
