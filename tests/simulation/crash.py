"""Real processes of the command line, killed at random times, against a served sandbox.

The same invariants hold as in the simulation; what is there is read from the server's own folder.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.request import Request, urlopen

from cvmimg.sandbox.state.clock import SandboxClock
from cvmimg.sandbox.state.store import Store
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from tests.simulation import tool
from tests.simulation.command_words import command_words, prune_words
from tests.simulation.guests import Tree, files_of, mounts_of, read_tree
from tests.simulation.invariants import Ending, OperationRun, Story
from tests.simulation.operations import (
    HOME,
    LOOSE,
    REGIONS,
    TEMPLATE,
    UNTIDY,
    UNUSED,
    Copy,
    Create,
    Delete,
    Launch,
    Operation,
    Promote,
    Prune,
    Share,
    Snapshot,
    Update,
    Verify,
)
from tests.simulation.truth import Truth
from tests.simulation.world import SPECIFICATION
from tests.support.tc3 import Client

ROOT = Path(__file__).parents[2]
SPEED = 4000.0
BOOT_SPEED = 60.0
"""The speed for operations that wait for a boot: at SPEED, its time is over before a poll."""
OPERATIONS: tuple[Operation, ...] = (
    Create(),
    Create(instance="ins-old00001", stop=True),
    Create(instance="ins-data0001", fix_fstab=True),
    Create(instance="ins-data0001", stop=True, fix_fstab=True),
    Create(instance="ins-full0001", replace_oldest="app-*"),
    Launch(),
    Launch(data_from="ins-data0001", delete_snapshots_after=True),
    Snapshot(freeze=True),
    Delete(),
    Update(description="new", tag=True),
    Copy(),
    Share(),
    Create(instance="ins-db000001", stop=True, keep=2),
    Prune(snapshots=True),
    Prune(grace=True),
    Promote(),
    Promote(revoke=True),
    Verify(),
    Create(verify=True),
    Create(instance=UNTIDY, stop=True, fix_fstab=True, fixes=("selinux-relabel",)),
    Create(instance="ins-data0001", skip_checks=("fstab",), verify=True, delete_on_failure=True),
    Create(instance="ins-db000001", promote=False),
    Launch(template=TEMPLATE),
    Launch(fixes=("machine-id", "host-keys")),
    Copy(regions=(HOME,), encrypt=True),
    Delete(images=UNUSED[:1], snapshots=LOOSE),
    Share(image="img-shar0001", account="", undo=True),
)
_MOST_RESUMES = 6
_KILLED_RESUMES = 2
_LONGEST_PROCESS = 120.0
_LONGEST_TASK = 3600.0
"""Seconds of the sandbox's time in which every task of the cloud ends."""
_LONGEST_REST = 5.0
"""Seconds to wait for that: the truth is what all tasks come to."""
_OPERATION_ID = re.compile(r"op-\d{8}-[0-9a-f]{6}")


@dataclass
class CrashReport:
    """What a campaign of killed processes has found.

    Attributes:
        operations: how many operations were run.
        killed: how many processes were killed, ``resume`` among them ``killed_resumes`` times.
        processes: how many processes there were in all.
        violations: what did not hold, with the operation and the times of the kills.
    """

    operations: int = 0
    killed: int = 0
    killed_resumes: int = 0
    processes: int = 0
    violations: list[str] = field(default_factory=list)


