"""``cvmimg sandbox``."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from cvmimg.cli.list_options import LIST_SECTION, ListView, list_options
from cvmimg.cli.options import DURATION, Invalid, Parameter, flag, repeatable, whole_number
from cvmimg.cli.render.sandbox import CALL_KEYS, FAULT_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Group
from cvmimg.cli.stop_signals import signals_that_stop
from cvmimg.errors import CvmimgError
from cvmimg.message import Message
from cvmimg.suggest import similar

if TYPE_CHECKING:
    from cvmimg.sandbox import Sandbox
    from cvmimg.sandbox.faults import Fault
    from cvmimg.sandbox.wire.server import Server


def _fault(text: str) -> str:
    """Read a fault of the sandbox, such as CreateImage:cut-after:times=1."""
    from cvmimg.sandbox.faults import KINDS, Fault

    target, _, rest = text.strip().partition(":")
    kind = rest.partition(":")[0].partition("=")[0]
    try:
        fault = Fault.parse(text)
    except ValueError as error:
        alike = [f"{target}:{each}" for each in similar(kind, KINDS)]
        raise Invalid("fault", reason=str(error), similar=alike) from error
    _require_action(fault)
    return text


FAULT = Parameter("fault", _fault)


def _require_action(fault: Fault) -> None:
    """Refuse a fault of an action that the sandbox does not know: it would never happen.

    Raises:
        Invalid: no action of any service matches.
    """
    from cvmimg.sandbox import services
    from cvmimg.sandbox.wire.call import ACTIONS

    services.register()
    if not any(fault.matches(*known, dry_run=fault.dry_run) for known in ACTIONS):
        alike = similar(fault.target.rpartition(".")[2], {action for _, action in ACTIONS})
        raise Invalid("fault-action", target=fault.target, similar=alike)


@click.group(
    "sandbox",
    cls=Group,
    examples=(
        "cvmimg sandbox serve --tls",
        "cvmimg sandbox advance 2h",
        "cvmimg sandbox faults CreateImage:task-fail:times=1",
    ),
)
def command() -> None:
    """Run, inspect or reset the simulated cloud.

    Every command uses the sandbox with --sandbox or CVMIMG_SANDBOX=1. Its state is kept in
    CVMIMG_STATE_DIR, unless --state names another folder; commands affect a running
    server that uses the same folder.
    """


state_option = click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the state.",
)


@command.command(
    "serve",
    examples=(
        "cvmimg sandbox serve",
        "cvmimg sandbox serve --port 8080 --fault CreateImage:task-fail",
    ),
)
@click.option("--port", type=whole_number(0, 65535), default=0, help="Port; 0 for any free port.")
@click.option(
    "--speed", type=float, help="Speed of simulated time, as a multiple of real time. [default: 60]"
)
@state_option
@flag("--tls", "Also serve HTTPS, with a certificate of its own.")
@click.option(
    "--metadata-role",
    metavar="ROLE",
    default="",
    help="Also serve instance metadata, with this role.",
)
@repeatable("--fault", "faults", FAULT, "Fault to inject, see above")
@click.option(
    "--seed", type=int, default=0, help="Seed for random faults, to make them repeatable."
)
@click.option(
    "--world",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON or YAML file with the initial resources.",
)
@flag("--rate-limits", "Enforce the documented request rate limits.")
@click.pass_obj
def serve(
    invocation: Invocation,
    port: int,
    speed: float | None,
    state: Path | None,
    tls: bool,
    metadata_role: str,
    faults: tuple[str, ...],
    seed: int,
    world: Path | None,
    rate_limits: bool,
) -> None:
    """Serve the simulated cloud over HTTP on 127.0.0.1, for any Tencent Cloud client.

    The first four lines on stdout configure a client:

    \b
    cvmimg sandbox serve > sandbox.env &
    . ./sandbox.env

    A fault says which actions it affects, what happens, and when:

    \b
    CreateImage:cut-after:times=1    the first answer is lost
    cvm.*:status=502:p=0.1           10% of the calls to cvm get 502 Bad Gateway
    *:latency=0.5                    every call takes 0.5 s longer
    CreateImage:task-fail            every new image ends in CREATEFAILED
    DescribeImages:error=InternalError:skip=3:times=2
                                     the 4th and 5th calls fail

    What happens: error=CODE, status=N, throttle, latency=S, cut-before, cut-after, delayed=S,
    twice, truncate, garbage, failed-resources=CODE, task-fail, task-stuck, boot-fail, boot-slow=S,
    clock-skew=S. When: skip=N, times=N, p=0.1, after, dry-run. See docs/sandbox.md.

    With --tls, clients that only use HTTPS and Tencent Cloud's own host names can reach it through
    a proxy or /etc/hosts; stderr shows what to set. Requires openssl.
    """  # noqa: D301 - Click takes \b as its mark for lines to leave alone
    from cvmimg.cli.session import SANDBOX_REGION, open_sandbox, sandbox_speed

    with open_sandbox(
        invocation,
        state,
        speed=sandbox_speed(invocation) if speed is None else speed,
        faults=faults,
        seed=seed,
        world=world,
        rate_limits=rate_limits,
        role=metadata_role,
    ) as sandbox:
        server = _start(sandbox, port, tls)
        secret_id, secret_key = sandbox.credentials()
        region = invocation.settings.region or SANDBOX_REGION
        sys.stdout.write(
            f"export CVMIMG_ENDPOINT={server.url}\n"
            f"export TENCENTCLOUD_SECRET_ID={secret_id}\n"
            f"export TENCENTCLOUD_SECRET_KEY={secret_key}\n"
            f"export TENCENTCLOUD_REGION={region}\n"
        )
        sys.stdout.flush()
        if tls and not invocation.settings.quiet:
            _explain_tls(server.url, sandbox.authority)
        _wait_for_signal()


def _start(sandbox: Sandbox, port: int, tls: bool) -> Server:
    try:
        if tls:
            _ = sandbox.authority
    except OSError as error:
        raise CvmimgError(Message("TlsUnavailable", reason=str(error))) from error
    try:
        return sandbox.serve(port, tls=tls)
    except OSError as error:
        message = Message("PortTaken", port=port, reason=error.strerror or str(error))
        raise CvmimgError(message) from error


def _explain_tls(url: str, authority: Path) -> None:
    """Write to stderr how HTTPS clients reach the sandbox."""
    from cvmimg.cli.messages import text

    hosts = " ".join(f"{service}.tencentcloudapi.com" for service in _HTTPS_SERVICES)
    message = Message("TlsExplained", proxy=url, authority=str(authority), hosts=hosts)
    sys.stderr.write(text(message) + "\n")
    sys.stderr.flush()


_HTTPS_SERVICES = ("cvm", "cbs", "vpc", "tag", "sts", "tat", "as", "cam", "region", "monitor")


@command.command(
    "status",
    examples=("cvmimg sandbox status", "cvmimg sandbox status -o json"),
)
@state_option
@click.pass_obj
def status(invocation: Invocation, state: Path | None) -> None:
    """Show the time and the resources of the sandbox."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.sandbox import sandbox_status

    with _open(invocation, state) as sandbox:
        emit(sandbox_status(sandbox.status()), invocation.settings)


