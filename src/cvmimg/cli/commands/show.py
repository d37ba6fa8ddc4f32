"""``cvmimg show``."""

from __future__ import annotations

from functools import partial

import click

from cvmimg.cli.options import images_argument
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand("show", examples=("cvmimg show web-v2", "cvmimg show family:web -o json"))
@images_argument
@click.pass_obj
def command(invocation: Invocation, references: tuple[str, ...]) -> None:
    """Show images.

    With -o json, one image is an object and several are an array.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import image_details
    from cvmimg.cli.session import open_cloud
    from cvmimg.cloud.answers import concurrently
    from cvmimg.workflows.find_image import find_each
    from cvmimg.workflows.several import failure_of
    from cvmimg.workflows.share import shared_with

    with open_cloud(invocation) as cloud:
        images, errors = find_each(cloud, references)
        accounts = concurrently([partial(shared_with, cloud, image) for image in images])
        region = cloud.region
    shown, several = list(zip(images, accounts, strict=True)), len(references) > 1
    if shown or several:
        emit(image_details(shown, region, several=several), invocation.settings)
    failure = failure_of(errors, len(references))
    if failure is not None:
        raise failure
