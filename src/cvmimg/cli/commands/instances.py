"""``cvmimg instances``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import ListView, list_options
from cvmimg.cli.options import IMAGE, TAG
from cvmimg.cli.render.instances import INSTANCE_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command("instances", cls=Command)
@click.option("--name", metavar="GLOB", default="", help="Only names like this: 'web-*'.")
@click.option("--tag", "tags", type=TAG, multiple=True, help="Only with this tag; repeatable.")
@click.option("--image", "reference", type=IMAGE, help="Only those launched from this image.")
@click.option("--all-regions", is_flag=True, help="Ask all regions, side by side.")
@list_options(INSTANCE_KEYS)
@click.pass_obj
def command(
    invocation: Invocation,
    name: str,
    tags: tuple[tuple[str, str], ...],
    reference: str | None,
    all_regions: bool,
    view: ListView,
) -> None:
    """List instances, and whether each can be imaged while it runs."""
    from cvmimg.cli.render.instances import instance_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.list_instances import InstanceQuery, list_instances

    with open_cloud(invocation) as cloud:
        image_id = find_image(cloud, reference).image_id if reference else ""
        query = InstanceQuery(name, dict(tags), image_id)
        listed = list_instances(cloud, query, in_all_regions=all_regions)
    view.emit(instance_list(listed, all_regions=all_regions), invocation.settings)
