"""``cvmimg verify``."""

from __future__ import annotations

from typing import Any

import click

from cvmimg.cli.options import (
    DURATION,
    HTTP_PAGE,
    INSTANCE,
    flag,
    image_argument,
    or_empty,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.cli.skip_probe import skip_probe_option


@subcommand(
    "verify",
    examples=(
        "cvmimg verify web-v2",
        "cvmimg verify family:web --run 'systemctl is-active nginx' --http 80/health",
        "cvmimg verify web-v2 --like ins-1a2b3c4d --keep-on-failure",
    ),
)
@image_argument
@click.option(
    "--like",
    type=INSTANCE,
    callback=or_empty,
    help="Instance to take type, zone and network from.",
)
@click.option(
    "--type",
    metavar="TYPE",
    callback=or_empty,
    help="Instance type. [default: the smallest that fits]",
)
@click.option(
    "--run",
    "command",
    metavar="COMMAND",
    callback=or_empty,
    help="Shell command that must succeed inside the instance, as root.",
)
@click.option(
    "--http",
    type=HTTP_PAGE,
    help="Page that the instance must serve to itself, such as 80/health.",
)
@skip_probe_option("Probe to skip")
@flag("--keep-on-failure", "Leave the instance running if a probe fails.")
@click.option(
    "--timeout",
    "timeout_seconds",
    type=DURATION,
    default="15m",
    show_default=True,
    help="Time that the instance may take to boot.",
)
@click.pass_obj
def command(
    invocation: Invocation, /, image: str, http: tuple[int, str] | None, **options: Any
) -> None:
    """Prove that an image boots, by launching an instance from it.

    A small instance without a public address is launched in the network of the source instance,
    probed from inside through the automation agent, and terminated again. An image that passes is
    tagged as verified.
    """
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.verified import verified
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.verify.operation import verify_image
    from cvmimg.workflows.verify.request import VerifyRequest
    from cvmimg.workflows.verify.verification import VerifyFailed

    port, path = http or (0, "/")
    request = VerifyRequest(http_port=port, http_path=path, **options)
    request.require_valid()
    settings = invocation.settings
    with open_session(invocation) as session:
        try:
            result = verify_image(session, find_image(session.cloud, image), request)
        except VerifyFailed as error:
            emit(verified(error.verification), settings, after_change=True)
            raise
    emit(verified(result), settings, after_change=True)
