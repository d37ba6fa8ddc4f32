"""Instances and images: one typed function per action of cvm 2017-03-12.

Every function raises ``CvmimgError`` types as ``Cloud.read`` and ``Cloud.write`` do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cvmimg.cloud.answers import (
    create,
    filters,
    parse,
    parse_list,
    read,
    read_existing,
    read_filtered,
    read_pages,
)
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import ALREADY_RUNNING, ALREADY_STOPPED, matches
from cvmimg.cloud.limits import LAUNCH_TEMPLATE_VERSIONS
from cvmimg.cloud.models import (
    Image,
    ImageCopy,
    ImageCount,
    ImageQuota,
    Instance,
    InstancesPrice,
    InstanceTypeOffer,
    LaunchTemplate,
    LaunchTemplateVersion,
    NewImage,
    NewInstances,
    Price,
    SharePermission,
)
from cvmimg.errors import CloudRefused, CvmimgError, NotFound, OutcomeUnknown
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.cloud.shared_polls import Reader

PRIVATE, PUBLIC, SHARED = "PRIVATE_IMAGE", "PUBLIC_IMAGE", "SHARED_IMAGE"


def describe_images(
    cloud: Cloud,
    *,
    image_type: str | None = None,
    name: str | None = None,
    platform: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> list[Image]:
    """List the images that fit (DescribeImages).

    Args:
        cloud: the region to call.
        image_type: ``PRIVATE``, ``PUBLIC`` or ``SHARED``.
        name: part of the name: the API matches fuzzily, the caller has to compare.
        platform: part of the platform's name.
        tags: tags that the image must carry.
    """
    wanted = filters(image_type=image_type, image_name=name, platform=platform)
    wanted += [{"Name": f"tag:{key}", "Values": [value]} for key, value in (tags or {}).items()]
    return _describe_images(cloud, {"Filters": wanted} if wanted else {})


def _describe_images(cloud: Cloud, params: Mapping[str, Any]) -> list[Image]:
    return read_pages(cloud, "cvm", "DescribeImages", params, "ImageSet", Image)


def describe_images_by_id(cloud: Cloud, image_ids: Sequence[str]) -> list[Image]:
    """List those of these images that exist, any number of them (DescribeImages)."""

    def some(ids: Sequence[str]) -> list[Image]:
        found = _describe_images(cloud, {"ImageIds": list(ids)})
        return [image for image in found if image.image_id in ids]

    return read_existing(image_ids, some)


def describe_image(cloud: Cloud, image_id: str) -> Image:
    """Read the image of this id (DescribeImages).

    Raises:
        NotFound: it does not exist, or is not visible yet.
    """
    for image in describe_images_by_id(cloud, [image_id]):
        return image
    message = Message("ImageNotFound", image=image_id, region=cloud.region)
    raise NotFound(message, code="InvalidImageId.NotFound")


def count_private_images(cloud: Cloud) -> int:
    """Count the custom images of the region (DescribeImages' TotalCount)."""
    request = {"Filters": filters(image_type=PRIVATE), "Limit": 1}
    return read(cloud, "cvm", "DescribeImages", request, ImageCount).total_count


def describe_image_quota(cloud: Cloud) -> int | None:
    """Read the limit for custom images in the region; None if not given (DescribeImageQuota)."""
    return read(cloud, "cvm", "DescribeImageQuota", {}, ImageQuota).image_num_quota


def describe_image_from_family(cloud: Cloud, family: str) -> Image | None:
    """Read the newest usable image of a family, or None (DescribeImageFromFamily)."""
    answer = cloud.read("cvm", "DescribeImageFromFamily", {"ImageFamily": family})
    image = answer.get("Image")
    return parse(Image, image, action="DescribeImageFromFamily") if image else None


def create_image(cloud: Cloud, request: Mapping[str, Any]) -> str:
    """Start creating an image and return its id (CreateImage).

    Not repeatable: the action takes no client token.

    Args:
        cloud: the region to call.
        request: the action's own parameters, without DryRun.

    Raises:
        OutcomeUnknown: the image may be in progress; search for it before another call.
    """
    return create(cloud, "cvm", "CreateImage", request, NewImage).image_id


def modify_image_attribute(cloud: Cloud, image_id: str, changes: Mapping[str, Any]) -> None:
    """Change name, description, family or deprecation (ModifyImageAttribute)."""
    cloud.write("cvm", "ModifyImageAttribute", {"ImageId": image_id, **changes}, repeatable=True)


def delete_images(cloud: Cloud, image_ids: Sequence[str], *, with_snapshots: bool = False) -> None:
    """Delete images, optionally with their snapshots (DeleteImages)."""
    cloud.write(
        "cvm",
        "DeleteImages",
        {"ImageIds": list(image_ids), "DeleteBindedSnap": with_snapshots},
    )


def describe_image_share_permission(cloud: Cloud, image_id: str) -> list[SharePermission]:
    """List the accounts that an image is shared with (DescribeImageSharePermission).

    An answer that says nothing of them must not pass for one that says that there are none.
    """
    answer = cloud.read("cvm", "DescribeImageSharePermission", {"ImageId": image_id})
    return parse_list(
        SharePermission,
        answer,
        "SharePermissionSet",
        action="DescribeImageSharePermission",
        always_there=True,
    )


def share_image(cloud: Cloud, image_id: str, accounts: Sequence[str]) -> None:
    """Share an image with accounts (ModifyImageSharePermission SHARE).

    It is refused if the image is shared with one of them already.
    """
    _modify_sharing(cloud, image_id, accounts, "SHARE")


def cancel_image_sharing(cloud: Cloud, image_id: str, accounts: Sequence[str]) -> None:
    """End the sharing of an image with accounts (ModifyImageSharePermission CANCEL)."""
    _modify_sharing(cloud, image_id, accounts, "CANCEL", repeatable=True)


def _modify_sharing(
    cloud: Cloud,
    image_id: str,
    accounts: Sequence[str],
    permission: str,
    *,
    repeatable: bool = False,
) -> None:
    request = {"ImageId": image_id, "AccountIds": list(accounts), "Permission": permission}
    cloud.write("cvm", "ModifyImageSharePermission", request, repeatable=repeatable)


def sync_image(cloud: Cloud, request: Mapping[str, Any]) -> dict[str, str]:
    """Start to copy an image; return the ids of the copies by region (SyncImages).

    Not repeatable: the action takes no client token.

    Args:
        cloud: the region of the image.
        request: the action's own parameters, with one image.

    Raises:
        OutcomeUnknown: copies may have been started; look for them before asking again.
    """
    answer = cloud.write(
        "cvm", "SyncImages", {**request, "ImageSetRequired": True}, has=("ImageSet",)
    )
    copies = parse_list(ImageCopy, answer, "ImageSet", action="SyncImages")
    image_ids = {copy.region: copy.image_id for copy in copies}
    if not image_ids.keys() >= set(request["DestinationRegions"]):
        raise OutcomeUnknown(Message("CopyIdMissing", image=request["ImageIds"][0]))
    return image_ids


def describe_instances(
    cloud: Cloud, *, instance_ids: Sequence[str] | None = None, **wanted: str | Sequence[str]
) -> list[Instance]:
    """List the instances that fit (DescribeInstances).

    Args:
        cloud: the region to call.
        instance_ids: at most 100 ids.
        wanted: filters of the action, underscores for hyphens, such as ``image_id="img-x"``.

    Raises:
        NotFound: an id is unknown.
    """
    params = {} if instance_ids is None else {"InstanceIds": list(instance_ids)}
    return read_filtered(cloud, "cvm", "DescribeInstances", params, "InstanceSet", Instance, wanted)


def describe_instances_by_id(cloud: Cloud, instance_ids: Sequence[str]) -> list[Instance]:
    """List those of these instances that exist, any number of them (DescribeInstances)."""

    def some(ids: Sequence[str]) -> list[Instance]:
        found = describe_instances(cloud, instance_ids=ids)
        return [one for one in found if one.instance_id in ids]

    return read_existing(instance_ids, some)


def describe_instance(cloud: Cloud, instance_id: str) -> Instance:
    """Read the instance of this id (DescribeInstances), with those that other threads read.

    Raises:
        NotFound: it does not exist.
    """
    if cloud.polls is None:
        listed = describe_instances(cloud, instance_ids=[instance_id])
        found = [one for one in listed if one.instance_id == instance_id]
    else:
        reader = instance_reader(cloud)
        try:
            found = list(reader.read([instance_id]).values())
        finally:
            reader.close()
    for instance in found:
        return instance
    message = Message("InstanceNotFound", instance=instance_id, region=cloud.region)
    raise NotFound(message, code="InvalidInstanceId.NotFound")


def instance_reader(cloud: Cloud) -> Reader[Instance]:
    """Return what reads instances for one wait (DescribeInstances)."""

    def ask(ids: Sequence[str]) -> dict[str, Instance]:
        return {one.instance_id: one for one in describe_instances_by_id(cloud, ids)}

    return cloud.reader("instance", ask)


def stop_instances(cloud: Cloud, instance_ids: Sequence[str], *, stop_type: str = "SOFT") -> str:
    """Shut instances down but keep them charged, so that they can be imaged (StopInstances).

    Args:
        cloud: the region to call.
        instance_ids: which.
        stop_type: "SOFT" (graceful), "SOFT_FIRST" (forced if that fails) or "HARD" (forced).

    Returns:
        The request's id, by which the instances name their latest operation; empty if the only
        instance was stopped already.
    """
    request = {
        "InstanceIds": list(instance_ids),
        "StopType": stop_type,
        "StoppedMode": "KEEP_CHARGING",
    }
    return _change_power(cloud, "cvm", "StopInstances", request, ALREADY_STOPPED)


def start_instances(cloud: Cloud, instance_ids: Sequence[str]) -> str:
    """Start instances (StartInstances); returns as ``stop_instances``."""
    request = {"InstanceIds": list(instance_ids)}
    return _change_power(cloud, "cvm", "StartInstances", request, ALREADY_RUNNING)


def _change_power(
    cloud: Cloud, service: str, action: str, request: Mapping[str, Any], already: tuple[str, ...]
) -> str:
    try:
        answer = cloud.write(service, action, request)
    except CloudRefused as error:
        # Of several instances, the code says only that one of them is there already.
        if len(request["InstanceIds"]) == 1 and matches(error.code, already):
            return ""
        raise
    return str(answer.get("RequestId") or "")


def terminate_instances(cloud: Cloud, instance_ids: Sequence[str]) -> None:
    """Terminate instances (TerminateInstances)."""
    cloud.write("cvm", "TerminateInstances", {"InstanceIds": list(instance_ids)})


def run_instances(cloud: Cloud, request: Mapping[str, Any]) -> list[str]:
    """Launch instances and return their ids (RunInstances).

    Args:
        cloud: the region to call.
        request: the action's own parameters; with a ClientToken it can be sent again safely.
    """
    repeatable = "ClientToken" in request
    new = create(cloud, "cvm", "RunInstances", request, NewInstances, repeatable=repeatable)
    return list(new.instance_id_set)


def inquire_price_run_instances(cloud: Cloud, request: Mapping[str, Any]) -> Price:
    """Read what instances would cost (InquiryPriceRunInstances); see ``cloud/price.py``.

    Args:
        cloud: the region to call.
        request: the action's own parameters, of which RunInstances has more.
    """
    return read(cloud, "cvm", "InquiryPriceRunInstances", request, InstancesPrice).price


def describe_zone_instance_config_infos(cloud: Cloud, **wanted: str) -> list[InstanceTypeOffer]:
    """List the instance types that a zone offers (DescribeZoneInstanceConfigInfos).

    Args:
        cloud: the region to call.
        wanted: filters of the action, underscores for hyphens, such as ``instance_type="S5"``.
    """
    request, items = {"Filters": filters(**wanted)}, "InstanceTypeQuotaSet"
    answer = cloud.read("cvm", "DescribeZoneInstanceConfigInfos", request, has=(items,))
    return parse_list(InstanceTypeOffer, answer, items, action="DescribeZoneInstanceConfigInfos")


def supports_instance_type(cloud: Cloud, image_id: str, instance_type: str) -> bool:
    """Return whether an instance type can start from an image (DescribeImages)."""
    return bool(_describe_images(cloud, {"ImageIds": [image_id], "InstanceType": instance_type}))


def describe_launch_templates(cloud: Cloud) -> list[LaunchTemplate]:
    """List the launch templates (DescribeLaunchTemplates)."""
    return read_pages(
        cloud, "cvm", "DescribeLaunchTemplates", {}, "LaunchTemplateSet", LaunchTemplate
    )


def describe_launch_template_versions(
    cloud: Cloud, launch_template_id: str, *, latest_version: int
) -> list[LaunchTemplateVersion]:
    """List the versions of a launch template (DescribeLaunchTemplateVersions).

    Args:
        cloud: the region to call.
        launch_template_id: which template.
        latest_version: its newest version: without it, the API stops at version 30.
    """
    return read_pages(
        cloud,
        "cvm",
        "DescribeLaunchTemplateVersions",
        {
            "LaunchTemplateId": launch_template_id,
            "MinVersion": 0,
            "MaxVersion": max(latest_version, LAUNCH_TEMPLATE_VERSIONS),
        },
        "LaunchTemplateVersionSet",
        LaunchTemplateVersion,
    )


def dry_run(cloud: Cloud, action: str, request: Mapping[str, Any]) -> None:
    """Check whether the API would carry out ``action``, with DryRun.

    A plain answer or ``DryRunOperation`` means that it would.

    Raises:
        CvmimgError: the refusal; or ``DryRunIgnored``, if something was created anyway.
    """
    try:
        answer = cloud.write("cvm", action, {**request, "DryRun": True}, repeatable=True)
    except CvmimgError as error:
        if error.code != "DryRunOperation":
            raise
        return
    created = answer.get("InstanceIdSet") or answer.get("ImageId") or answer.get("ImageSet")
    if created:
        ids = created if isinstance(created, list) else [created]
        raise CvmimgError(Message("DryRunIgnored", action=action, ids=[str(one) for one in ids]))
