"""``cvmimg unshare``."""

from __future__ import annotations

import click

from cvmimg.cli.options import ACCOUNT, flag, image_argument, refuse, repeatable
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.message import Message


@subcommand(
    "unshare",
    examples=("cvmimg unshare web-v2 --with 100000000002", "cvmimg unshare web-v2 --all"),
)
@image_argument
@repeatable("--with", "accounts", ACCOUNT, "Account to stop sharing with")
@flag("--all", "Stop sharing with all accounts.", field="everyone")
@click.pass_obj
def command(invocation: Invocation, image: str, accounts: tuple[str, ...], everyone: bool) -> None:
    """Stop sharing an image with other accounts.

    Instances that these accounts launched from it keep running.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import image_sharing
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.share import unshare_image

    if everyone == bool(accounts):
        refuse(Message("EitherWithOrAll"))
    with open_session(invocation) as session:
        found = find_image(session.cloud, image)
        left = unshare_image(session, found, None if everyone else accounts)
        region = session.cloud.region
    emit(image_sharing(found, region, left), invocation.settings, after_change=True)
