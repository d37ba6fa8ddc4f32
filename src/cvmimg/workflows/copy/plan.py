"""The plan of copying an image: what each destination says to it. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cvmimg.cloud import cvm, region
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    PreconditionFailed,
    UsageError,
)
from cvmimg.message import Message
from cvmimg.workflows.require_image import require_ready

_FINANCE_SUFFIX = "-fsi"


@dataclass(frozen=True)
class CopyRequest:
    """Copies that are wanted.

    Attributes:
        regions: the destinations.
        name: the copies' name; empty for the image's own.
        encrypt: copy within the region as an encrypted image.
        kms_key: the key to encrypt with; empty for the account's default key.
        wait: wait until the copies can be used.
    """

    regions: tuple[str, ...]
    name: str = ""
    encrypt: bool = False
    kms_key: str = ""
    wait: bool = True

    def require_valid(self) -> None:
        """Refuse what cannot be right, whatever the cloud says.

        Raises:
            UsageError: the message names the option.
        """
        if self.kms_key and not self.encrypt:
            raise UsageError(Message("KeyWithoutEncrypt"))


@dataclass(frozen=True)
class CopyOrder:
    """Copies that are made, as the journal holds them.

    Attributes:
        image_id: the image.
        name: the name of all copies.
        gib: the image's size, in GiB.
        regions: the destinations.
        description: of the image, which the copies get too.
        family: likewise.
        tags: likewise.
        encrypt: encrypt the copy.
        kms_key: the key to encrypt with.
        wait: whether to wait until the copies can be used.
    """

    image_id: str
    name: str
    gib: int
    regions: tuple[str, ...]
    description: str
    family: str
    tags: dict[str, str]
    encrypt: bool = False
    kms_key: str = ""
    wait: bool = True

    def api_request(self, destination: str) -> dict[str, Any]:
        """Return SyncImages' parameters for one destination."""
        request: dict[str, Any] = {
            "ImageIds": [self.image_id],
            "DestinationRegions": [destination],
            "ImageName": self.name,
        }
        if self.encrypt:
            request["Encrypt"] = True
        if self.kms_key:
            request["KmsKeyId"] = self.kms_key
        return request


def plan_copy(session: Session, image: Image, request: CopyRequest) -> CopyOrder:
    """Decide how an image is copied, and refuse what cannot work in one of the destinations.

    Rests on DescribeRegions, DescribeImages, DescribeImageQuota, and SyncImages with DryRun.

    Raises:
        UsageError: an option is wrong.
        PreconditionFailed: the image cannot be copied, or not to a destination; the message names
            all of them, and why.
        CvmimgError: the cloud could not be asked.
    """
    request.require_valid()
    if image.image_type not in (cvm.PRIVATE, cvm.SHARED):
        raise PreconditionFailed(Message("ImageNotCopied", image=image.image_id))
    require_ready(image)
    order = CopyOrder(
        image.image_id,
        request.name or image.image_name,
        image.image_size,
        tuple(dict.fromkeys(request.regions)),
        image.image_description,
        image.image_family,
        image.tag_map,
        request.encrypt,
        request.kms_key,
        request.wait,
    )
    _require_possible(session.cloud, image, order)
    return order


def _require_possible(cloud: Cloud, image: Image, order: CopyOrder) -> None:
    known = [each.region for each in region.all_regions(cloud)]
    obstacles = concurrently(
        [partial(_obstacles, cloud, image, order, each, known) for each in order.regions]
    )
    reasons = [
        Message("InRegion", region=destination, reason=reason)
        for destination, found in zip(order.regions, obstacles, strict=True)
        for reason in found
    ]
    if reasons:
        raise PreconditionFailed(Message("NotCopied", image=image.image_id, reasons=reasons))


def _obstacles(
    cloud: Cloud, image: Image, order: CopyOrder, destination: str, known: Sequence[str]
) -> list[Message]:
    """Return why an image cannot be copied to a region; empty if it can."""
    route = _route_obstacle(cloud.region, image, order, destination, known)
    if route is not None:
        return [route]
    there = cloud.in_region(destination)
    found = [*_name_obstacles(there, order.name), *_quota_obstacles(there)]
    return found or _refusal(cloud, order, destination)


def _route_obstacle(
    source: str, image: Image, order: CopyOrder, destination: str, known: Sequence[str]
) -> Message | None:
    if destination not in known:
        return Message("copy.region-unknown")
    within = order.encrypt or image.image_type == cvm.SHARED
    if within and destination != source:
        code = "copy.encrypted-elsewhere" if order.encrypt else "copy.shared-elsewhere"
        return Message(code, region=source)
    if not within and destination == source:
        return Message("copy.same-region")
    if destination != source and _FINANCE_SUFFIX in (source[-4:], destination[-4:]):
        return Message("copy.finance-region")
    return None


def _name_obstacles(there: Cloud, name: str) -> list[Message]:
    named = cvm.describe_images(there, image_type=cvm.PRIVATE, name=name)
    return [
        Message("copy.name-taken", name=name, image=image.image_id)
        for image in named
        if image.image_name == name
    ]


def _quota_obstacles(there: Cloud) -> list[Message]:
    allowed = _quota(there)
    used = cvm.count_private_images(there)
    full = allowed is not None and used >= allowed
    return [Message("copy.quota-full", used=used, allowed=allowed)] if full else []


def _quota(there: Cloud) -> int | None:
    """Return how many images a region may hold; None where that is not known."""
    try:
        return cvm.describe_image_quota(there)
    except (CloudRefused, CredentialsError) as error:
        if locked_out(error.code):
            raise
        return None


def _refusal(cloud: Cloud, order: CopyOrder, destination: str) -> list[Message]:
    """Return what the API itself has against the copy (SyncImages with DryRun)."""
    try:
        cvm.dry_run_sync_image(cloud, order.api_request(destination))
    except CloudRefused as error:
        return [Message("copy.refused", reason=error.message, code=error.code)]
    return []
