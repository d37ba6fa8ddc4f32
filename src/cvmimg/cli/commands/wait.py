"""``cvmimg wait``."""

from __future__ import annotations

import click

from cvmimg.cli.options import images_argument, timeout_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "wait",
    examples=(
        "cvmimg wait web-v2 && cvmimg launch web-v2",
        "cvmimg wait web-v2 base-v3 --timeout 30m --notify",
    ),
)
@images_argument
@timeout_option
@click.pass_obj
def command(invocation: Invocation, references: tuple[str, ...], timeout_seconds: float) -> None:
    """Wait until images are ready to use.

    With -o json, one image is an object and several are an array.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import images_in_full
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_each
    from cvmimg.workflows.several import failure_of
    from cvmimg.workflows.wait import wait_for_images

    with open_session(invocation) as session:
        images, errors = find_each(session.cloud, references)
        if images:
            images, failures = wait_for_images(session, images, timeout_seconds=timeout_seconds)
            errors |= failures
        region = session.cloud.region
    several = len(references) > 1
    if images or several:
        emit(images_in_full(images, region, several=several), invocation.settings)
    failure = failure_of(errors, len(references))
    if failure is not None:
        raise failure
