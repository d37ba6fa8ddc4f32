"""``cvmimg quota``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import (
    LIST_OPTION_NAMES,
    LIST_SECTION,
    ListView,
    found_by,
    list_options,
)
from cvmimg.cli.options import refuse_region
from cvmimg.cli.render.keeping import QUOTA_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command(
    "quota",
    cls=Command,
    sections={LIST_SECTION: LIST_OPTION_NAMES},
    examples=("cvmimg quota", "cvmimg quota --all-regions --sort free"),
)
@click.option("--all-regions", is_flag=True, help="Show all regions.")
@list_options(QUOTA_KEYS)
@click.pass_obj
def command(invocation: Invocation, all_regions: bool, view: ListView) -> None:
    """Show how many images a region has, and its limit."""
    from cvmimg.cli.render.keeping import quota_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.quota import image_quota

    if all_regions:
        refuse_region(invocation)
    with open_cloud(invocation) as cloud:
        quotas, failure = found_by(lambda: image_quota(cloud, all_regions=all_regions))
    view.emit(quota_list(quotas), invocation.settings, failure=failure)
