"""``cvmimg quota``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import (
    LIST_SECTION,
    ListView,
    found_by,
    list_options,
)
from cvmimg.cli.options import all_regions_option
from cvmimg.cli.render.keeping import QUOTA_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "quota",
    sections=LIST_SECTION,
    examples=("cvmimg quota", "cvmimg quota --all-regions --sort free"),
)
@all_regions_option("Show all regions.")
@list_options(QUOTA_KEYS)
@click.pass_obj
def command(invocation: Invocation, all_regions: bool, view: ListView) -> None:
    """Show how many images a region has, and its limit."""
    from cvmimg.cli.render.keeping import quota_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.quota import image_quota

    with open_cloud(invocation) as cloud:
        quotas, failure = found_by(lambda: image_quota(cloud, all_regions=all_regions))
    view.emit(quota_list(quotas), invocation.settings, failure=failure)
