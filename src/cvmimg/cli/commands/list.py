"""``cvmimg list``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli.list_options import (
    LIST_SECTION,
    ListView,
    found_by,
    list_options,
)
from cvmimg.cli.options import FAMILY, all_regions_option, flag, or_empty, tag_option
from cvmimg.cli.render.images import IMAGE_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand

if TYPE_CHECKING:
    from cvmimg.cli.render import Result
    from cvmimg.workflows.list_images import RegionalImage

TYPES = ("private", "public", "shared", "all")
STATES = ("NORMAL", "CREATING", "CREATEFAILED", "SYNCING", "IMPORTING", "IMPORTFAILED")


@subcommand(
    "list",
    sections=LIST_SECTION,
    examples=(
        "cvmimg list --family web",
        "cvmimg list --state CREATING --watch",
        "cvmimg list -o json --query '[?size_gib > `50`].id'",
    ),
)
@click.option("--name", metavar="GLOB", default="", help="Only names that match, such as 'web-*'.")
@click.option("--family", type=FAMILY, default="", help="Only images of this family.")
@click.option(
    "--state",
    type=click.Choice(STATES, case_sensitive=False),
    metavar="STATE",
    callback=or_empty,
    help=f"Only images in this state: {', '.join(STATES)}.",
)
@click.option(
    "--type",
    type=click.Choice(TYPES),
    default="private",
    show_default=True,
    help="Type of the images.",
)
@tag_option("Only images with this tag")
@all_regions_option("List the images of all regions.")
@flag("--watch", "Show the list again every 5 s, until Ctrl-C.")
@list_options(IMAGE_KEYS)
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    all_regions: bool,
    watch: bool,
    view: ListView,
    **options: Any,
) -> None:
    """List images, newest first."""
    from cvmimg.cli.render.images import image_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.list_images import ImageQuery, list_images

    query = ImageQuery(**options)
    settings = invocation.settings
    with open_cloud(invocation) as cloud:

        def read() -> list[RegionalImage]:
            return list_images(cloud, query, all_regions=all_regions)

        def shown(images: list[RegionalImage]) -> Result:
            return image_list(images, region="" if all_regions else cloud.region)

        if watch:
            from cvmimg.cli.watch import require_watchable
            from cvmimg.cli.watch import watch as show_again

            require_watchable(settings)
            show_again(lambda: view.apply(shown(read()), settings), settings, invocation.clock)
            return
        images, failure = found_by(read)
    view.emit(shown(images), settings, failure=failure)
