"""``cvmimg lineage``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import LIST_SECTION, ListView, list_options
from cvmimg.cli.options import flag, image_argument
from cvmimg.cli.render.lineage import LINEAGE_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "lineage",
    examples=("cvmimg lineage web-v1", "cvmimg lineage family:web --affected"),
    sections=LIST_SECTION,
)
@image_argument
@flag("--affected", "List only what was made from the image.")
@list_options(LINEAGE_KEYS)
@click.pass_obj
def command(invocation: Invocation, image: str, affected: bool, view: ListView) -> None:
    """Show what an image was made from, and what was made from it.

    Shows source images, the instances launched from them, the images created from those, their
    copies and so on, in all regions. It is read from the tags of images and the image ids of
    instances.
    """
    from cvmimg.cli.render.lineage import affected_list, lineage_tree
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.lineage import find_lineage

    with open_cloud(invocation) as cloud:
        lineage = find_lineage(cloud, find_image(cloud, image))
    result = affected_list(lineage) if affected else lineage_tree(lineage)
    view.emit(result, invocation.settings)
