"""Gather the facts: ask the cloud and read the guest, side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from cvmimg.checks.facts import CheckRequest, Facts, is_busy
from cvmimg.checks.questions import Questions
from cvmimg.checks.windows import SERVICES
from cvmimg.cloud import cbs, cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.create_image_request import without_tags
from cvmimg.cloud.errors import UNKNOWN_TAG, locked_out, matches
from cvmimg.cloud.models import Instance
from cvmimg.errors import CloudRefused, CredentialsError, CvmimgError, NotFound
from cvmimg.guest.access import open_access
from cvmimg.guest.errors import Reason
from cvmimg.guest.facts import GuestFacts, from_copy
from cvmimg.guest.read import GuestUnreadable, read_guest, read_windows
from cvmimg.guest.script import ScriptOutput
from cvmimg.message import Message


def gather(
    cloud: Cloud,
    request: CheckRequest,
    *,
    dry_run: bool = True,
    guest: bool = True,
    while_busy: bool = True,
    questions: Questions | None = None,
) -> Facts:
    """Ask the cloud everything that the checks need and read the guest, side by side.

    Uses DescribeInstances, DescribeImages, DescribeImageQuota, DescribeDisks, DescribeSnapshots,
    DescribeSnapshotOverview, CreateImage with DryRun and, to read the guest through the agent,
    RunCommand and DescribeInvocationTasks.

    Args:
        cloud: the cloud and region.
        request: the image that is wanted.
        dry_run: whether to send the dry run.
        guest: whether to read the guest.
        while_busy: whether to do these two while an operation is in progress on the instance.
        questions: asks the cloud what does not depend on the request; by default for this alone.

    Raises:
        NotFound: the instance, or a snapshot, does not exist.
        CvmimgError: the cloud could not be queried; or ``DryRunIgnored``: it made an image.
    """
    ask = questions or Questions(cloud)
    with ThreadPoolExecutor(max_workers=8) as pool:
        images, quota = pool.submit(ask.images), pool.submit(ask.quota)
        overview = pool.submit(ask.overview)
        if request.instance_id:
            instance = ask.instance(request.instance_id)
            asks = while_busy or not is_busy(instance)
            facts = _gather_instance(
                cloud, request, instance, pool, ask, dry_run=dry_run and asks, guest=guest and asks
            )
        else:
            facts = _gather_snapshots(cloud, request, dry_run=dry_run)
        facts = replace(
            facts, images=images.result(), quota=quota.result(), overview=overview.result()
        )
    if facts.quota is None or len(facts.images) < facts.quota:
        return facts
    return replace(facts, replaceable=ask.replaceable(facts.images))


def gather_guest(cloud: Cloud, request: CheckRequest) -> Facts:
    """Read an instance and its guest alone, for checks that need nothing else.

    Raises:
        NotFound: the instance does not exist.
        CvmimgError: the cloud could not be queried.
    """
    instance = cvm.describe_instance(cloud, request.instance_id)
    guest = _read_guest(cloud, request, instance)
    return Facts(request, cloud.region, instance=instance, guest=guest)


def _gather_instance(
    cloud: Cloud,
    request: CheckRequest,
    instance: Instance,
    pool: ThreadPoolExecutor,
    ask: Questions,
    *,
    dry_run: bool,
    guest: bool,
) -> Facts:
    first = ask.guest_output(instance)
    guest_facts = pool.submit(_read_guest, cloud, request, instance, first) if guest else None
    disks = pool.submit(ask.disks, instance)
    source_image = pool.submit(ask.source_image, instance)
    refusal = pool.submit(_dry_run, cloud, request, instance) if dry_run else None
    snapshots = pool.submit(ask.snapshots_in_progress, instance)
    return Facts(
        request,
        cloud.region,
        instance=instance,
        source_image=source_image.result(),
        disks=disks.result(),
        snapshots=snapshots.result(),
        refusal=refusal.result() if refusal else None,
        guest=guest_facts.result() if guest_facts else None,
    )


def _read_guest(
    cloud: Cloud, request: CheckRequest, instance: Instance, first: ScriptOutput | None = None
) -> GuestFacts | GuestUnreadable | None:
    """Read the guest, unless it cannot be reached anyway."""
    method, instance_id = request.access, instance.instance_id
    if method.fstab_copy is not None and not instance.is_windows:
        return from_copy(method.fstab_copy)
    if instance.instance_state != "RUNNING":
        return GuestUnreadable(Reason.STOPPED, Message("GuestNotRunning", instance=instance_id))
    if method.uses_agent and not instance.virtual_private_cloud.vpc_id:
        return GuestUnreadable(Reason.NOT_IN_VPC, Message("GuestNotInVpc", instance=instance_id))
    access = open_access(method, cloud, instance_id)
    if instance.is_windows:
        return read_windows(access, SERVICES)
    return read_guest(access, first)


def _gather_snapshots(cloud: Cloud, request: CheckRequest, *, dry_run: bool) -> Facts:
    snapshots = cbs.describe_snapshots(cloud, snapshot_ids=list(request.snapshot_ids))
    missing = set(request.snapshot_ids) - {snapshot.snapshot_id for snapshot in snapshots}
    if missing:
        raise NotFound(
            Message("SnapshotNotFound", snapshots=sorted(missing), region=cloud.region),
            code="InvalidParameter.SnapshotNotFound",
        )
    refusal = _dry_run(cloud, request, None) if dry_run else None
    return Facts(request, cloud.region, snapshots=snapshots, refusal=refusal)


def _dry_run(cloud: Cloud, request: CheckRequest, instance: Instance | None) -> CvmimgError | None:
    """Return why the API would refuse to make the image, or None (CreateImage with DryRun).

    Raises:
        CvmimgError: the cloud could not be queried; or ``DryRunIgnored``: it made an image.
    """
    try:
        _send_dry_run(cloud, request.api_request(instance))
    except (CloudRefused, NotFound, CredentialsError) as error:
        if locked_out(error.code):
            raise
        return error
    except CvmimgError as error:
        if error.code == "DryRunIgnored":
            delete = request.command_line.command("delete", *error.message.params["ids"])
            error.hint = Message("DryRunIgnored.delete", command=delete)
        raise
    return None


def _send_dry_run(cloud: Cloud, body: dict[str, Any]) -> None:
    try:
        cvm.dry_run(cloud, "CreateImage", body)
    except CloudRefused as error:
        if not matches(error.code, UNKNOWN_TAG):
            raise
        # They are added to the new image.
        cvm.dry_run(cloud, "CreateImage", without_tags(body))
