"""``cvmimg list``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import ListView, list_options
from cvmimg.cli.options import TAG
from cvmimg.cli.render.images import IMAGE_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command

TYPES = ("private", "public", "shared", "all")
STATES = ("NORMAL", "CREATING", "CREATEFAILED", "SYNCING", "IMPORTING", "IMPORTFAILED")


@click.command("list", cls=Command)
@click.option("--name", metavar="GLOB", default="", help="Only names like this: 'web-*'.")
@click.option("--family", metavar="NAME", default="", help="Only this family.")
@click.option(
    "--state",
    type=click.Choice(STATES, case_sensitive=False),
    metavar="STATE",
    help=f"Only this state: {', '.join(STATES)}.",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(TYPES),
    default="private",
    show_default=True,
    help="Whose images.",
)
@click.option("--tag", "tags", type=TAG, multiple=True, help="Only with this tag; repeatable.")
@click.option("--all-regions", is_flag=True, help="Ask all regions, side by side.")
@list_options(IMAGE_KEYS)
@click.pass_obj
def command(
    invocation: Invocation,
    name: str,
    family: str,
    state: str | None,
    kind: str,
    tags: tuple[tuple[str, str], ...],
    all_regions: bool,
    view: ListView,
) -> None:
    """List images, newest first."""
    from cvmimg.cli.render.images import image_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.list_images import ImageQuery, list_images

    query = ImageQuery(name=name, family=family, state=state or "", type=kind, tags=dict(tags))
    with open_cloud(invocation) as cloud:
        images = list_images(cloud, query, all_regions=all_regions)
        where = "any region" if all_regions else cloud.region
    result = image_list(images, all_regions=all_regions, empty=f"no such image in {where}")
    view.emit(result, invocation.settings)
