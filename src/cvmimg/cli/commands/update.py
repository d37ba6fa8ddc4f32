"""``cvmimg update``."""

from __future__ import annotations

import click

from cvmimg.cli.options import NAME, TAG, image_argument
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command


@click.command("update", cls=Command)
@image_argument
@click.option("--name", type=NAME, help="A new name, unused in the region.")
@click.option("--description", metavar="TEXT", help="A new description, up to 256 characters.")
@click.option("--family", metavar="NAME", help="The family it belongs to; '' for none.")
@click.option("--deprecate/--undeprecate", default=None, help="Whether its family passes it over.")
@click.option("--tag", "tags", type=TAG, multiple=True, help="Add a tag; repeatable.")
@click.option("--untag", metavar="KEY", multiple=True, help="Take a tag off; repeatable.")
@click.option("--dry-run", is_flag=True, help="Only check.")
@click.pass_obj
def command(
    invocation: Invocation,
    image: str,
    name: str | None,
    description: str | None,
    family: str | None,
    deprecate: bool | None,
    tags: tuple[tuple[str, str], ...],
    untag: tuple[str, ...],
    dry_run: bool,
) -> None:
    """Change what is said of an image."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import one_image
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.update import UpdateRequest, require_own, update_image

    request = UpdateRequest(name, description, family, deprecate, dict(tags), untag)
    request.require_valid()
    with open_session(invocation) as session:
        found = find_image(session.cloud, image)
        require_own(found)
        if not dry_run:
            found = update_image(session, found, request)
        region = session.cloud.region
    emit(one_image(found, region), invocation.settings, after_change=not dry_run)
