"""``cvmimg copy``."""

from __future__ import annotations

from typing import Any

import click

from cvmimg.cli.options import (
    NAME,
    REGION,
    flag,
    image_argument,
    or_empty,
    repeatable,
    timeout_option,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.cli.source import skip_secrets_option


@subcommand(
    "copy",
    examples=(
        "cvmimg copy web-v2 --to ap-shanghai --to ap-beijing",
        "cvmimg copy web-v2 --to ap-guangzhou --encrypt --name web-v2-encrypted",
    ),
)
@image_argument
@repeatable("--to", "regions", REGION, "Destination region", required=True)
@click.option(
    "--name", type=NAME, callback=or_empty, help="Name of the copies. [default: the image's name]"
)
@flag("--encrypt", "Create an encrypted copy within the image's region.")
@click.option(
    "--kms-key",
    metavar="KEY",
    default="",
    help="KMS key to encrypt with. [default: CVM's own key]",
)
@flag("--no-wait", "Return as soon as the copies have started.", negates="wait")
@skip_secrets_option
@timeout_option
@click.pass_obj
def command(invocation: Invocation, /, image: str, timeout_seconds: float, **options: Any) -> None:
    """Copy an image to other regions.

    All destinations are checked before the first copy is started. The copies get the image's tags,
    family and description. If the image's source instance still exists, it is checked for secrets
    that the image would include (see --skip-check).
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.images import copied_image
    from cvmimg.cli.session import open_session
    from cvmimg.errors import CvmimgError
    from cvmimg.workflows.copy.operation import copy_image
    from cvmimg.workflows.copy.plan import CopyRequest, plan_copy
    from cvmimg.workflows.find_image import find_image

    settings = invocation.settings
    request = CopyRequest(**options)
    request.require_valid()
    with open_session(invocation) as session:
        source, region = find_image(session.cloud, image), session.cloud.region
        order = plan_copy(session, source, request)
        try:
            copies = copy_image(session, order, timeout_seconds=timeout_seconds)
        except CvmimgError as error:
            if error.result is not None:
                emit(copied_image(source, region, error.result), settings, after_change=True)
            raise
    emit(copied_image(source, region, copies), settings, after_change=True)
