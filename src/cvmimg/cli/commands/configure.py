"""``cvmimg configure``."""

from __future__ import annotations

import click

from cvmimg.cli.options import exclusive
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.errors import CredentialsError, CvmimgError
from cvmimg.message import Message

_DEFAULT_REGION = "ap-guangzhou"


@subcommand(
    "configure",
    examples=(
        "cvmimg configure",
        "cvmimg configure --profile work --region ap-shanghai",
        "printf '%s\\n' ID KEY ap-shanghai | cvmimg configure",
    ),
)
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Ask for credentials and a region, then test and save them.

    They are saved for --profile, or as the default, in ~/.tccli, where tccli and Terraform read
    them too; only you can read the files. The answers can also be piped in, one per line: secret
    id, secret key, region.
    """
    from cvmimg.cli.ask import ask, confirm
    from cvmimg.cli.connection import endpoint_of, places_of
    from cvmimg.cli.effective import region_setting
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.configured import configured
    from cvmimg.cloud.credentials import Credentials
    from cvmimg.cloud.save_credentials import credential_file, save_credentials
    from cvmimg.workflows.account import account_of

    settings = invocation.settings
    if settings.sandbox:
        exclusive("configure", "--sandbox")
    profile = settings.profile or "default"
    path = credential_file(places_of(invocation), profile)
    if path.exists():
        confirm(Message("configure.replace", path=str(path)), settings)
    credentials = Credentials(
        ask(Message("configure.secret-id")), ask(Message("configure.secret-key"), hidden=True)
    )
    suggested = region_setting(invocation).value or _DEFAULT_REGION
    region = ask(Message("configure.region"), default=suggested)
    try:
        account = account_of(credentials, region, endpoint_of(invocation), invocation.clock)
    except CvmimgError as error:
        error.notes.append(Message("NothingSaved"))
        if isinstance(error, CredentialsError):
            error.hint = Message("configure.check-keys")
        raise
    files = save_credentials(places_of(invocation), profile, credentials, region)
    shadowed = bool(places_of(invocation).variable("TENCENTCLOUD_SECRET_ID"))
    emit(configured(profile, account, region, files, shadowed=shadowed), settings)
