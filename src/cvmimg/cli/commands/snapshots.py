"""``cvmimg snapshots``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import LIST_SECTION, ListView, list_options
from cvmimg.cli.options import IMAGE, INSTANCE, exclusive, flag
from cvmimg.cli.render.keeping import SNAPSHOT_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "snapshots",
    sections=LIST_SECTION,
    examples=("cvmimg snapshots --image web-v2", "cvmimg snapshots --orphans -o id"),
)
@click.option("--image", "reference", type=IMAGE, help="Only snapshots of this image.")
@click.option("--instance", type=INSTANCE, help="Only snapshots of this instance's disks.")
@flag("--orphans", "Only snapshots that no image uses.")
@list_options(SNAPSHOT_KEYS)
@click.pass_obj
def command(
    invocation: Invocation,
    reference: str | None,
    instance: str | None,
    orphans: bool,
    view: ListView,
) -> None:
    """List snapshots, the images that use them, and their size."""
    from cvmimg.cli.render.keeping import snapshot_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.list_snapshots import list_snapshots

    if reference and instance:
        exclusive("--image", "--instance")
    with open_cloud(invocation) as cloud:
        image = find_image(cloud, reference) if reference else None
        listed = list_snapshots(cloud, image=image, instance=instance or "", orphans=orphans)
    view.emit(snapshot_list(listed), invocation.settings)
