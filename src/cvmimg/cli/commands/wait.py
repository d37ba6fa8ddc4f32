"""``cvmimg wait``."""

from __future__ import annotations

import click

from cvmimg.cli.options import image_argument, timeout_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command("wait", cls=Command)
@image_argument
@timeout_option
@click.pass_obj
def command(invocation: Invocation, image: str, timeout: float) -> None:
    """Wait until an image can be used."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import one_image
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.wait import wait_for_image

    with open_session(invocation) as session:
        found = find_image(session.cloud, image)
        ready = wait_for_image(session, found, timeout_seconds=timeout)
        region = session.cloud.region
    emit(one_image(ready, region), invocation.settings)
