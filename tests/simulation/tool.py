"""How the simulator calls the tool: the only module here that knows the tool's functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import singledispatch
from pathlib import Path
from typing import Any
from unittest import mock

from requests.adapters import BaseAdapter

from cvmimg.clock import Clock
from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.journal import files
from cvmimg.durable.journal.atomic_file import remove_durably, write_durably
from cvmimg.durable.named import OperationName, fingerprint
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError as CvmimgError
from cvmimg.guest.tat import AgentAccess
from cvmimg.sandbox import NEIGHBOUR
from cvmimg.workflows import resume as resume_module
from cvmimg.workflows.copy.operation import copy_image
from cvmimg.workflows.copy.plan import CopyRequest, plan_copy
from cvmimg.workflows.create.many import create_many
from cvmimg.workflows.create.operation import create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.delete.operation import delete_images
from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
from cvmimg.workflows.delete.targets import find_targets
from cvmimg.workflows.family.operation import change_family
from cvmimg.workflows.family.plan import plan_promotion, plan_rollback
from cvmimg.workflows.find_image import find_image
from cvmimg.workflows.launch.earlier_run import continue_lost_launch
from cvmimg.workflows.launch.operation import DataSource, continue_launch, launch
from cvmimg.workflows.launch.plan import plan_launch
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.settings import LaunchSettings
from cvmimg.workflows.prune.facts import Selection
from cvmimg.workflows.prune.operation import prune
from cvmimg.workflows.prune.plan import PruneRequest, plan_prune
from cvmimg.workflows.prune.rules import Action, Retention
from cvmimg.workflows.share import share_image, unshare_image
from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
from cvmimg.workflows.snapshot.plan import mount_points, plan_snapshots
from cvmimg.workflows.update import UpdateRequest, update_images
from cvmimg.workflows.verify.operation import verify_image
from cvmimg.workflows.verify.request import VerifyRequest
from tests.simulation.operations import (
    LONG,
    TAG,
    UNTAG,
    Copy,
    Create,
    Delete,
    Launch,
    Operation,
    Promote,
    Prune,
    Share,
    Snapshot,
    Update,
    Verify,
)
from tests.support.session import new_session

TAGS = {TAG[0]: TAG[1]}
RESUME_SECONDS = 3600.0
OPEN = Path("operations") / "open"
OPERATION_TAG, SOURCE_TAG = "cvmimg-operation", "cvmimg-source-instance"
PROMOTED_TAG, REVOKED_TAG = "cvmimg-promoted-at", "cvmimg-revoked"
PROBE_TAG, VERIFIED_TAG = "cvmimg-probe", "cvmimg-verified"
FAMILY_TAG = "cvmimg-family"


def session(
    credentials: tuple[str, str], region: str, adapter: BaseAdapter, clock: Clock, state_dir: Path
) -> Session:
    """A tool that has just been started."""
    cloud = Cloud.connect(Credentials(*credentials), region, adapter=adapter, clock=clock)
    return new_session(cloud, state_dir)


def perform(session: Session, operation: Operation, show: Callable[[set[str]], None]) -> None:
    """Do what a command does; raises as it does.

    Args:
        session: a tool that has just been started.
        operation: what is asked for.
        show: receives the ids that a prune shows as to be deleted or deprecated.
    """
    if isinstance(operation, Prune):
        _prune(session, operation, show)
    else:
        _perform(operation, session)


def perform_named(session: Session, operation: Create | Launch, name: str) -> None:
    """What ``cvmimg create`` or ``launch`` does with ``--operation-id``."""
    if isinstance(operation, Launch):
        _launch_named(
            session, operation, _name(operation, name), operation.timeout, wait=operation.wait
        )
    else:
        create(session, replace(_create_request(operation), operation_id=name))


def perform_again(
    session: Session, operation: Create | Launch, name: str, *, elsewhere: bool
) -> None:
    """What the same command does when it is run again.

    Args:
        session: a tool that has just been started.
        operation: what was asked for.
        name: the id of the operation.
        elsewhere: the journal was lost, so it takes over what it finds.
    """
    if isinstance(operation, Launch):
        _launch_named(session, operation, _name(operation, name), RESUME_SECONDS, wait=True)
        return
    request = replace(
        _create_request(operation),
        operation_id=name,
        take_over=elsewhere,
        wait=True,
        timeout_seconds=RESUME_SECONDS,
    )
    create(session, request)


def _name(operation: Launch, name: str) -> OperationName:
    return OperationName(name, fingerprint(_launch_request(operation)))


def create_together(session: Session, operations: Sequence[Create]) -> list[CvmimgError | None]:
    """What ``cvmimg create`` does with several instances; the errors of those that failed."""
    outcomes = create_many(session, [_create_request(operation) for operation in operations])
    return [outcome.error for outcome in outcomes]


def operations_on(state_dir: Path, instance: str, planted: Collection[str]) -> list[str]:
    """The ids of the operations that the journal has of an instance, open or done.

    Args:
        state_dir: of the journal.
        instance: its id.
        planted: the names of damaged records, which are passed over.
    """
    records = [
        json.loads(path.read_text(encoding="utf-8"))
        for path in (state_dir / "operations").glob("*/op-*.json")
        if path.stem not in planted
    ]
    return [record["id"] for record in records if instance in record["instance_ids"]]


def resume(session: Session, *, roll_back: bool) -> str:
    """Do what ``cvmimg resume`` does with everything that is unfinished; return what it notes."""
    done = resume_module.resume(session, roll_back=roll_back, timeout_seconds=RESUME_SECONDS)
    return " / ".join(str(note) for one in done for note in one.remains)


def resume_from_cloud(session: Session, *, roll_back: bool) -> None:
    """What ``cvmimg resume --from-cloud --take-over`` does."""
    resume_module.resume_from_cloud(
        session,
        approve=lambda _: None,
        roll_back=roll_back,
        timeout_seconds=RESUME_SECONDS,
    )


def unfinished(state_dir: Path) -> set[str]:
    """The ids of the operations that the journal has as unfinished."""
    folder = state_dir / "operations"
    names = {path.name for path in folder.glob("open/*.json")}
    return {name.removesuffix(".json") for name in names if not (folder / "done" / name).exists()}


def failed(state_dir: Path) -> set[str]:
    """The ids of the operations that the journal has closed as failed, with the reason."""
    folder = state_dir / "operations" / "done"
    records = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("op-*.json")]
    return {one["id"] for one in records if one["status"] == "failed" and one["failure"]}


def in_words(error: CvmimgError) -> str:
    """An error as far as a person reads it."""
    parts = [error.message, error.hint, *error.notes, error.resume_command]
    return f"{error.code}: " + " / ".join(str(part) for part in parts if part)


@contextmanager
def disk(before: Callable[[Path], None], after: Callable[[], None]) -> Iterator[None]:
    """Call ``before`` ahead of each write of the journal, and ``after`` behind it.

    Args:
        before: is handed the file, or None where it is removed; may raise OSError.
        after: may raise, too.
    """

    def write(path: Path, text: str) -> None:
        before(path)
        write_durably(path, text)
        after()

    def remove(path: Path) -> None:
        before(path.parent)
        remove_durably(path)
        after()

    with (
        mock.patch.object(files, "write_durably", write),
        mock.patch.object(files, "remove_durably", remove),
    ):
        yield


@singledispatch
def _perform(operation: Any, session: Session) -> None:
    raise NotImplementedError(operation)


@_perform.register
def _create(operation: Create, session: Session) -> None:
    request = _create_request(operation)
    request.require_valid()
    create(session, request)


def _create_request(operation: Create) -> CreateRequest:
    return CreateRequest(
        name=operation.name,
        instance_id="" if operation.snapshots else operation.instance,
        snapshot_ids=operation.snapshots,
        tags=TAGS if operation.tagged else {},
        stop=operation.stop,
        force_stop=operation.force_stop,
        online=operation.online,
        restart=operation.restart,
        with_data_disks=operation.with_data_disks,
        data_disk_ids=operation.data_disks,
        fix_fstab=operation.fix_fstab,
        fixes=operation.fixes,
        skip_checks=operation.skip_checks,
        require_tag=operation.require_tag,
        sysprep=operation.sysprep,
        replace_oldest=operation.replace_oldest,
        promote=operation.promote,
        verify=operation.verify,
        delete_on_failure=operation.delete_on_failure,
        copy_to=operation.copy_to,
        share_with=(NEIGHBOUR,) if operation.share else (),
        family=operation.family,
        keep=operation.keep,
        own_tags=operation.own_tags,
        wait=operation.wait,
        timeout_seconds=operation.timeout,
    )


@_perform.register
def _launch(operation: Launch, session: Session) -> None:
    _launch_named(session, operation, OperationName(), operation.timeout, wait=operation.wait)


def _launch_named(
    session: Session, operation: Launch, name: OperationName, timeout: float, *, wait: bool
) -> None:
    if name.id and continue_launch(session, name, timeout_seconds=timeout) is not None:
        return
    image = find_image(session.cloud, operation.image)
    if name.id:
        lost = continue_lost_launch(
            session, name, image.image_id, operation.count, timeout_seconds=timeout, wait=wait
        )
        if lost is not None:
            return
    request, source = _launch_request(operation), None
    if operation.data_from:
        source = DataSource.from_plan(plan_snapshots(session.cloud, operation.data_from))
        request = source.as_planned(request)
    launch(
        session,
        plan_launch(session.cloud, request, image),
        timeout_seconds=timeout,
        wait=wait,
        data_from=source,
        delete_snapshots=operation.delete_snapshots_after,
        name=name,
    )


def _launch_request(operation: Launch) -> LaunchRequest:
    kind = "SA5.LARGE8" if operation.scarce else None
    return LaunchRequest(
        operation.image,
        operation.count,
        min_count=operation.min_count,
        settings=LaunchSettings(name=operation.name, type=kind),
        template=operation.template,
        fixes=operation.fixes,
    )


@_perform.register
def _snapshot(operation: Snapshot, session: Session) -> None:
    plan = plan_snapshots(session.cloud, operation.instance, operation.disks)
    targets: tuple[str, ...] = ()
    if operation.freeze:
        targets = mount_points(plan, AgentAccess(session.cloud, operation.instance))
    request = SnapshotRequest(
        operation.instance,
        {},
        targets,
        operation.timeout,
        operation.wait,
        require_tag=operation.require_tag,
    )
    make_snapshots(session, plan, request)


@_perform.register
def _delete(operation: Delete, session: Session) -> None:
    targets = find_targets(session.cloud, [*operation.images, *operation.snapshots])
    for error in targets.missing.values():
        raise error
    how = DeleteRequest(operation.keep_snapshots, operation.unshare, operation.force)
    plans = plan_delete(session.cloud, targets.images, how, snapshots=targets.snapshots)
    delete_images(session, plans, snapshots=targets.snapshots, timeout_seconds=LONG)


@_perform.register
def _update(operation: Update, session: Session) -> None:
    request = UpdateRequest(
        operation.name,
        operation.description,
        operation.family,
        operation.deprecated,
        TAGS if operation.tag else {},
        (UNTAG,) if operation.untag else (),
    )
    request.require_valid()
    update_images(session, [cvm.describe_image(session.cloud, operation.image)], request)


@_perform.register
def _copy(operation: Copy, session: Session) -> None:
    image = cvm.describe_image(session.cloud, operation.image)
    request = CopyRequest(
        operation.regions, operation.name, encrypt=operation.encrypt, wait=operation.wait
    )
    order = plan_copy(session, image, request)
    copy_image(session, order, timeout_seconds=operation.timeout)


@_perform.register
def _share(operation: Share, session: Session) -> None:
    image = cvm.describe_image(session.cloud, operation.image)
    if operation.undo:
        unshare_image(session, image, [operation.account] if operation.account else None)
    else:
        share_image(session, image, [operation.account])


@_perform.register
def _promote(operation: Promote, session: Session) -> None:
    if operation.revoke:
        plan = plan_rollback(session.cloud, "db", "broken")
    else:
        plan = plan_promotion(session.cloud, cvm.describe_image(session.cloud, operation.image))
    change_family(session, plan)


@_perform.register
def _verify(operation: Verify, session: Session) -> None:
    image = cvm.describe_image(session.cloud, operation.image)
    verify_image(session, image, VerifyRequest(timeout_seconds=operation.timeout))


def _prune(session: Session, operation: Prune, show: Callable[[set[str]], None]) -> None:
    grace = 7 * 86400.0 if operation.grace else None
    retention = Retention(keep=operation.keep, grace_seconds=grace)
    request = PruneRequest(retention, Selection(families=("db",)), snapshots=operation.snapshots)
    plan = plan_prune(session.cloud, request)
    show({item.id for item in plan.items if item.decision.action is not Action.KEEP})
    result = prune(session, request, plan, timeout_seconds=LONG)
    if result.errors:
        raise result.worst_error
