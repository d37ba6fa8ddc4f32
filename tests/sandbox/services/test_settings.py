"""World settings and faults for behavior of the service that is uncertain."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cloud import OWNER, Cloud

LAUNCH: dict[str, Any] = {"ImageId": "img-487zeit5", "Placement": {"Zone": "ap-guangzhou-7"}}
IMAGE: dict[str, Any] = {"InstanceId": "ins-web00001", "ImageName": "new"}
NEW_TAG = [{"ResourceType": "image", "Tags": [{"Key": "brand-new", "Value": "v"}]}]
TAG_FILTER = [{"Name": "tag:no-such-key", "Values": ["v"]}]
TAGS = [{"TagKey": "team", "TagValue": "web"}]


def name(image: str) -> str:
    return f"qcs::cvm:ap-guangzhou:uin/{OWNER}:image/{image}"


def test_an_unknown_setting_is_refused(cloud: Cloud) -> None:
    with pytest.raises(ValueError, match="wish"):
        cloud.sandbox.configure(wish=1)
    with pytest.raises(ValueError, match="dry_run"):
        cloud.sandbox.configure(dry_run="sometimes")


class TestDryRun:
    @pytest.mark.parametrize(
        ("form", "image", "launch"),
        [
            ("by-action", "DryRunOperation", "ok"),
            ("error", "DryRunOperation", "DryRunOperation"),
            ("request-id", "ok", "ok"),
        ],
    )
    def test_a_dry_run_that_passes_changes_nothing(
        self, cloud: Cloud, form: str, image: str, launch: str
    ) -> None:
        cloud.sandbox.configure(dry_run=form)
        assert cloud.refusal("CreateImage", **IMAGE, DryRun=True) == image
        assert cloud.refusal("RunInstances", **LAUNCH, DryRun=True) == launch
        assert cloud.do("DescribeInstances")["TotalCount"] == 11
        assert cloud.refusal("CreateImage", **IMAGE) == "ok"

    def test_an_ignored_dry_run_is_performed(self, cloud: Cloud) -> None:
        cloud.sandbox.configure(dry_run="ignored")
        assert cloud.do("CreateImage", **IMAGE, DryRun=True)["ImageId"]
        assert cloud.do("RunInstances", **LAUNCH, DryRun=True)["InstanceIdSet"]


class TestTags:
    def test_unknown_tag_filters_match_nothing(self, cloud: Cloud) -> None:
        assert cloud.do("DescribeImages", Filters=TAG_FILTER)["TotalCount"] == 0

    @pytest.mark.parametrize("action", ["DescribeImages", "DescribeInstances"])
    def test_unknown_tag_filters_can_be_errors(self, cloud: Cloud, action: str) -> None:
        cloud.sandbox.configure(unknown_tag_filters="error")
        code = "InvalidParameterValue.TagKeyNotFound"
        assert cloud.refusal(action, Filters=TAG_FILTER) == code
        known = [{"Name": "tag:team", "Values": ["nobody"]}]
        assert cloud.do(action, Filters=known)["TotalCount"] == 0

    def test_new_tag_keys_can_be_refused(self, cloud: Cloud) -> None:
        cloud.sandbox.configure(new_tag_keys="refuse")
        code = "InvalidParameterValue.TagKeyNotFound"
        assert cloud.refusal("CreateImage", **IMAGE, TagSpecification=NEW_TAG) == code
        instance = [{**NEW_TAG[0], "ResourceType": "instance"}]
        assert cloud.refusal("RunInstances", **LAUNCH, TagSpecification=instance) == code
        cloud.sandbox.configure(new_tag_keys="create")
        assert cloud.refusal("CreateImage", **IMAGE, TagSpecification=NEW_TAG) == "ok"

    def test_tags_of_new_resources_can_be_late(self, cloud: Cloud) -> None:
        cloud.sandbox.configure(tag_delay=60)
        image = cloud.create(TagSpecification=NEW_TAG)
        by_tag = [{"Name": "tag:brand-new", "Values": ["v"]}]
        cloud.wait(59)
        assert cloud.image(image)["Tags"] == []
        assert cloud.do("DescribeImages", Filters=by_tag)["TotalCount"] == 0
        cloud.wait(1)
        assert cloud.image(image)["Tags"][0]["Key"] == "brand-new"
        assert cloud.do("DescribeImages", Filters=by_tag)["TotalCount"] == 1

    def test_the_number_of_tags_is_limited(self, cloud: Cloud) -> None:
        cloud.sandbox.configure(tags_per_resource=2)
        three = [{**NEW_TAG[0], "Tags": [{"Key": k, "Value": "v"} for k in "abc"]}]
        code = "InvalidParameterValue.TagQuotaLimitExceeded"
        assert cloud.refusal("CreateImage", **IMAGE, TagSpecification=three) == code
        more = {"ResourceList": [name("img-webv1000")], "Tags": [{"TagKey": "x", "TagValue": "y"}]}
        failed = cloud.ask("TagResources", more, service="tag")["FailedResources"]
        assert [each["Code"] for each in failed] == ["LimitExceeded.ResourceAttachedTags"]

    def test_tagging_can_fail_for_resources(self, cloud: Cloud) -> None:
        code = "FailedOperation.ResourceTagProcessing"
        cloud.sandbox.faults.add(f"TagResources:failed-resources={code}:times=1")
        tag = {"ResourceList": [name("img-webv1000")], "Tags": TAGS}
        failed = cloud.ask("TagResources", tag, service="tag")["FailedResources"]
        assert [(each["Resource"], each["Code"]) for each in failed] == [
            (name("img-webv1000"), code)
        ]
        assert {t["Value"] for t in cloud.image("img-webv1000")["Tags"]} == {"ins-web00001", "shop"}
        assert cloud.ask("TagResources", tag, service="tag")["FailedResources"] == []

    @pytest.mark.parametrize(
        ("resource", "kind"),
        [
            ("qcs::cvm:ap-guangzhou::image/img-webv1000", "image"),
            ("qcs::cvm:ap-guangzhou:uin/:instance/ins-data0001", "instance"),
            ("qcs::cbs:ap-guangzhou::instance/disk-data0001", "disk"),
        ],
    )
    def test_resource_names_may_have_an_empty_owner(
        self, cloud: Cloud, resource: str, kind: str
    ) -> None:
        tag = {"ResourceList": [resource], "Tags": TAGS}
        assert cloud.ask("TagResources", tag, service="tag")["FailedResources"] == []
        found = cloud.ask("GetResources", {"ResourceList": [resource]}, service="tag")
        assert {"TagKey": "team", "TagValue": "web"} in found["ResourceTagMappingList"][0]["Tags"]


class TestSnapshots:
    def test_deleted_snapshots_can_move_to_the_recycle_bin(self, cloud: Cloud) -> None:
        cloud.sandbox.configure(recycle_bin=True)
        made = cloud.cbs("CreateSnapshot", DiskId="disk-data0001")["SnapshotId"]
        cloud.wait(3600)
        cloud.cbs("DeleteSnapshots", SnapshotIds=[made])
        cloud.wait(60)
        assert cloud.snapshot(made)["SnapshotState"] == "TORECYCLE"
        again = cloud.refusal("DeleteSnapshots", service="cbs", SnapshotIds=[made])
        assert again == "InvalidSnapshot.NotSupported"

    def test_locked_snapshots_are_not_deleted(self) -> None:
        images = [{"id": "img-locked01", "name": "locked", "locked": True}]
        cloud = Cloud(world={"regions": {"ap-guangzhou": {"images": images}}})
        with cloud.sandbox:
            snapshot = cloud.image("img-locked01")["SnapshotSet"][0]["SnapshotId"]
            assert cloud.snapshot(snapshot)["IsLocked"]
            cloud.do("DeleteImages", ImageIds=["img-locked01"], DeleteBindedSnap=True)
            cloud.wait(60)
            assert cloud.snapshot(snapshot)["SnapshotState"] == "NORMAL"
            refused = cloud.refusal("DeleteSnapshots", service="cbs", SnapshotIds=[snapshot])
            assert refused == "InvalidSnapshot.NotSupported"

    def test_a_snapshot_expires_at_its_deadline(self, cloud: Cloud) -> None:
        deadline = "2026-11-25T00:00:00+00:00"
        made = cloud.cbs("CreateSnapshot", DiskId="disk-data0001", Deadline=deadline)["SnapshotId"]
        cloud.wait(3600)
        assert cloud.snapshot(made)["SnapshotState"] == "NORMAL"
        cloud.wait(3 * 86400)
        assert cloud.snapshot(made) is None


@pytest.mark.parametrize(
    ("state", "stop"),
    [
        ("ENTER_SERVICE_LIVE_MIGRATE", "InstanceStateEnterServiceLiveMigrate"),
        ("SERVICE_LIVE_MIGRATE", "InstanceStateServiceLiveMigrate"),
        ("EXIT_SERVICE_LIVE_MIGRATE", "InstanceStateExitServiceLiveMigrate"),
    ],
)
def test_an_instance_in_live_migration_refuses_actions_until_it_runs(state: str, stop: str) -> None:
    instance = {"id": "ins-moving01", "state": state}
    cloud = Cloud(world={"regions": {"ap-guangzhou": {"instances": [instance]}}})
    with cloud.sandbox:
        asked = {"InstanceIds": ["ins-moving01"]}
        assert cloud.state("ins-moving01") == state
        assert cloud.refusal("StopInstances", **asked) == f"UnsupportedOperation.{stop}"
        for action in ("StartInstances", "TerminateInstances", "RebootInstances"):
            assert cloud.refusal(action, **asked) != "ok"
        image = {"InstanceId": "ins-moving01", "ImageName": "new"}
        assert cloud.refusal("CreateImage", **image) != "ok"
        cloud.wait(90)
        assert cloud.refusal("StopInstances", **asked) == "ok"


def test_instances_that_failed_to_launch_can_vanish(cloud: Cloud) -> None:
    cloud.sandbox.configure(failed_instance_seconds=0)
    cloud.sandbox.faults.add("RunInstances:task-fail")
    launched = cloud.launch()
    cloud.wait(17)
    assert cloud.state(launched[0]) == "PENDING"
    cloud.wait(2)
    assert cloud.state(launched[0]) is None


@pytest.mark.parametrize("code", ["MFAExpired", "MFANotFound"])
def test_an_action_can_require_mfa(cloud: Cloud, code: str) -> None:
    cloud.sandbox.faults.add(f"StopInstances:error=UnauthorizedOperation.{code}")
    refused = cloud.refusal("StopInstances", InstanceIds=["ins-web00001"])
    assert refused == f"UnauthorizedOperation.{code}"


def test_a_template_answers_versions_up_to_30_by_default() -> None:
    template = {"id": "lt-many0001", "name": "many", "image": "img-487zeit5", "versions": 40}
    cloud = Cloud(world={"regions": {"ap-guangzhou": {"templates": [template]}}})
    with cloud.sandbox:
        asked: dict[str, Any] = {"LaunchTemplateId": "lt-many0001", "Limit": 100}
        default = cloud.do("DescribeLaunchTemplateVersions", **asked)
        assert default["TotalCount"] == 30
        assert (
            cloud.do("DescribeLaunchTemplateVersions", **asked, MaxVersion=40)["TotalCount"] == 40
        )


def test_a_launch_configuration_can_name_an_image_family() -> None:
    scaling = {"id": "asc-family01", "name": "f", "group": "asg-family01", "family": "web"}
    cloud = Cloud(world={"regions": {"ap-guangzhou": {"scaling": [scaling]}}})
    with cloud.sandbox:
        answer = cloud.ask("DescribeLaunchConfigurations", service="as")
        (found,) = answer["LaunchConfigurationSet"]
        assert (found["ImageId"], found["ImageFamily"]) == ("", "web")


def test_some_images_have_no_snapshot_set() -> None:
    images = [{"id": "img-nosnap01", "name": "none", "snapshot_set": False}]
    cloud = Cloud(world={"regions": {"ap-guangzhou": {"images": images}}})
    with cloud.sandbox:
        assert "SnapshotSet" not in cloud.image("img-nosnap01")


def test_a_world_can_have_snapshots_of_disks() -> None:
    cloud = Cloud(
        world={
            "regions": {
                "ap-guangzhou": {
                    "instances": [
                        {"id": "ins-app00001", "data_disks": [{"id": "disk-app00001", "size": 70}]}
                    ],
                    "snapshots": [
                        {"id": "snap-app00001", "disk": "disk-app00001", "locked": True},
                        {"id": "snap-app00002", "disk": "disk-app00001", "recycled": True},
                    ],
                }
            }
        }
    )
    with cloud.sandbox:
        locked, recycled = cloud.snapshot("snap-app00001"), cloud.snapshot("snap-app00002")
        assert (locked["DiskSize"], locked["IsLocked"]) == (70, True)
        assert recycled["SnapshotState"] == "TORECYCLE"


class TestRecordedAnswers:
    def test_a_postpaid_instance_has_no_expiry(self, cloud: Cloud) -> None:
        web = cloud.instance("ins-web00001")
        assert (web["ExpiredTime"], web["RenewFlag"]) == (None, None)
        assert web["InternetAccessible"]["InternetChargeType"] == "TRAFFIC_POSTPAID_BY_HOUR"
        assert web["Tags"][0]["Key"] == web["Tags"][0]["tagKey"]

    def test_without_a_public_address_there_is_no_internet_charge_type(self, cloud: Cloud) -> None:
        found = cloud.instance("ins-data0001")
        assert found["PublicIpAddresses"] is None
        assert found["InternetAccessible"]["InternetChargeType"] is None

    def test_stopped_without_charge_an_instance_has_no_public_address(self, cloud: Cloud) -> None:
        asked = {"InstanceIds": ["ins-web00001"]}
        cloud.do("StopInstances", **asked, StoppedMode="STOP_CHARGING")
        assert cloud.instance("ins-web00001")["PublicIpAddresses"]
        cloud.wait(60)
        assert cloud.instance("ins-web00001")["PublicIpAddresses"] is None

    def test_a_stop_succeeds_while_the_instance_is_still_stopping(self, cloud: Cloud) -> None:
        answer = cloud.do("StopInstances", InstanceIds=["ins-web00001"])
        cloud.wait(11)
        found = cloud.instance("ins-web00001")
        assert (found["InstanceState"], found["LatestOperationState"]) == ("STOPPING", "SUCCESS")
        assert found["LatestOperationRequestId"] == answer["RequestId"]

    def test_an_attached_disk_is_not_returnable(self, cloud: Cloud) -> None:
        (disk,) = cloud.cbs("DescribeDisks", DiskIds=["disk-data0001"])["DiskSet"]
        assert (disk["IsReturnable"], disk["ReturnFailCode"]) == (False, 10)
        assert (disk["RenewFlag"], disk["DifferDaysOfDeadline"]) == ("", None)

    def test_a_system_disk_is_named_after_its_instance(self, cloud: Cloud) -> None:
        system = cloud.instance("ins-web00001")["SystemDisk"]["DiskId"]
        (disk,) = cloud.cbs("DescribeDisks", DiskIds=[system])["DiskSet"]
        assert disk["DiskName"] == "ins-web00001_SYSTEM_DISK"

    def test_an_operation_in_progress_has_the_recorded_message(self, cloud: Cloud) -> None:
        answer = cloud.ask("StopInstances", {"InstanceIds": ["ins-busy0001"]})
        assert answer["Error"]["Message"] == (
            "The instance `['ins-busy0001']` already has operation in progress. "
            "Please try again later."
        )
