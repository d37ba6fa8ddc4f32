"""``cvmimg share``."""

from __future__ import annotations

import click

from cvmimg.cli.options import ACCOUNT, image_argument, repeatable
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.cli.source import skip_secrets_option


@subcommand(
    "share",
    examples=(
        "cvmimg share web-v2 --with 100000000002",
        "cvmimg share family:web --with 100000000002 --with 100000000003",
    ),
)
@image_argument
@repeatable("--with", "accounts", ACCOUNT, "Main account to share with", required=True)
@skip_secrets_option
@click.pass_obj
def command(
    invocation: Invocation, image: str, accounts: tuple[str, ...], skip_checks: tuple[str, ...]
) -> None:
    """Share an image with other accounts.

    The accounts can use the image in its region and copy it to an image of their own. An image can
    be shared with up to 500 accounts, and cannot be changed while it is shared. If the image's
    source instance still exists, it is checked for secrets that the image would include (see
    --skip-check).
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import image_sharing
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.share import share_image

    with open_session(invocation) as session:
        found = find_image(session.cloud, image)
        shared_with = share_image(session, found, accounts, skip_checks=skip_checks)
        region = session.cloud.region
    emit(image_sharing(found, region, shared_with), invocation.settings, after_change=True)
