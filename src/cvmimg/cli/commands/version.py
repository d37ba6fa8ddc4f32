"""``cvmimg version``."""

from __future__ import annotations

import json

import click

from cvmimg import __version__
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand


@subcommand("version", uses_profile=False, examples=("cvmimg version", "cvmimg version -v"))
@click.pass_obj
def command(invocation: Invocation) -> None:
    """Show the version; with -v, also the versions of its dependencies."""
    from cvmimg.cli.versions import all_versions, versions

    if invocation.settings.output in ("json", "jsonl"):
        click.echo(json.dumps(dict(versions())))
    else:
        click.echo(all_versions() if invocation.settings.verbose else f"cvmimg {__version__}")
