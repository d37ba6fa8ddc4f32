"""Images: describe, modify, delete, copy, share, export and import."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.cloud import NEIGHBOUR, OWNER, Cloud

WEB = "img-webv1000"
SHARE = {"ImageId": WEB, "AccountIds": [NEIGHBOUR], "Permission": "SHARE"}
CANCEL = {**SHARE, "Permission": "CANCEL"}


def found(cloud: Cloud, **filters: str) -> list[str]:
    asked = [{"Name": name.replace("_", "-"), "Values": [v]} for name, v in filters.items()]
    return [image["ImageId"] for image in cloud.do("DescribeImages", Filters=asked)["ImageSet"]]


class TestReading:
    @pytest.mark.parametrize("name", ["web-v1", "WEB", "b-v", "v1"])
    def test_the_name_filter_is_fuzzy(self, cloud: Cloud, name: str) -> None:
        assert WEB in found(cloud, image_name=name)

    def test_filters(self, cloud: Cloud) -> None:
        assert found(cloud, image_id=WEB) == [WEB]
        assert found(cloud, image_type="PRIVATE_IMAGE", **{"tag:team": "shop"}) == [WEB]
        assert found(cloud, **{"tag:team": "other"}) == []
        assert found(cloud, tag_key="team", tag_value="shop") == [WEB]
        assert found(cloud, platform="windows", image_type="PRIVATE_IMAGE") == []
        assert len(found(cloud, platform="windows")) == 2
        assert found(cloud, image_type="MARKET_IMAGE") == []

    def test_an_unknown_filter_is_refused(self, cloud: Cloud) -> None:
        asked = [{"Name": "image-state", "Values": ["NORMAL"]}]
        assert cloud.refusal("DescribeImages", Filters=asked) == "InvalidFilter"

    def test_pages_cover_all_image_types(self, cloud: Cloud) -> None:
        whole = cloud.do("DescribeImages", Limit=100)
        ids = [image["ImageId"] for image in whole["ImageSet"]]
        assert len(ids) == len(set(ids)) == whole["TotalCount"]
        parts = [cloud.do("DescribeImages", Offset=o, Limit=4) for o in range(0, len(ids) + 4, 4)]
        assert [image["ImageId"] for part in parts for image in part["ImageSet"]] == ids
        kinds = {image["ImageType"] for image in whole["ImageSet"]}
        assert kinds == {"PRIVATE_IMAGE", "SHARED_IMAGE", "PUBLIC_IMAGE"}

    def test_newest_private_image_is_first(self, cloud: Cloud) -> None:
        image = cloud.created()
        assert cloud.do("DescribeImages")["ImageSet"][0]["ImageId"] == image

    def test_regions_are_separate(self, cloud: Cloud) -> None:
        assert cloud.image(WEB, "ap-shanghai") is None
        assert cloud.image("img-full0001", "ap-shanghai") is not None

    def test_answers_have_the_undocumented_fields_of_the_real_service(self, cloud: Cloud) -> None:
        public = cloud.image("img-487zeit5")
        assert "SnapshotSet" not in public
        assert (public["Tags"], public["GPUDriverList"]) == ([], [])
        assert (public["ImageFormat"], public["_ImageClass"]) == ("QCOW2RAW", "SystemImage")
        shown = cloud.image(WEB)
        assert {"isSupportCloudinit", "IsSupportAutoInstallGPUDriver"} <= set(shown)
        assert shown["ImageFormat"] == "RAW"
        assert {"Key", "Value", "tagKey", "tagValue"} == set(shown["Tags"][0])

    def test_an_unknown_instance_type_is_refused(self, cloud: Cloud) -> None:
        assert cloud.refusal("DescribeImages", InstanceType="S5.MEDIUM4") == "ok"
        assert cloud.refusal("DescribeImages", InstanceType="X") == (
            "InvalidParameterValue.InstanceTypeNotFound"
        )

    def test_a_family_resolves_to_its_newest_usable_image(self, cloud: Cloud) -> None:
        def newest() -> str | None:
            image = cloud.do("DescribeImageFromFamily", ImageFamily="web")["Image"]
            return image and image["ImageId"]

        image = cloud.create("web-v2", ImageFamily="web")
        cloud.wait(60)
        assert newest() == WEB, "the newer one is still being made"
        cloud.wait(3600)
        assert newest() == image
        cloud.do("ModifyImageAttribute", ImageId=image, ImageDeprecated=True)
        assert newest() == WEB
        cloud.do("ModifyImageAttribute", ImageId=WEB, ImageFamily="other")
        assert newest() is None


class TestChanging:
    def test_given_attributes_change(self, cloud: Cloud) -> None:
        new = {"ImageName": "web-old", "ImageDescription": "", "ImageFamily": "old"}
        cloud.do("ModifyImageAttribute", ImageId=WEB, **new, ImageDeprecated=True)
        shown = cloud.image(WEB)
        assert {**new, "ImageDeprecated": True}.items() <= shown.items()
        cloud.do("ModifyImageAttribute", ImageId=WEB, ImageDescription="x")
        assert cloud.image(WEB)["ImageName"] == "web-old"
        assert found(cloud, image_name="web-old") == [WEB]

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"ImageId": "img-none0001"}, "InvalidImageId.NotFound"),
            ({"ImageId": "none"}, "InvalidImageId.Malformed"),
            ({"ImageId": "img-487zeit5"}, "UnsupportedOperation.SharedImageModifyUnsupported"),
            ({"ImageId": "img-neigh001"}, "UnsupportedOperation.SharedImageModifyUnsupported"),
            ({"ImageName": "base-v1"}, "InvalidImageName.Duplicate"),
            ({"ImageFamily": "a b"}, "InvalidParameterValue.InvalidImageFamily"),
            ({"ImageName": "web-v1"}, "ok"),
        ],
    )
    def test_invalid_requests_are_refused(
        self, cloud: Cloud, asked: dict[str, Any], code: str
    ) -> None:
        assert cloud.refusal("ModifyImageAttribute", **{"ImageId": WEB, **asked}) == code

    def test_shared_or_unfinished_images_are_refused(self, cloud: Cloud) -> None:
        cloud.do("ModifyImageSharePermission", **SHARE)
        assert cloud.refusal("ModifyImageAttribute", ImageId=WEB, ImageName="x") == (
            "UnsupportedOperation.SharedImageModifyUnsupported"
        )
        image = cloud.create()
        assert cloud.refusal("ModifyImageAttribute", ImageId=image, ImageName="x") == (
            "InvalidImageId.IncorrectState"
        )


class TestDeleting:
    def test_deletion_takes_some_seconds(self, cloud: Cloud) -> None:
        cloud.do("DeleteImages", ImageIds=[WEB])
        assert cloud.image_state(WEB) == "NORMAL"
        assert cloud.refusal("DeleteImages", ImageIds=[WEB]) == "MutexOperation.TaskRunning"
        cloud.wait(5)
        assert cloud.image(WEB) is None
        assert cloud.refusal("DeleteImages", ImageIds=[WEB]) == "InvalidImageId.NotFound"
        cloud.create("web-v1")

    def test_snapshots_are_kept_by_default(self, cloud: Cloud) -> None:
        kept, gone = (
            cloud.image(image)["SnapshotSet"][0]["SnapshotId"] for image in (WEB, "img-basev001")
        )
        cloud.do("DeleteImages", ImageIds=[WEB])
        cloud.do("DeleteImages", ImageIds=["img-basev001"], DeleteBindedSnap=True)
        cloud.wait(30)
        assert cloud.snapshot(kept)["ImageCount"] == 0
        assert cloud.snapshot(gone) is None

    def test_snapshots_used_by_another_image_are_kept(self, cloud: Cloud) -> None:
        snapshot = cloud.image(WEB)["SnapshotSet"][0]["SnapshotId"]
        other = cloud.do("CreateImage", SnapshotIds=[snapshot], ImageName="copy")["ImageId"]
        cloud.wait(3600)
        cloud.do("DeleteImages", ImageIds=[WEB], DeleteBindedSnap=True)
        cloud.wait(30)
        shown = cloud.snapshot(snapshot)
        assert [image["ImageId"] for image in shown["Images"]] == [other]
        cloud.do("DeleteImages", ImageIds=[other], DeleteBindedSnap=True)
        cloud.wait(30)
        assert cloud.snapshot(snapshot) is None

    def test_shared_images_are_refused(self, cloud: Cloud) -> None:
        cloud.do("ModifyImageSharePermission", **SHARE)
        assert cloud.refusal("DeleteImages", ImageIds=[WEB]) == "InvalidImageId.InShared"
        cloud.do("ModifyImageSharePermission", **CANCEL)
        cloud.do("DeleteImages", ImageIds=[WEB])

    def test_deletion_is_all_or_nothing(self, cloud: Cloud) -> None:
        making = cloud.create()
        assert cloud.refusal("DeleteImages", ImageIds=[WEB, making]) == (
            "InvalidImageId.IncorrectState"
        )
        cloud.wait(60)
        assert cloud.image_state(WEB) == "NORMAL"

    @pytest.mark.parametrize(
        ("image", "code"),
        [
            ("img-neigh001", "InvalidParameterValue.InvalidImageIdIsShared"),
            ("img-487zeit5", "InvalidParameterValue.InvalidImageId"),
            ("img-full0001", "InvalidImageId.NotFound"),
        ],
    )
    def test_images_of_other_accounts_are_refused(
        self, cloud: Cloud, image: str, code: str
    ) -> None:
        assert cloud.refusal("DeleteImages", ImageIds=[image]) == code

    def test_a_dry_run_deletes_nothing(self, cloud: Cloud) -> None:
        assert cloud.refusal("DeleteImages", ImageIds=[WEB], DryRun=True) == "DryRunOperation"
        cloud.wait(60)
        assert cloud.image_state(WEB) == "NORMAL"

    def test_a_deleted_image_frees_quota(self, cloud: Cloud) -> None:
        for number in range(8):
            cloud.created(f"new-{number}")
        request = {"InstanceId": "ins-web00001", "ImageName": "last"}
        assert cloud.refusal("CreateImage", **request) == "ImageQuotaLimitExceeded"
        cloud.do("DeleteImages", ImageIds=[WEB])
        cloud.wait(10)
        assert cloud.refusal("CreateImage", **request) == "ok"


class TestCopying:
    def copy(self, cloud: Cloud, *to: str, **params: Any) -> dict[str, str]:
        request = {"ImageIds": [WEB], "DestinationRegions": list(to), "ImageSetRequired": True}
        made = cloud.do("SyncImages", **{**request, **params})["ImageSet"]
        return {each["Region"]: each["ImageId"] for each in made}

    def test_copies_are_created_in_other_regions(self, cloud: Cloud) -> None:
        made = self.copy(cloud, "ap-beijing", "eu-frankfurt")
        cloud.wait(360)
        for region, image in made.items():
            shown = cloud.image(image, region)
            assert (shown["ImageState"], shown["SyncPercent"]) == ("SYNCING", 50)
            assert shown["CreatePercent"] is None
        cloud.wait(360)
        shown = cloud.image(made["ap-beijing"], "ap-beijing")
        assert (shown["ImageState"], shown["SyncPercent"]) == ("NORMAL", None)
        assert (shown["ImageName"], shown["Tags"]) == ("web-v1", [])
        asked = {"SnapshotIds": [shown["SnapshotSet"][0]["SnapshotId"]]}
        copied = cloud.ask("DescribeSnapshots", asked, service="cbs", region="ap-beijing")
        assert copied["SnapshotSet"][0]["CopyFromRemote"]

    def test_ids_are_returned_only_on_request(self, cloud: Cloud) -> None:
        assert self.copy(cloud, "ap-beijing", ImageSetRequired=False) == {}

    def test_a_copy_can_have_another_name(self, cloud: Cloud) -> None:
        image = self.copy(cloud, "ap-beijing", ImageName="copied")["ap-beijing"]
        cloud.wait(60)
        assert cloud.image(image, "ap-beijing")["ImageName"] == "copied"

    def test_an_encrypted_copy_stays_in_the_region(self, cloud: Cloud) -> None:
        encrypt = {"Encrypt": True, "ImageName": "sealed"}
        image = self.copy(cloud, "ap-guangzhou", **encrypt)["ap-guangzhou"]
        cloud.wait(3600)
        request = {"ImageIds": [image], "DestinationRegions": ["ap-beijing"]}
        assert cloud.refusal("SyncImages", **request) == (
            "UnsupportedOperation.EncryptedImagesNotSupported"
        )

    def test_a_shared_image_can_be_copied_to_own_it(self, cloud: Cloud) -> None:
        request = {"ImageIds": ["img-neigh001"]}
        image = self.copy(cloud, "ap-guangzhou", **request)["ap-guangzhou"]
        cloud.wait(3600)
        shown = cloud.image(image)
        assert (shown["ImageType"], shown["ImageCreator"]) == ("PRIVATE_IMAGE", OWNER)

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"ImageIds": ["img-none0001"]}, "InvalidImageId.NotFound"),
            ({"ImageIds": [WEB, "img-basev001"]}, "InvalidImageId.TooLarge"),
            ({"ImageIds": ["img-487zeit5"]}, "InvalidParameterValue.InvalidImageId"),
            ({"DestinationRegions": ["mars"]}, "InvalidRegion.NotFound"),
            ({"DestinationRegions": ["ap-shanghai-fsi"]}, "InvalidRegion.Unavailable"),
            ({"DestinationRegions": ["ap-guangzhou"]}, "InvalidParameterValue.InvalidRegion"),
            ({"DestinationRegions": ["ap-shanghai"]}, "ImageQuotaLimitExceeded"),
            ({"DestinationRegions": ["ap-shanghai"], "ImageName": "app-2025-01"},
             "InvalidImageName.Duplicate"),
            ({"ImageIds": ["img-neigh001"]}, "InvalidParameterValue.InvalidRegion"),
            ({"Encrypt": True}, "InvalidParameterValue.InvalidRegion"),
            ({"KmsKeyId": "x"}, "InvalidParameter.InvalidKmsKeyId"),
            ({"DryRun": True}, "DryRunOperation"),
        ],
    )  # fmt: skip
    def test_invalid_requests_are_refused(
        self, cloud: Cloud, asked: dict[str, Any], code: str
    ) -> None:
        request = {"ImageIds": [WEB], "DestinationRegions": ["ap-beijing"]}
        assert cloud.refusal("SyncImages", **{**request, **asked}) == code
        assert cloud.ask("DescribeSnapshots", service="cbs", region="ap-beijing")["TotalCount"] == 0

    def test_unfinished_and_whole_machine_images_are_refused(self, cloud: Cloud) -> None:
        request = {"DestinationRegions": ["ap-beijing"]}
        making = cloud.create("whole", "ins-data0001", DataDiskIds=["disk-data0001"])
        assert cloud.refusal("SyncImages", ImageIds=[making], **request) == (
            "InvalidImageId.IncorrectState"
        )
        cloud.wait(7200)
        assert cloud.refusal("SyncImages", ImageIds=[making], **request) == (
            "InvalidParameter.InstanceImageNotSupport"
        )

    def test_an_injected_failure_leaves_a_failed_copy(self, cloud: Cloud) -> None:
        image = self.copy(cloud, "ap-beijing", fault="task-fail")["ap-beijing"]
        cloud.wait(7200)
        assert cloud.image_state(image, "ap-beijing") == "CREATEFAILED"


class TestSharing:
    def shared_with(self, cloud: Cloud) -> list[str]:
        answer = cloud.do("DescribeImageSharePermission", ImageId=WEB)["SharePermissionSet"]
        return [each["AccountId"] for each in answer]

    def test_the_other_account_sees_the_image_until_it_is_unshared(self, cloud: Cloud) -> None:
        cloud.do("ModifyImageSharePermission", **SHARE)
        assert self.shared_with(cloud) == [NEIGHBOUR]
        shown = cloud.image(WEB, account=NEIGHBOUR)
        assert (shown["ImageType"], shown["ImageCreator"]) == ("SHARED_IMAGE", OWNER)
        assert cloud.image(WEB, "ap-beijing", NEIGHBOUR) is None
        cloud.do("ModifyImageSharePermission", **CANCEL)
        assert self.shared_with(cloud) == []
        assert cloud.image(WEB, account=NEIGHBOUR) is None
        cloud.do("ModifyImageSharePermission", **CANCEL)

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"ImageId": "img-none0001"}, "InvalidImageId.NotFound"),
            ({"ImageId": "img-neigh001"}, "UnauthorizedOperation.ImageNotBelongToAccount"),
            ({"AccountIds": [OWNER]}, "FailedOperation.AccountIsYourSelf"),
            ({"AccountIds": ["1"]}, "InvalidAccountId.NotFound"),
            ({"Permission": "LEND"}, "InvalidParameterValue"),
        ],
    )
    def test_invalid_requests_are_refused(
        self, cloud: Cloud, asked: dict[str, Any], code: str
    ) -> None:
        assert cloud.refusal("ModifyImageSharePermission", **{**SHARE, **asked}) == code
        assert self.shared_with(cloud) == []

    def test_sharing_twice_is_refused(self, cloud: Cloud) -> None:
        cloud.do("ModifyImageSharePermission", **SHARE)
        assert cloud.refusal("ModifyImageSharePermission", **SHARE) == (
            "FailedOperation.AccountAlreadyExists"
        )

    def test_some_images_cannot_be_shared(self, cloud: Cloud) -> None:
        image = cloud.create("whole", "ins-data0001", DataDiskIds=["disk-data0001"])
        share = {**SHARE, "ImageId": image}
        assert cloud.refusal("ModifyImageSharePermission", **share) == (
            "InvalidParameterValue.InvalidImageState"
        )
        cloud.wait(7200)
        assert cloud.refusal("ModifyImageSharePermission", **share) == (
            "InvalidParameter.InstanceImageNotSupport"
        )
        request = {"ImageIds": [WEB], "DestinationRegions": ["ap-guangzhou"], "Encrypt": True}
        sealed = cloud.do("SyncImages", **request, ImageSetRequired=True, ImageName="sealed")
        cloud.wait(7200)
        share["ImageId"] = sealed["ImageSet"][0]["ImageId"]
        assert cloud.refusal("ModifyImageSharePermission", **share) == (
            "UnsupportedOperation.EncryptedImagesNotSupported"
        )
        imported = cloud.do("ImportImage", **IMPORT, LicenseType="BYOL")["ImageId"]
        cloud.wait(7200)
        share["ImageId"] = imported
        assert cloud.refusal("ModifyImageSharePermission", **share) == (
            "FailedOperation.BYOLImageShareFailed"
        )


IMPORT = {
    "Architecture": "x86_64",
    "OsType": "Debian",
    "OsVersion": "12",
    "ImageUrl": "https://bucket-1250000000.cos.ap-guangzhou.myqcloud.com/debian.qcow2",
    "ImageName": "imported",
}
EXPORT = {"BucketName": "images-1250000000", "ImageIds": [WEB]}


class TestTransfer:
    def test_an_import_takes_a_while(self, cloud: Cloud) -> None:
        image = cloud.do("ImportImage", **IMPORT, ImageFamily="debian")["ImageId"]
        cloud.wait(60)
        shown = cloud.image(image)
        assert (shown["ImageState"], shown["ImageSource"]) == ("IMPORTING", "EXTERNAL_IMPORT")
        assert (shown["Platform"], shown["OsName"]) == ("Debian", "Debian 12 64bit")
        cloud.wait(3600)
        assert cloud.image_state(image) == "NORMAL"
        launched = cloud.launch(image)
        cloud.wait(60)
        cloud.create("again", launched[0], ForcePoweroff="true")

    def test_an_import_can_fail(self, cloud: Cloud) -> None:
        image = cloud.do("ImportImage", fault="task-fail", **IMPORT)["ImageId"]
        cloud.wait(3600)
        assert cloud.image_state(image) == "IMPORTFAILED"

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"ImageUrl": "file:///etc/passwd"}, "InvalidParameter.InvalidParameterUrlError"),
            ({"ImageUrl": "http://["}, "InvalidParameter.InvalidParameterUrlError"),
            ({"ImageUrl": "https://host/a.iso"}, "InvalidParameterValue.ISOMustImportByForce"),
            ({"OsType": "BeOS"}, "InvalidImageOsType.Unsupported"),
            ({"OsVersion": "99"}, "InvalidImageOsVersion.Unsupported"),
            ({"OsVersion": "99", "Force": True}, "ok"),
            ({"ImageName": "web-v1"}, "InvalidImageName.Duplicate"),
            ({"BootMode": "Coal"}, "InvalidParameterValue.InvalidBootMode"),
            ({"DryRun": True}, "ok"),
        ],
    )
    def test_invalid_imports_are_refused(
        self, cloud: Cloud, asked: dict[str, Any], code: str
    ) -> None:
        assert cloud.refusal("ImportImage", **{**IMPORT, **asked}) == code

    def test_a_dry_run_imports_nothing(self, cloud: Cloud) -> None:
        assert "ImageId" not in cloud.do("ImportImage", **IMPORT, DryRun=True)
        cloud.wait(60)
        assert found(cloud, image_name="imported") == []

    def test_importable_systems_are_listed(self, cloud: Cloud) -> None:
        answer = cloud.do("DescribeImportImageOs")
        names = answer["ImportImageOsListSupported"]
        versions = {each["OsName"] for each in answer["ImportImageOsVersionSet"]}
        assert {*names["Linux"], *names["Windows"]} == versions

    def test_an_export_returns_the_paths_of_the_files(self, cloud: Cloud) -> None:
        answer = cloud.do(
            "ExportImages", **EXPORT, ExportFormat="QCOW2", FileNamePrefixList=["web"]
        )
        snapshot = cloud.image(WEB)["SnapshotSet"][0]["SnapshotId"]
        assert answer["CosPaths"] == [f"/web_system_{snapshot}.qcow2"]
        assert answer["TaskId"] > 0

    def test_an_export_can_exclude_data_disks(self, cloud: Cloud) -> None:
        image = cloud.created("whole", "ins-data0001", DataDiskIds=["disk-data0001"])
        request = {**EXPORT, "ImageIds": [image]}
        assert len(cloud.do("ExportImages", **request)["CosPaths"]) == 2
        assert len(cloud.do("ExportImages", **request, OnlyExportRootDisk=True)["CosPaths"]) == 1

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ({"ImageIds": None}, "InvalidParameter.ImageIdsSnapshotIdsMustOne"),
            ({"ImageIds": ["img-none0001"]}, "InvalidImageId.NotFound"),
            ({"ImageIds": ["img-487zeit5"]}, "UnsupportedOperation.PublicImageExportUnsupported"),
            ({"ImageIds": ["img-neigh001"]}, "UnsupportedOperation.SharedImageExportUnsupported"),
            ({"BucketName": "Bucket"}, "InvalidParameterValue.BucketNotFound"),
            ({"FileNamePrefixList": ["a", "b"]}, "InvalidParameterValue.InvalidFileNamePrefixList"),
            ({"DryRun": True}, "DryRunOperation"),
        ],
    )
    def test_invalid_exports_are_refused(
        self, cloud: Cloud, asked: dict[str, Any], code: str
    ) -> None:
        assert cloud.refusal("ExportImages", **{**EXPORT, **asked}) == code

    def test_some_images_cannot_be_exported(self, cloud: Cloud) -> None:
        making = cloud.create()
        assert cloud.refusal("ExportImages", **{**EXPORT, "ImageIds": [making]}) == (
            "InvalidParameterValue.InvalidImageState"
        )
        windows = cloud.created("windows", "ins-win00001")
        assert cloud.refusal("ExportImages", **{**EXPORT, "ImageIds": [windows]}) == (
            "UnsupportedOperation.WindowsImageExportUnsupported"
        )