class Server:
    """``cvmimg sandbox serve`` as a process of its own."""

    def __init__(self, folder: Path, speed: float = SPEED) -> None:
        self.folder = folder
        self.speed = speed
        world = folder.with_suffix(".json")
        world.write_text(json.dumps(SPECIFICATION, default=str), encoding="utf-8")
        words = ["sandbox", "serve", "--port", "0", "--speed", str(speed), "--state", str(folder)]
        words.append(f"--world={world}")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cvmimg", *words], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._process.stdout is not None
        lines = [self._process.stdout.readline() for _ in range(4)]
        pairs = (line.removeprefix("export ").strip().partition("=") for line in lines)
        self.environment = {name: value for name, _, value in pairs}

    def reset(self) -> None:
        """Start again with the first world."""
        key = self.environment["TENCENTCLOUD_SECRET_KEY"]
        url = f"{self.environment['CVMIMG_ENDPOINT']}/sandbox/reset"
        headers = {"Authorization": f"Bearer {key}"}
        with urlopen(Request(url, b"", headers, method="POST")) as answer:
            answer.read()

    def truth(self) -> Truth:
        """What is really there, once the guests have booted."""
        for region in REGIONS:
            self._client(region).call("tat", "DescribeAutomationAgentStatus")
        store = Store.open(self.folder / "state.sqlite")
        try:
            now = SandboxClock(self.speed, store=store).now()
            return Truth.of(store, _FolderGuests(self.folder / "guests"), now)
        finally:
            store.close()

    def _client(self, region: str) -> Client:
        secret_id = self.environment["TENCENTCLOUD_SECRET_ID"]
        key = self.environment["TENCENTCLOUD_SECRET_KEY"]
        host = self.environment["CVMIMG_ENDPOINT"].partition("//")[2]
        return Client(self._send, secret_id, key, time.time(), region=region, host=host)

    def _send(self, request: HttpRequest) -> HttpResponse:
        url = self.environment["CVMIMG_ENDPOINT"]
        with urlopen(Request(url, request.body, dict(request.headers))) as answer:
            return HttpResponse(answer.status, answer.read())

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate()


