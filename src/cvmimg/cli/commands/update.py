"""``cvmimg update``."""

from __future__ import annotations

from typing import Any

import click

from cvmimg.cli.options import FAMILY, NAME, flag, images_argument, tag_option
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "update",
    examples=(
        "cvmimg update web-v2 --name web-v2.1 --tag tested=yes",
        "cvmimg update web-v1 --deprecate",
    ),
)
@images_argument
@click.option("--name", type=NAME, help="New name, unique in the region.")
@click.option("--description", metavar="TEXT", help="New description, up to 256 characters.")
@click.option(
    "--family",
    type=FAMILY,
    help="New family; '' removes the image from its family.",
)
@click.option(
    "--deprecate/--undeprecate",
    "deprecated",
    default=None,
    help="Exclude the image from family:NAME, or include it again.",
)
@tag_option("Tag to add")
@click.option("--untag", metavar="KEY", multiple=True, help="Key of a tag to remove; repeatable.")
@flag("--dry-run", "Check and change nothing.")
@click.pass_obj
def command(
    invocation: Invocation, /, references: tuple[str, ...], dry_run: bool, **options: Any
) -> None:
    """Edit an image's name, description, family or tags.

    With -o json, one image is an object and several are an array.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import images_in_full
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_each
    from cvmimg.workflows.require_image import require_own
    from cvmimg.workflows.several import failure_of
    from cvmimg.workflows.update import UpdateRequest, update_images

    request = UpdateRequest(**options)
    request.require_valid(count=len(references))
    with open_session(invocation) as session:
        images, errors = find_each(session.cloud, references)
        failure = failure_of(errors, len(references))
        if failure is not None:
            raise failure
        for image in images:
            require_own(image)
        if not dry_run:
            images = update_images(session, images, request)
        region = session.cloud.region
    result = images_in_full(images, region, several=len(references) > 1)
    emit(result, invocation.settings, after_change=not dry_run)
