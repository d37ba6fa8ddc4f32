"""From the command line to a connected cloud, and to a session for a workflow."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvmimg.cli.connection import credentials_of, endpoint_of, region_of
from cvmimg.cli.settings import Invocation
from cvmimg.cli.streams import ReaderGone
from cvmimg.cli.text import printable
from cvmimg.cloud.client import Cloud, CredentialsProvider, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.ids import REGIONS
from cvmimg.config import state_dir
from cvmimg.errors import CvmimgError, UsageError
from cvmimg.message import Message
from cvmimg.suggest import suggestion

if TYPE_CHECKING:
    from cvmimg.cli.request_log import RequestLog
    from cvmimg.cli.run_report import RunReport
    from cvmimg.durable.actor import Actor
    from cvmimg.durable.journal.record import Origin
    from cvmimg.durable.session import Session
    from cvmimg.sandbox import Sandbox

SPEED_VARIABLE = "CVMIMG_SANDBOX_SPEED"
SANDBOX_REGION = "ap-guangzhou"
_TRACEBACKS = 2
_FASTEST = 1_000_000.0


@contextmanager
def open_cloud(invocation: Invocation) -> Iterator[Cloud]:
    """Open the cloud, for a command that only reads; Ctrl-C ends it at once.

    Raises:
        UsageError: no region is set, or an option is invalid.
        CredentialsError: no credentials were found.
    """
    _note_unfinished(invocation, _to_stderr)
    with connect(invocation) as cloud:
        yield cloud


@contextmanager
def open_session(
    invocation: Invocation, *, note_unfinished: bool = True, show_checks: bool = True
) -> Iterator[Session]:
    """Open a session, for a command that runs for a while: progress, journal, a clean stop.

    Args:
        invocation: what the user gave.
        note_unfinished: note that there are unfinished operations.
        show_checks: show the results of checks as progress; not where they are the result.

    Raises:
        UsageError: no region is set, or an option is invalid.
        CredentialsError: no credentials were found.
    """
    from cvmimg.cli.ci import in_github
    from cvmimg.cli.progress import display_for
    from cvmimg.cli.stop_signals import stop_signals
    from cvmimg.durable.interrupt import Interrupt
    from cvmimg.durable.journal.journal import Journal
    from cvmimg.durable.session import Session

    settings = invocation.settings
    display = display_for(
        settings,
        invocation.clock,
        show_checks=show_checks,
        in_github=in_github(invocation.environment),
    )
    invocation.display = display
    display.report = invocation.report
    invocation.shows_checks = show_checks and not settings.quiet
    journal = Journal(state_dir(invocation.environment), invocation.clock)
    if note_unfinished:
        _note_unfinished(invocation, display.line)
    with connect(invocation, display.line) as cloud:
        if invocation.report:
            invocation.report.region, invocation.report.journal = cloud.region, journal
        interrupt = Interrupt(cloud.clock)
        with stop_signals(interrupt, display), display:
            yield Session(
                cloud,
                display,
                journal,
                interrupt,
                _origin(invocation),
                invocation.command_line,
                _actor(invocation.environment),
                trust_account=settings.yes,
            )


@contextmanager
def reported(
    invocation: Invocation, report: RunReport, output_files: Sequence[Path]
) -> Iterator[RunReport]:
    """Write the output files when the context ends, whether it failed or not.

    Args:
        invocation: the run.
        report: collects what the files are made of.
        output_files: where to write it, each in the format of its name.
    """
    invocation.report = report
    begun = invocation.clock.monotonic()
    try:
        yield report
    except ReaderGone:
        raise
    except (Exception, KeyboardInterrupt) as error:
        from cvmimg.cli.failure import as_own

        report.error = as_own(error, invocation)
        raise
    finally:
        report.seconds = invocation.clock.monotonic() - begun
        report.ended = invocation.clock.now()
        if output_files:
            from cvmimg.cli.output_files import write_output_files

            write_output_files(report, output_files)


def open_sandbox(invocation: Invocation, folder: Path | None = None, **more: Any) -> Sandbox:
    """Open the simulated cloud.

    Args:
        invocation: its environment names the state folder and the speed.
        folder: where its state is kept, instead.
        more: arguments of ``Sandbox``; ``speed`` beats CVMIMG_SANDBOX_SPEED.

    Raises:
        UsageError: the speed or another argument is invalid.
        CvmimgError: the folder cannot be used.
    """
    folder = folder or sandbox_folder(invocation)
    more.setdefault("speed", sandbox_speed(invocation))
    more.setdefault("clock", invocation.clock.now)

    from cvmimg.guest.script import digests
    from cvmimg.sandbox import Sandbox

    try:
        return Sandbox(folder, guest_scripts=digests(), **more)
    except ValueError as error:
        raise UsageError(Message("SandboxOptionInvalid", reason=str(error))) from error
    except OSError as error:
        reason = error.strerror or str(error)
        message = Message("SandboxUnusable", folder=str(folder), reason=reason)
        raise CvmimgError(message) from error


def sandbox_folder(invocation: Invocation) -> Path:
    """Return the folder in which the simulated cloud keeps its state."""
    return state_dir(invocation.environment) / "sandbox"


def sandbox_speed(invocation: Invocation) -> float:
    """Return CVMIMG_SANDBOX_SPEED, or 60.

    Raises:
        UsageError: it is not a number above 0.
    """
    text = invocation.environment.get(SPEED_VARIABLE) or "60"
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0 < speed <= _FASTEST:
        raise UsageError(
            Message("SpeedInvalid", variable=SPEED_VARIABLE, value=text, most=int(_FASTEST))
        )
    return speed


def _to_stderr(text: str) -> None:
    sys.stderr.write(f"{printable(text)}\n")


def _note_unfinished(invocation: Invocation, say: Callable[[str], None]) -> None:
    from cvmimg.durable.journal.folders import has_unfinished

    folder = state_dir(invocation.environment)
    if invocation.settings.quiet or not has_unfinished(folder):
        return
    ids = unfinished_ids(invocation)
    if not ids:
        return
    from cvmimg.cli.messages import text
    from cvmimg.message import Message

    command = invocation.command_line.command
    if len(ids) == 1:
        note = Message("unfinished.one", command=command("resume", ids[0]))
    else:
        listing = command("operations", "list", "--unfinished")
        note = Message("unfinished.several", count=len(ids), command=listing)
    say(f"note: {text(note)}")


def unfinished_ids(invocation: Invocation) -> list[str]:
    """Return the unfinished operations of this cloud that no process is working on."""
    from cvmimg.durable.journal.journal import Journal

    folder = state_dir(invocation.environment)
    journal, cloud = Journal(folder, invocation.clock), _origin(invocation).cloud
    return [
        record.id
        for record in journal.scan_unfinished().records
        if record.origin.cloud == cloud and not journal.is_running(record.id)
    ]


def _origin(invocation: Invocation) -> Origin:
    from cvmimg.durable.journal.record import Origin

    settings = invocation.settings
    return Origin(settings.profile, settings.endpoint, settings.sandbox)


def _actor(environment: Mapping[str, str]) -> Actor:
    import getpass
    import platform

    from cvmimg.cli.ci import run_url
    from cvmimg.durable.actor import Actor

    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        user = ""
    return Actor(platform.node(), user, run_url(environment))


@contextmanager
def connect(invocation: Invocation, say: Callable[[str], None] = _to_stderr) -> Iterator[Cloud]:
    """Open the cloud, without a note about unfinished operations.

    Args:
        invocation: what the user gave.
        say: writes a line of the request log.

    Raises:
        UsageError: no region is set, or an option is invalid.
        CredentialsError: no credentials were found.
    """
    settings = invocation.settings
    log: RequestLog | None = None
    if settings.verbose:
        from cvmimg.cli.request_log import RequestLog

        log = RequestLog(say)
    with ExitStack() as stack:
        if settings.sandbox:
            sandbox = stack.enter_context(open_sandbox(invocation))
            _log_of_sandbox(settings.verbose)
            secret_id, secret_key = sandbox.credentials()
            credentials: CredentialsProvider = Credentials(secret_id, secret_key, source="sandbox")
            region, adapter = settings.region or SANDBOX_REGION, sandbox.adapter()
            endpoint = Endpoint()
        else:
            endpoint = endpoint_of(invocation)
            credentials = credentials_of(invocation)
            region, adapter = region_of(invocation), None
        if log:
            stack.callback(log.sum_up)
        cloud = Cloud.connect(
            credentials,
            region,
            endpoint=endpoint,
            adapter=adapter,
            clock=invocation.clock,
            on_call=log.note if log else None,
        )
        invocation.now = cloud.now
        with _region_suggested(region):
            yield cloud


@contextmanager
def _region_suggested(region: str) -> Iterator[None]:
    """Suggest an existing region if the cloud does not know this one."""
    try:
        yield
    except UsageError as error:
        if error.hint == Message("CheckRegion"):
            error.hint = suggestion(region, REGIONS, error.hint)
        raise


def _log_of_sandbox(verbose: int) -> None:
    """Log errors inside the sandbox, with a traceback, only with -vv."""
    import logging

    if verbose < _TRACEBACKS:
        logging.getLogger("cvmimg.sandbox").addHandler(logging.NullHandler())
