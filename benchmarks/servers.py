"""The sandbox's server beside moto's: the same question of 20 instances, asked of both in turns."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import worlds
from benchmarks.clients import CVMIMG, ROOT
from benchmarks.inside import signed
from benchmarks.measure import Comparison, compare
from benchmarks.report import Row
from benchmarks.server import Setting, served

MOTO = ROOT / ".venv-moto" / "bin" / "moto_server"

_SECONDS = 1.0
"""How long one measurement of a rate lasts."""
_ROUNDS = 5
_PATIENCE_SECONDS = 30.0
_INSTANCES = 20
_LARGE, _SMALL = 10_000, 10
_SCOPE = "Credential=mock/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=x"


@dataclass(frozen=True)
class Question:
    """An HTTP request, and a text that a good answer contains."""

    port: int
    body: bytes
    headers: Mapping[str, str]
    expected: bytes

    def ask(self, connection: http.client.HTTPConnection) -> None:
        """Send it, and read the answer, which has to be a good one."""
        connection.request("POST", "/", self.body, dict(self.headers))
        answer = connection.getresponse().read()
        assert self.expected in answer, answer[:500]

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection to the server."""
        return http.client.HTTPConnection("127.0.0.1", self.port)


@dataclass(frozen=True)
class Running:
    """A server's process, what it is asked, and the seconds until its first answer."""

    pid: int
    question: Question
    started: float


def rows() -> Iterator[Row]:
    """Compare the servers."""
    yield _against_moto()
    yield _start()
    yield _memory()
    yield _large_world()


def _against_moto() -> Row:
    with _moto() as moto, _instances(_INSTANCES, _INSTANCES) as ours:
        result = compare(partial(_rate, ours), partial(_rate, moto.question), _ROUNDS)
    return Row(
        f"Sandbox: DescribeInstances of {_INSTANCES}",
        f"{result.ours:,.0f} a second",
        f"{result.theirs:,.0f} a second (moto's server)",
        result.ratio,
        goal=5,
        at_least=True,
    )


def _start() -> Row:
    result = compare(partial(_seconds_to_start, _sandbox), partial(_seconds_to_start, _moto))
    return _compared("Sandbox: start until the first answer", result, 1000, "ms", goal=1)


def _memory() -> Row:
    result = compare(partial(_mib, _sandbox), partial(_mib, _moto), _ROUNDS)
    return _compared("Sandbox: memory of the server", result, 1, "MiB", goal=0.5)


def _large_world() -> Row:
    with _instances(_LARGE, _SMALL) as large, _instances(_SMALL, _SMALL) as small:
        result = compare(partial(_rate, large), partial(_rate, small), _ROUNDS)
    return Row(
        f"Sandbox: {_SMALL} instances of {_LARGE:,}, against {_SMALL} of {_SMALL}",
        f"{result.ours:,.0f} a second",
        f"{result.theirs:,.0f} a second",
        1 / result.ratio,
        goal=1.2,
    )


def _compared(what: str, result: Comparison, factor: float, unit: str, goal: float) -> Row:
    return Row(
        what,
        f"{result.ours * factor:,.0f} {unit}",
        f"{result.theirs * factor:,.0f} {unit} (moto's server)",
        result.ratio,
        goal,
    )


def _rate(question: Question) -> float:
    """Return how many requests a second are answered over one connection."""
    connection = question.connect()
    question.ask(connection)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < _SECONDS:
        question.ask(connection)
        count += 1
    elapsed = time.perf_counter() - started
    connection.close()
    return count / elapsed


def _seconds_to_start(server: Callable[[], AbstractContextManager[Running]]) -> float:
    with server() as running:
        return running.started


def _mib(server: Callable[[], AbstractContextManager[Running]]) -> float:
    """Return the memory of the server after many answers, in MiB."""
    with server() as running:
        _rate(running.question)
        status = Path(f"/proc/{running.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@contextmanager
def _instances(count: int, limit: int) -> Iterator[Question]:
    """Serve a world of so many instances."""
    with served(Setting(world=worlds.instances(count))) as server:
        yield _question(server, limit)


def _question(server: Mapping[str, str], limit: int) -> Question:
    request = signed(server, "DescribeInstances", {"Limit": limit})
    port = urlsplit(server["CVMIMG_ENDPOINT"]).port
    assert port is not None
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    return Question(port, body, dict(request.headers), b'"InstanceSet"')


@contextmanager
def _sandbox() -> Iterator[Running]:
    """Run the command in a folder that has been used before, as moto's server needs none."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CVMIMG_STATE_DIR": folder}
        started = time.perf_counter()
        command = [CVMIMG, "sandbox", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        with _ended(process):
            lines = [process.stdout.readline() for _ in range(4)]
            server = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines)
            question = _question(server, _INSTANCES)
            yield Running(process.pid, question, _first_answer(question, started))


@contextmanager
def _moto() -> Iterator[Running]:
    """Run moto's server with as many instances as are asked for."""
    port = _free_port()
    headers = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"AWS4-HMAC-SHA256 {_SCOPE}",
    }

    def question(action: str, expected: bytes) -> Question:
        body = f"Action={action}&Version=2016-11-15".encode()
        return Question(port, body, headers, expected)

    started = time.perf_counter()
    process = subprocess.Popen(
        [MOTO, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with _ended(process):
        describe = question("DescribeInstances", b"DescribeInstancesResponse")
        seconds = _first_answer(describe, started)
        many = f"RunInstances&ImageId=ami-03cf127a&MinCount={_INSTANCES}&MaxCount={_INSTANCES}"
        question(many, b"RunInstancesResponse").ask(describe.connect())
        yield Running(process.pid, describe, seconds)


def _first_answer(question: Question, started: float) -> float:
    """Ask until the server answers; return the seconds since ``started``."""
    while True:
        try:
            question.ask(question.connect())
        except OSError:
            assert time.perf_counter() - started < _PATIENCE_SECONDS, "the server does not answer"
            time.sleep(0.002)
        else:
            return time.perf_counter() - started


@contextmanager
def _ended(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
