"""The sandbox as one object: for commands, for servers, and for other projects' tests."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from cvmimg.sandbox import control
from cvmimg.sandbox.faults import Faults
from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.state.clock import SandboxClock
from cvmimg.sandbox.state.store import Store
from cvmimg.sandbox.wire.endpoint import Endpoint
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.throttling import RateLimits
from cvmimg.sandbox.world import builder
from cvmimg.sandbox.world.accounts import OWNER, KeyRing

if TYPE_CHECKING:
    from cvmimg.sandbox.wire.server import Server
    from cvmimg.sandbox.wire.transport import SandboxAdapter

World = Mapping[str, Any] | Path


def discard(state_dir: Path) -> None:
    """Remove what a sandbox keeps in ``state_dir``, but for its credentials.

    For a state that cannot be opened: damaged, or made by another version.
    """
    for path in state_dir.glob("state.sqlite*"):
        path.unlink(missing_ok=True)
    shutil.rmtree(state_dir / "guests", ignore_errors=True)


class Sandbox:
    """A simulated Tencent Cloud.

    Close it when done, or use it as a context manager.

    Args:
        state_dir: the folder that its state lasts in; None for one that ends with it.
        speed: how many times as fast as real time its time runs.
        clock: the real time, in seconds since the epoch.
        guest_scripts: SHA-256 digests of the scripts that simulated instances may run.
        seed: makes faults by probability happen the same way again.
        faults: faults to start with, as the module ``faults`` describes them.
        world: what there is at first, instead of the demonstration's world: a mapping, or a JSON or
            YAML file of one; see docs/sandbox.md.
        rate_limits: whether requests over the documented rates are refused.

    Raises:
        ValueError: a fault or the world cannot be understood.
        OSError: the folder cannot be used.
    """

    def __init__(
        self,
        state_dir: Path | None = None,
        *,
        speed: float = 60.0,
        clock: Callable[[], float] = time.time,
        guest_scripts: Collection[str] = (),
        seed: int = 0,
        faults: Iterable[str] = (),
        world: World | None = None,
        rate_limits: bool = False,
    ) -> None:
        self._world = _read_world(world)
        self.faults = Faults(seed)
        self.faults.add(*faults)
        self._passing = None if state_dir else tempfile.TemporaryDirectory(prefix="cvmimg-sandbox-")
        folder = state_dir or Path(self._passing.name if self._passing else "")
        self._servers: list[Server] = []
        self.keys = KeyRing.open(state_dir)
        self.store = _open_store(state_dir)
        try:
            self.clock = SandboxClock(speed, real=clock, store=self.store)
            self._seed_if_empty()
        except Exception:
            self.close()
            raise
        self.guests = Runtime(folder / "guests", guest_scripts)
        self.endpoint = Endpoint(
            keys=self.keys,
            database=self.store,
            clock=self.clock,
            faults=self.faults,
            rate_limits=RateLimits(clock) if rate_limits else None,
            guests=self.guests,
            real_now=clock,
        )

    def credentials(self, account: str = OWNER) -> tuple[str, str]:
        """The secret id and the secret key of ``account``: ``OWNER`` or ``NEIGHBOUR``."""
        return self.keys.permanent(account)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request: to the cloud at "/", to the sandbox itself under "/sandbox/"."""
        if request.path.startswith(control.PREFIX):
            return control.handle(self, request)
        if request.path != "/":
            return HttpResponse(
                HTTPStatus.NOT_FOUND, b"Not found.\n", {"Content-Type": "text/plain"}
            )
        return self.endpoint.handle(request)

    def adapter(self) -> SandboxAdapter:
        """What a requests session mounts to reach this sandbox without a socket."""
        from cvmimg.sandbox.wire.transport import SandboxAdapter

        return SandboxAdapter(self.handle)

    def serve(self, port: int = 0) -> Server:
        """Serve it over HTTP on 127.0.0.1, until the server is stopped or this is closed.

        Args:
            port: 0 for any that is free.

        Raises:
            OSError: the port is taken.
        """
        from cvmimg.sandbox.wire.server import Server

        server = Server(self.handle, port)
        self._servers.append(server)
        return server

    def status(self) -> dict[str, Any]:
        """The sandbox's time (seconds since the epoch), its speed, and what it holds."""
        with self.store.transaction(write=False) as view:
            counts = view.counts()
        return {
            "now": self.clock.now(),
            "speed": self.clock.speed,
            "documents": counts,
            "faults": self.faults.status(),
        }

    def reset(self) -> None:
        """Start again with the first world, at the present time; credentials stay as they are."""
        self.guests.reset()
        with self.store.transaction(write=True) as view:
            view.clear()
            builder.seed(view, self.clock.now(), self._world)

    def close(self) -> None:
        """Stop its servers and let go of its files."""
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self.store.close()
        if self._passing is not None:
            self._passing.cleanup()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _seed_if_empty(self) -> None:
        with self.store.transaction(write=False) as view:
            if view.counts():
                return
        with self.store.transaction(write=True) as view:
            if not view.counts():
                builder.seed(view, self.clock.now(), self._world)


def _open_store(state_dir: Path | None) -> Store:
    path = state_dir / "state.sqlite" if state_dir else None
    try:
        return Store.open(path)
    except sqlite3.Error as error:
        raise OSError(f"{path} cannot be used: {error}") from error


def _read_world(told: World | None) -> Mapping[str, Any] | None:
    if not isinstance(told, Path):
        return told
    text = told.read_text(encoding="utf-8")
    found = _yaml(text) if told.suffix in (".yaml", ".yml") else json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(f"{told} does not hold a mapping")
    return found


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise ValueError("a world in YAML needs PyYAML: pip install cvmimg[yaml]") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"the world is not YAML: {error}") from error
