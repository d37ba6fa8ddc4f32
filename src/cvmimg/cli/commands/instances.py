"""``cvmimg instances``."""

from __future__ import annotations

from typing import Any

import click

from cvmimg.cli.list_options import (
    LIST_SECTION,
    ListView,
    found_by,
    list_options,
)
from cvmimg.cli.options import IMAGE, all_regions_option, tag_option
from cvmimg.cli.render.instances import INSTANCE_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "instances",
    sections=LIST_SECTION,
    examples=(
        "cvmimg instances --image web-v2",
        "cvmimg instances --tag team=shop -o id",
    ),
)
@click.option("--name", metavar="GLOB", default="", help="Only names that match, such as 'web-*'.")
@tag_option("Only instances with this tag")
@click.option("--image", "reference", type=IMAGE, help="Only instances launched from this image.")
@all_regions_option("List the instances of all regions.")
@list_options(INSTANCE_KEYS)
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    reference: str | None,
    all_regions: bool,
    view: ListView,
    **options: Any,
) -> None:
    """List instances, and whether each can be imaged while it runs."""
    from cvmimg.cli.render.instances import instance_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.list_instances import InstanceQuery, list_instances

    with open_cloud(invocation) as cloud:
        image_id = find_image(cloud, reference).image_id if reference else ""
        query = InstanceQuery(image_id=image_id, **options)
        listed, failure = found_by(lambda: list_instances(cloud, query, in_all_regions=all_regions))
    view.emit(instance_list(listed, all_regions=all_regions), invocation.settings, failure=failure)
