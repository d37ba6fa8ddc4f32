"""``cvmimg explain``."""

from __future__ import annotations

import click

from cvmimg.cli.options import CODE
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand(
    "explain",
    uses_profile=False,
    examples=(
        "cvmimg explain NameTaken",
        "cvmimg explain fstab",
        "cvmimg explain UnauthorizedOperation.MFAExpired",
    ),
)
@click.argument("code", type=CODE)
@click.pass_obj
def command(invocation: Invocation, code: str) -> None:
    """Explain an error or a check.

    CODE is the code of an error (as -o json prints it), of an error of Tencent Cloud's API, of a
    check, or of a check's result. Works offline.
    """
    from cvmimg.cli.explanation import explain
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.explained import explained

    emit(explained(explain(code)), invocation.settings)
