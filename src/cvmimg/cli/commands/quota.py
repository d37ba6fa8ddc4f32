"""``cvmimg quota``."""

from __future__ import annotations

import click

from cvmimg.cli.list_options import ListView, list_options
from cvmimg.cli.render.keeping import QUOTA_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command("quota", cls=Command)
@click.option("--all-regions", is_flag=True, help="Of all regions.")
@list_options(QUOTA_KEYS)
@click.pass_obj
def command(invocation: Invocation, all_regions: bool, view: ListView) -> None:
    """Show how many images a region holds, and how many it may hold."""
    from cvmimg.cli.render.keeping import quota_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.quota import image_quota

    with open_cloud(invocation) as cloud:
        quotas = image_quota(cloud, all_regions=all_regions)
    view.emit(quota_list(quotas), invocation.settings)
