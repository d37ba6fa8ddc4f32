"""``cvmimg show``."""

from __future__ import annotations

import click

from cvmimg.cli.options import image_argument
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command("show", cls=Command)
@image_argument
@click.pass_obj
def command(invocation: Invocation, image: str) -> None:
    """Show an image."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import image_details
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.share import shared_with

    with open_cloud(invocation) as cloud:
        found = find_image(cloud, image)
        result = image_details(found, cloud.region, shared_with(cloud, found))
    emit(result, invocation.settings)
