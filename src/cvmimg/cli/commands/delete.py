"""``cvmimg delete``."""

from __future__ import annotations

import click

from cvmimg.cli.options import IMAGE, timeout_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command
from cvmimg.message import Message


@click.command("delete", cls=Command)
@click.argument("references", metavar="IMAGE...", type=IMAGE, nargs=-1, required=True)
@click.option("--keep-snapshots", is_flag=True, help="Delete the images alone.")
@click.option("--unshare", is_flag=True, help="End their sharing with other accounts first.")
@click.option("--force", is_flag=True, help="Even if instances or templates name them.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@timeout_option
@click.pass_obj
def command(
    invocation: Invocation,
    references: tuple[str, ...],
    keep_snapshots: bool,
    unshare: bool,
    force: bool,
    dry_run: bool,
    timeout: float,
) -> None:
    """Delete images and the snapshots that only they use.

    Refuses what an instance, a launch template or a scaling configuration uses, and what is
    shared; shows what goes and asks before it does.
    """
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.keeping import deleted_images, planned_deletions
    from cvmimg.cli.render.table import write_table
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.delete.operation import delete_images
    from cvmimg.workflows.delete.plan import DeleteRequest, plan_delete
    from cvmimg.workflows.find_image import find_image

    settings = invocation.settings
    with open_session(invocation) as session:
        found = {each: find_image(session.cloud, each) for each in references}
        images = list({image.image_id: image for image in found.values()}.values())
        plans = plan_delete(session.cloud, images, DeleteRequest(keep_snapshots, unshare, force))
        if dry_run:
            emit(planned_deletions(plans), settings)
            return
        confirm(
            Message("delete.confirm", count=len(plans)),
            settings,
            show=lambda stream: write_table(planned_deletions(plans), settings, stream=stream),
        )
        deleted = delete_images(session, plans, timeout_seconds=timeout)
    emit(deleted_images(deleted), settings, after_change=True)
