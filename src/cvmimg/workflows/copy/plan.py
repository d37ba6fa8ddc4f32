"""Plan how an image is copied, with the obstacles in each destination. Nothing is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cvmimg.cloud import cvm, region
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.durable.session import Session
from cvmimg.errors import CloudRefused, PreconditionFailed, UsageError
from cvmimg.message import Message
from cvmimg.suggest import similar
from cvmimg.workflows.if_permitted import if_permitted
from cvmimg.workflows.require_image import require_ready
from cvmimg.workflows.secrets import warn_of_secrets

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
        skip_checks: checks for secrets to skip, or "secrets".
    """

    regions: tuple[str, ...]
    name: str = ""
    encrypt: bool = False
    kms_key: str = ""
    wait: bool = True
    skip_checks: tuple[str, ...] = ()

    def require_valid(self) -> None:
        """Refuse a request that is invalid in itself, whatever the cloud says.

        Raises:
            UsageError: the message names the option.
        """
        if self.kms_key and not self.encrypt:
            raise UsageError(Message("KeyWithoutEncrypt"))


@dataclass(frozen=True)
class CopyOrder:
    """Copies that are made, as stored in the journal.

    Attributes:
        image_id: the image.
        name: the name of all copies.
        gib: the image's size, in GiB.
        regions: the destinations.
        description: of the image, which the copies get too.
        family: of the copies.
        tags: of the copies.
        encrypt: encrypt the copy.
        kms_key: the key to encrypt with.
        wait: whether to wait until the copies can be used.
        copy_ids: copies that exist already, by region.
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
    copy_ids: dict[str, str] = field(default_factory=dict)

    def api_request(self, destinations: Sequence[str]) -> dict[str, Any]:
        """Return SyncImages' parameters for some of the regions."""
        request: dict[str, Any] = {
            "ImageIds": [self.image_id],
            "DestinationRegions": list(destinations),
            "ImageName": self.name,
        }
        if self.encrypt:
            request["Encrypt"] = True
        if self.kms_key:
            request["KmsKeyId"] = self.kms_key
        return request


def plan_copy(session: Session, image: Image, request: CopyRequest) -> CopyOrder:
    """Decide how an image is copied, and refuse what cannot work in one of the destinations.

    Calls DescribeRegions, DescribeImages, DescribeImageQuota, SyncImages with DryRun, and
    what ``warn_of_secrets`` calls.

    Raises:
        UsageError: an option is wrong.
        PreconditionFailed: the image cannot be copied, or not to a destination; the message names
            all of them, and why.
        CvmimgError: the cloud could not be queried.
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
    if any(destination != session.cloud.region for destination in order.regions):
        warn_of_secrets(session, image, request.skip_checks)
    return order


def require_destinations(cloud: Cloud, name: str, regions: Sequence[str]) -> None:
    """Refuse regions to which a new image of this name could not be copied.

    Calls DescribeRegions, DescribeImages and DescribeImageQuota.

    Raises:
        PreconditionFailed: one does not fit; the message names all of them, and why.
    """
    order = CopyOrder("", name, 0, tuple(regions), "", "", {})
    _refuse(name, order.regions, _all_obstacles(cloud, order, shared=False))


def _require_possible(cloud: Cloud, image: Image, order: CopyOrder) -> None:
    obstacles = _all_obstacles(cloud, order, shared=image.image_type == cvm.SHARED)
    if not any(obstacles) and _refusal(cloud, order, order.regions):
        obstacles = concurrently(
            [partial(_refusal, cloud, order, [each]) for each in order.regions]
        )
    _refuse(image.image_id, order.regions, obstacles)


def _refuse(image: str, regions: Sequence[str], obstacles: Sequence[Sequence[Message]]) -> None:
    reasons = [
        Message("InRegion", region=region, reason=reason)
        for region, found in zip(regions, obstacles, strict=True)
        for reason in found
    ]
    if reasons:
        raise PreconditionFailed(Message("NotCopied", image=image, reasons=reasons))


def _all_obstacles(cloud: Cloud, order: CopyOrder, *, shared: bool) -> list[list[Message]]:
    known = [each.region for each in region.all_regions(cloud)]
    return concurrently(
        [partial(_obstacles, cloud, order, each, known, shared=shared) for each in order.regions]
    )


def _obstacles(
    cloud: Cloud, order: CopyOrder, destination: str, known: Sequence[str], *, shared: bool
) -> list[Message]:
    """Return why an image cannot be copied to a region; empty if it can."""
    if destination not in known:
        names = similar(destination, known)
        if names:
            return [Message("copy.region-similar", names=names)]
        return [Message("copy.region-unknown")]
    route = _route_obstacle(cloud.region, destination, encrypt=order.encrypt, shared=shared)
    if route is not None:
        return [route]
    there = cloud.in_region(destination)
    images = cvm.describe_images(there, image_type=cvm.PRIVATE)
    reasons = [
        Message("copy.name-taken", name=order.name, image=image.image_id)
        for image in images
        if image.image_name == order.name
    ]
    allowed, used = if_permitted(partial(cvm.describe_image_quota, there)), len(images)
    if allowed is not None and used >= allowed:
        reasons.append(Message("copy.quota-full", used=used, allowed=allowed))
    return reasons


def _route_obstacle(
    source: str, destination: str, *, encrypt: bool, shared: bool
) -> Message | None:
    if (encrypt or shared) and destination != source:
        code = "copy.encrypted-elsewhere" if encrypt else "copy.shared-elsewhere"
        return Message(code, region=source)
    if not (encrypt or shared) and destination == source:
        return Message("copy.same-region")
    if destination != source and _FINANCE_SUFFIX in (source[-4:], destination[-4:]):
        return Message("copy.finance-region")
    return None


def _refusal(cloud: Cloud, order: CopyOrder, destinations: Sequence[str]) -> list[Message]:
    """Return why the API itself would refuse the copies (SyncImages with DryRun)."""
    try:
        cvm.dry_run(cloud, "SyncImages", order.api_request(destinations))
    except CloudRefused as error:
        return [Message("copy.refused", reason=error.message, code=error.code)]
    return []
