"""``cvmimg snapshot``."""

from __future__ import annotations

from typing import Any

import click

from cvmimg.cli.options import (
    DISK_ID,
    INSTANCE,
    NAME,
    flag,
    one_or_other,
    repeatable,
    require_tag_option,
    tag_option,
    timeout_option,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "snapshot",
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
@repeatable("--data-disk", "disks", DISK_ID, "Data disk to snapshot, instead of all")
@click.option(
    "--name", type=NAME, help="Prefix of the snapshots' names. [default: the instance id]"
)
@tag_option("Tag to add to the snapshots")
@flag("--freeze", "Freeze the file systems while the snapshots start.")
@require_tag_option
@flag("--dry-run", "Check and change nothing.")
@flag("--no-wait", "Return as soon as all snapshots have started.", negates="wait")
@timeout_option
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    reference: str | None,
    instance: str | None,
    disks: tuple[str, ...],
    name: str | None,
    freeze: bool,
    dry_run: bool,
    **options: Any,
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
        request = SnapshotRequest(name or instance_id, mount_points=targets, **options)
        made = make_snapshots(session, plan, request)
        elapsed = session.clock.monotonic() - began
    emit(made_snapshots(instance_id, made, elapsed), invocation.settings, after_change=True)
