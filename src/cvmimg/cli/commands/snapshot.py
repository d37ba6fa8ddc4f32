"""``cvmimg snapshot``."""

from __future__ import annotations

import click

from cvmimg.cli.options import (
    DISK_ID,
    INSTANCE,
    NAME,
    TAG,
    flag,
    one_or_other,
    require_tag_option,
    timeout_option,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command(
    "snapshot",
    cls=Command,
    examples=(
        "cvmimg snapshot ins-1a2b3c4d --freeze",
        "cvmimg snapshot web-1 --data-disk disk-1a2b3c4d --name nightly",
    ),
)
@click.argument("reference", metavar="[INSTANCE]", type=INSTANCE, required=False)
@click.option(
    "--instance",
    type=INSTANCE,
    help="Instance whose data disks to snapshot.",
)
@click.option(
    "--data-disk",
    "disks",
    type=DISK_ID,
    multiple=True,
    help="Data disk to snapshot, instead of all; repeatable.",
)
@click.option(
    "--name", type=NAME, help="Prefix of the snapshots' names. [default: the instance id]"
)
@click.option(
    "--tag", "tags", type=TAG, multiple=True, help="Tag to add to the snapshots; repeatable."
)
@flag("--freeze", "Freeze the file systems while the snapshots start.")
@require_tag_option
@flag("--dry-run", "Check and change nothing.")
@flag("--no-wait", "Return as soon as all snapshots have started.")
@timeout_option
@click.pass_obj
def command(
    invocation: Invocation,
    reference: str | None,
    instance: str | None,
    disks: tuple[str, ...],
    name: str | None,
    tags: tuple[tuple[str, str], ...],
    freeze: bool,
    require_tag: bool,
    dry_run: bool,
    no_wait: bool,
    timeout_seconds: float,
) -> None:
    """Snapshot an instance's data disks at the same time.

    The INSTANCE may also be given with --instance.
    """
    wanted = one_or_other(reference, instance, "--instance")

    from cvmimg.cli.render import emit
    from cvmimg.cli.render.keeping import made_snapshots
    from cvmimg.cli.session import open_session
    from cvmimg.guest.access import AGENT, open_access
    from cvmimg.message import Message
    from cvmimg.workflows.snapshot.operation import SnapshotRequest, make_snapshots
    from cvmimg.workflows.snapshot.plan import mount_points, plan_snapshots

    with open_session(invocation) as session:
        began = session.clock.monotonic()
        plan = plan_snapshots(session.cloud, wanted, disks)
        instance_id = plan.instance.instance_id
        access = open_access(AGENT, session.cloud, instance_id)
        targets = mount_points(plan, access) if freeze else ()
        if dry_run:
            session.progress.notice(Message("SnapshotDryRun", count=len(plan.disks), gib=plan.gib))
            return
        request = SnapshotRequest(
            name or instance_id,
            dict(tags),
            targets,
            timeout_seconds,
            wait=not no_wait,
            require_tag=require_tag,
        )
        made = make_snapshots(session, plan, request)
        elapsed = session.clock.monotonic() - began
    emit(made_snapshots(instance_id, made, elapsed), invocation.settings, after_change=True)
