"""``cvmimg sandbox``."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Group
from cvmimg.errors import CvmimgError
from cvmimg.message import Message


@click.group("sandbox", cls=Group)
def command() -> None:
    """Run, inspect or reset the simulated cloud.

    Every command uses it with --sandbox or CVMIMG_SANDBOX=1. Its state is kept in
    CVMIMG_STATE_DIR.
    """


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0 for any free port.")
@click.option(
    "--speed", type=float, help="Speed of simulated time, as a multiple of real time. [default: 60]"
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the state.",
)
@click.option(
    "--fault",
    "faults",
    metavar="FAULT",
    multiple=True,
    help="Fault to inject, see above; repeatable.",
)
@click.option("--seed", type=int, default=0, help="Seed of random faults, to repeat them.")
@click.option(
    "--world",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON or YAML file with the initial resources.",
)
@click.option("--rate-limits", is_flag=True, help="Enforce the documented request rate limits.")
@click.pass_obj
def serve(
    invocation: Invocation,
    port: int,
    speed: float | None,
    state: Path | None,
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
    CreateImage:cut-after:times=1     the first call is carried out, its answer is lost
    cvm.*:status=502:p=0.1            10 % of the calls to cvm get 502 Bad Gateway
    DescribeImages:error=InternalError:skip=3:times=2     the 4th and 5th calls fail
    *:latency=0.5                     every call takes 0.5 s longer
    CreateImage:task-fail             every new image ends in CREATEFAILED

    What happens: error=CODE, status=N, throttle, latency=S, cut-before, cut-after, delayed=S,
    twice, truncate, garbage, failed-resources=CODE, task-fail, task-stuck, boot-fail, boot-slow=S,
    clock-skew=S. When: skip=N, times=N, p=0.1, after, dry-run. See docs/sandbox.md.
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
    ) as sandbox:
        try:
            url = sandbox.serve(port).url
        except OSError as error:
            message = Message("PortTaken", port=port, reason=error.strerror or str(error))
            raise CvmimgError(message) from error
        secret_id, secret_key = sandbox.credentials()
        region = invocation.settings.region or SANDBOX_REGION
        sys.stdout.write(
            f"export CVMIMG_ENDPOINT={url}\n"
            f"export TENCENTCLOUD_SECRET_ID={secret_id}\n"
            f"export TENCENTCLOUD_SECRET_KEY={secret_key}\n"
            f"export TENCENTCLOUD_REGION={region}\n"
        )
        sys.stdout.flush()
        _wait_for_signal()


@command.command("status")
@click.pass_obj
def status(invocation: Invocation) -> None:
    """Show the time and the resources of the sandbox."""
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.sandbox import sandbox_status
    from cvmimg.cli.session import open_sandbox

    with open_sandbox(invocation) as sandbox:
        emit(sandbox_status(sandbox.status()), invocation.settings)


@command.command("reset")
@click.pass_obj
def reset(invocation: Invocation) -> None:
    """Restore the initial resources; credentials are kept."""
    from cvmimg.cli.session import open_sandbox, sandbox_folder
    from cvmimg.sandbox.sandbox import discard

    try:
        with open_sandbox(invocation) as sandbox:
            sandbox.reset()
    except CvmimgError as error:
        if error.code != "SandboxUnusable":
            raise
        discard(sandbox_folder(invocation))
        open_sandbox(invocation).close()


def _wait_for_signal() -> None:
    """Wait until SIGINT, SIGTERM or SIGHUP."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