@command.command(
    "reset",
    examples=("cvmimg sandbox reset", "cvmimg sandbox reset --yes"),
)
@state_option
@click.pass_obj
def reset(invocation: Invocation, state: Path | None) -> None:
    """Restore the initial resources; credentials and faults are kept."""
    from cvmimg.cli.render import say
    from cvmimg.cli.session import sandbox_folder
    from cvmimg.sandbox.sandbox import discard

    faults = 0
    try:
        with _open(invocation, state) as sandbox:
            sandbox.reset()
            faults = len(sandbox.faults.status())
    except CvmimgError as error:
        if error.code != "SandboxUnusable":
            raise
        discard(state or sandbox_folder(invocation))
        with _open(invocation, state):
            pass
    say(Message("SandboxReset"), invocation.settings)
    if faults:
        command = invocation.command_line.command("sandbox", "faults", "--clear")
        say(Message("SandboxFaultsKept", count=faults, command=command), invocation.settings)


@command.command("advance", examples=("cvmimg sandbox advance 30m",))
@click.argument("duration", type=DURATION)
@state_option
@click.pass_obj
def advance(invocation: Invocation, duration: float, state: Path | None) -> None:
    """Move the sandbox's time forward by DURATION, such as 30m or 2h."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.sandbox import sandbox_status

    with _open(invocation, state) as sandbox:
        sandbox.clock.advance(duration)
        emit(sandbox_status(sandbox.status()), invocation.settings)


@command.command("export", examples=("cvmimg sandbox export world.json",))
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@state_option
@click.pass_obj
def export(invocation: Invocation, file: Path, state: Path | None) -> None:
    """Write the whole state of the sandbox to FILE as JSON; - is stdout."""
    import json

    from cvmimg.cli.render import say

    with _open(invocation, state) as sandbox:
        whole = json.dumps(sandbox.export(), indent=1, ensure_ascii=False) + "\n"
    if str(file) == "-":
        sys.stdout.write(whole)
        return
    try:
        file.write_text(whole, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        reason = error.strerror or str(error)
        raise CvmimgError(Message("StateFileUnusable", file=str(file), reason=reason)) from error
    say(Message("SandboxExported", file=str(file)), invocation.settings)


@command.command("import", examples=("cvmimg sandbox import world.json",))
@click.argument("file", type=click.File("rb"))
@state_option
@click.pass_obj
def import_command(invocation: Invocation, file: IO[bytes], state: Path | None) -> None:
    """Replace the whole state of the sandbox with FILE; - is stdin."""
    import json

    from cvmimg.cli.render import say

    with _open(invocation, state) as sandbox:
        try:
            sandbox.load(json.loads(file.read()))
        except (ValueError, RecursionError) as error:
            message = Message("StateFileUnusable", file=file.name, reason=str(error))
            raise CvmimgError(message) from error
    say(Message("SandboxImported", file=file.name), invocation.settings)


@command.command(
    "faults",
    sections=LIST_SECTION,
    examples=(
        "cvmimg sandbox faults CreateImage:cut-after:times=1",
        "cvmimg sandbox faults --clear",
    ),
)
@click.argument("faults", metavar="[FAULT]...", type=FAULT, nargs=-1)
@flag("--clear", "Remove all faults first.")
@state_option
@list_options(FAULT_KEYS)
@click.pass_obj
def faults_command(
    invocation: Invocation,
    faults: tuple[str, ...],
    clear: bool,
    state: Path | None,
    view: ListView,
) -> None:
    """Add faults, which affect every process that uses the sandbox, and list them.

    For the syntax of a FAULT, see cvmimg sandbox serve --help.
    """
    from cvmimg.cli.render.sandbox import fault_list

    with _open(invocation, state) as sandbox:
        if clear:
            sandbox.faults.clear()
        sandbox.faults.store(*faults)
        view.emit(fault_list(sandbox.faults.status()), invocation.settings)


@command.command(
    "calls",
    sections=LIST_SECTION,
    examples=(
        "cvmimg sandbox calls --limit 20",
        "cvmimg sandbox calls -o json --query '[?code].[action, code]'",
    ),
)
@flag("--clear", "Remove all calls from the log instead.")
@state_option
@list_options(CALL_KEYS)
@click.pass_obj
def calls(invocation: Invocation, clear: bool, state: Path | None, view: ListView) -> None:
    """List the API calls that the sandbox has answered, newest first.

    Passwords, tokens and user data are not logged.
    """
    from cvmimg.cli.render import say
    from cvmimg.cli.render.sandbox import call_list

    with _open(invocation, state) as sandbox:
        if clear:
            sandbox.call_log.clear()
            say(Message("SandboxCallsCleared"), invocation.settings)
            return
        view.emit(call_list(sandbox.call_log.read()), invocation.settings)


@contextmanager
def _open(invocation: Invocation, state: Path | None) -> Iterator[Sandbox]:
    """Open the sandbox; a server that uses the same folder keeps its speed."""
    from cvmimg.cli.session import SPEED_VARIABLE, open_sandbox
    from cvmimg.sandbox.state.store import StoreError

    chosen = invocation.environment.get(SPEED_VARIABLE)
    with open_sandbox(invocation, state, **({} if chosen else {"speed": None})) as sandbox:
        try:
            yield sandbox
        except StoreError as error:
            raise CvmimgError(Message("SandboxStateUnusable", reason=str(error))) from error


def _wait_for_signal() -> None:
    """Wait until a signal asks to stop."""
    stopped = threading.Event()
    for number in signals_that_stop():
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