class _FolderGuests:
    """The insides of instances, in the folder of a server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tree(self, instance_id: str) -> Tree:
        return read_tree(self._folder / instance_id)

    def files(self, instance_id: str) -> dict[str, bytes]:
        return files_of(self.tree(instance_id))

    def mounts(self, instance_id: str) -> frozenset[str] | None:
        return mounts_of(self.tree(instance_id))

    def frozen(self, instance_id: str) -> Iterable[str]:
        """Those whose last freeze was not followed by a thaw; that a boot thaws is not seen."""
        log = self.tree(instance_id).get("root/run/fsfreeze.log", (0, b""))[1].decode()
        last: dict[str, str] = {}
        for line in log.splitlines():
            action, _, target = line.partition(" ")
            last[target] = action
        return [target for target, action in last.items() if action == "--freeze"]


@dataclass
class _Crash:
    """One operation whose processes are killed.

    Args:
        server: the cloud.
        source: decides when.
        operation: which.
        report: what is added to.

    Attributes:
        kills: which processes were killed, and when.
        seconds: how long the last process took that was not killed.
    """

    server: Server
    source: random.Random
    operation: Operation
    report: CrashReport
    kills: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def play(self, usual_seconds: float) -> None:
        """Kill the command, then resumes, then let one finish; judge what is there then."""
        self.server.reset()
        with tempfile.TemporaryDirectory(prefix="cvmimg-crash-") as folder:
            state_dir = Path(folder)
            before = self.server.truth()
            run = OperationRun(self.operation)
            story = Story(before, [run], {}, ())
            if isinstance(self.operation, Prune):
                run.shown = self._shown(state_dir, self.operation)
            run.ending = self._process(
                state_dir, command_words(self.operation), self.source.uniform(0.2, usual_seconds)
            )
            self._resume_until_done(state_dir, run)
            run.ids = sorted(_operations(state_dir))
            run.open = bool(tool.unfinished(state_dir))
            # At once: the cloud itself ends an instance that was left, but later.
            story.after_process(run, run.ending, self.server.truth(), resumed=True)
            time.sleep(min(_LONGEST_REST, _LONGEST_TASK / self.server.speed))
            story.at_the_end(self.server.truth(), run.open)
            self.report.operations += 1
            self.report.violations += [f"{self._story()}: {v}" for v in story.violations]

    def _shown(self, state_dir: Path, operation: Prune) -> set[str]:
        """What a prune shows as to be deleted or deprecated, before it changes anything."""
        words = [*_command(operation), *prune_words(operation), "-o", "json"]
        answer = subprocess.run(
            words, env=self._environment(state_dir), capture_output=True, check=True, cwd=ROOT
        )
        plan = json.loads(answer.stdout)
        going = [one for one in plan if one["decision"] != "keep"]
        return {(one["image"] or one["snapshot"])["id"] for one in going}

    def _resume_until_done(self, state_dir: Path, run: OperationRun) -> None:
        for number in range(_MOST_RESUMES):
            if not tool.unfinished(state_dir):
                return
            kill = number < _KILLED_RESUMES and self.source.random() < 0.6
            seconds = self.source.uniform(0.2, 3.0) if kill else None
            ending = self._process(state_dir, ["resume"], seconds, resumed=True)
            if not tool.unfinished(state_dir):
                run.ending = ending

    def _process(
        self, state_dir: Path, words: list[str], kill_after: float | None, *, resumed: bool = False
    ) -> Ending:
        """Run the command line, killed after so many seconds; return how it ended."""
        process = subprocess.Popen(
            [*_command(self.operation), *words],
            env=self._environment(state_dir),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.report.processes += 1
        began = time.monotonic()
        try:
            _, text = process.communicate(timeout=kill_after or _LONGEST_PROCESS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            if kill_after is None:
                return Ending(crash="it does not end")
            self.report.killed += 1
            self.report.killed_resumes += resumed
            self.kills.append(f"{words[0]} after {kill_after:.2f} s")
            return Ending(killed=True)
        self.seconds = time.monotonic() - began
        crash = text if "Traceback" in text else ""
        return Ending(process.returncode, text, crash)

    def _environment(self, state_dir: Path) -> dict[str, str]:
        return {**os.environ, **self.server.environment, "CVMIMG_STATE_DIR": str(state_dir)}

    def _story(self) -> str:
        return f"{self.operation!r}, killed: {', '.join(self.kills) or 'never'}"


def _command(operation: Operation) -> list[str]:
    """The program, in the region of an operation."""
    return [sys.executable, "-m", "cvmimg", "--yes", "--region", operation.region]


def _operations(state_dir: Path) -> set[str]:
    names = (path.name for path in state_dir.glob("operations/*/op-*.json"))
    return {found[0] for name in names if (found := _OPERATION_ID.match(name))}


def crash_many(kills: int, seed: int, jobs: int, kinds: Sequence[str] = ()) -> CrashReport:
    """Kill at least so many processes, ``jobs`` operations side by side.

    Args:
        kills: how many processes are to be killed.
        seed: decides the operations and the times.
        jobs: how many servers and operations there are at once.
        kinds: of which operations, such as "verify"; of all if there are none.
    """
    report = CrashReport()
    operations = [one for one in OPERATIONS if not kinds or one.kind in kinds]
    crash_some = partial(_crash_some, -(-kills // jobs), operations)
    with ThreadPoolExecutor(jobs) as pool:
        for part in pool.map(crash_some, range(seed * 1000, seed * 1000 + jobs)):
            report.operations += part.operations
            report.killed += part.killed
            report.killed_resumes += part.killed_resumes
            report.processes += part.processes
            report.violations += part.violations
    return report


def _crash_some(kills: int, operations: Sequence[Operation], seed: int) -> CrashReport:
    report = CrashReport()
    source = random.Random(seed)
    usual: dict[Operation, float] = {}
    servers: dict[float, Server] = {}
    with ExitStack() as stack:
        while report.killed < kills:
            operation = source.choice(operations)
            speed = BOOT_SPEED if "verify" in operation.kind else SPEED
            if speed not in servers:
                servers[speed] = stack.enter_context(_server(speed))
            crash = _Crash(servers[speed], source, operation, report)
            crash.play(usual.get(operation, 4.0))
            if not crash.kills:
                usual[operation] = crash.seconds
    return report


@contextmanager
def _server(speed: float) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="cvmimg-crash-server-") as folder:
        server = Server(Path(folder), speed)
        try:
            yield server
        finally:
            server.stop()
