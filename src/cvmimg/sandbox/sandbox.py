"""The sandbox as one object: for commands, servers and tests of other projects."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cvmimg.sandbox import control, metadata, whole_state
from cvmimg.sandbox.call_log import CallLog
from cvmimg.sandbox.faults import Faults
from cvmimg.sandbox.guest.runtime import Runtime
from cvmimg.sandbox.services import agenda
from cvmimg.sandbox.state.clock import SandboxClock
from cvmimg.sandbox.state.store import Store
from cvmimg.sandbox.wire import hosts
from cvmimg.sandbox.wire.endpoint import Endpoint
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.throttling import RateLimits
from cvmimg.sandbox.world import builder, settings
from cvmimg.sandbox.world.accounts import OWNER, KeyRing

if TYPE_CHECKING:
    from cvmimg.sandbox.wire.server import Server
    from cvmimg.sandbox.wire.transport import SandboxAdapter

World = Mapping[str, Any] | Path


def discard(state_dir: Path) -> None:
    """Remove a sandbox's state from ``state_dir``, except for its credentials.

    For a state that cannot be opened, because it is damaged or of another version.
    """
    for path in state_dir.glob("state.sqlite*"):
        path.unlink(missing_ok=True)
    shutil.rmtree(state_dir / "guests", ignore_errors=True)


class Sandbox:
    """A simulated Tencent Cloud.

    Close it after use, or use it as a context manager.

    Args:
        state_dir: folder for its state; None for a temporary one.
        speed: how many times faster than real time its clock runs; None to keep the speed of a
            state that exists.
        clock: the real time, in seconds since the epoch.
        guest_scripts: SHA-256 digests of the scripts that simulated instances may run.
        seed: makes faults with a probability reproducible.
        faults: initial faults, in the format of the module ``faults``.
        world: initial resources, instead of the demo world: a mapping, or a JSON or YAML file; see
            docs/sandbox.md.
        rate_limits: whether to enforce the documented request rates.
        role: name of the role whose credentials the metadata service gives; empty for no such
            service.

    Raises:
        ValueError: a fault or the world is malformed.
        OSError: the folder cannot be used.
    """

    def __init__(
        self,
        state_dir: Path | None = None,
        *,
        speed: float | None = 60.0,
        clock: Callable[[], float] = time.time,
        guest_scripts: Collection[str] = (),
        seed: int = 0,
        faults: Iterable[str] = (),
        world: World | None = None,
        rate_limits: bool = False,
        role: str = "",
    ) -> None:
        self._world = _read_world(world)
        self._role = role
        self._temporary = (
            None if state_dir else tempfile.TemporaryDirectory(prefix="cvmimg-sandbox-")
        )
        folder = state_dir or Path(self._temporary.name if self._temporary else "")
        self._servers: list[Server] = []
        self.keys = KeyRing.open(state_dir)
        self.store = _open_store(state_dir)
        try:
            self.faults: Faults = Faults(seed, self.store)
            self.faults.add(*faults)
            self.clock = SandboxClock(speed, real=clock, store=self.store)
            self._seed_if_empty()
        except Exception:
            self.close()
            raise
        self._authority = folder / "tls"
        self.guests = Runtime(folder / "guests", guest_scripts)
        self.call_log: CallLog = CallLog(folder / "calls.jsonl")
        self.endpoint = Endpoint(
            keys=self.keys,
            database=self.store,
            clock=self.clock,
            faults=self.faults,
            rate_limits=RateLimits(clock) if rate_limits else None,
            guests=self.guests,
            real_now=clock,
            call_log=self.call_log,
            catch_up=self.catch_up,
        )

    def credentials(self, account: str = OWNER) -> tuple[str, str]:
        """Return the secret id and secret key of ``account``: ``OWNER`` or ``NEIGHBOUR``."""
        return self.keys.permanent(account)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer one request.

        The API is at "/", the sandbox's control at "/sandbox/", the metadata service of an
        instance at "/latest/meta-data/" and at a host of its own.
        """
        if self._role and request.path.startswith(metadata.PREFIX):
            return metadata.handle(self.keys, self._role, self.clock.now, request)
        if hosts.is_metadata(request.headers.get("host", "")):
            return HttpResponse.text(HTTPStatus.FORBIDDEN, "No metadata here.\n")
        if request.path.startswith(control.PREFIX):
            return control.handle(self, request)
        if request.path != "/":
            return HttpResponse.text(HTTPStatus.NOT_FOUND, "Not found.\n")
        return self.endpoint.handle(request)

    def adapter(self) -> SandboxAdapter:
        """Return an adapter that connects a requests session to this sandbox without a socket."""
        from cvmimg.sandbox.wire.transport import SandboxAdapter

        return SandboxAdapter(self.handle)

    def serve(self, port: int = 0, *, tls: bool = False) -> Server:
        """Serve over HTTP on 127.0.0.1 until the server is stopped or the sandbox is closed.

        Args:
            port: 0 for any free one.
            tls: serve HTTPS as well, with a certificate of ``authority``.

        Raises:
            OSError: the port is taken, or openssl is missing.
        """
        from cvmimg.sandbox.wire.server import Server

        context = None
        if tls:
            from cvmimg.sandbox.wire.tls import server_context

            context = server_context(self._authority)
        server = Server(self.handle, port, context)
        self._servers.append(server)
        return server

    @property
    def authority(self) -> Path:
        """Return the certificate to trust for HTTPS, created if necessary.

        Raises:
            OSError: openssl is missing.
        """
        from cvmimg.sandbox.wire.tls import authority

        return authority(self._authority)

    def catch_up(self) -> None:
        """Do what the service does by itself until now, such as automatic snapshots."""
        due = self.store.next_due()
        if due is None or due > self.clock.now():
            return
        with self.store.transaction(write=True) as view:
            agenda.run(view, self.clock.read(view), self.guests)

    def status(self) -> dict[str, Any]:
        """Return the time (seconds since the epoch), speed, number of documents and faults."""
        self.catch_up()
        with self.store.transaction(write=False) as view:
            counts = view.counts()
        return {
            "now": self.clock.now(),
            "speed": self.clock.speed,
            "documents": counts,
            "faults": self.faults.status(),
        }

    def reset(self) -> None:
        """Restore the initial world; the clock and the credentials are kept."""
        with self.store.transaction(write=True) as view:
            view.clear()
            builder.build(view, self.clock.now(), self._world)
        self.guests.reset()

    def export(self) -> dict[str, Any]:
        """Return the whole state, which ``load`` restores; see ``whole_state``."""
        self.catch_up()
        with self.store.transaction(write=False) as view:
            return whole_state.export(view, self.guests, self.clock.now())

    def load(self, state: Any) -> None:
        """Replace the whole state by an exported one, the time included.

        Raises:
            ValueError: it is not the state of a sandbox.
        """
        with self.store.transaction(write=True) as view:
            now = whole_state.load(view, state)
        self.clock.set(now)
        self.guests.reset()

    def configure(self, **changes: Any) -> None:
        """Change settings of the world, as ``world.settings`` describes them.

        Raises:
            ValueError: a name or a value is invalid.
        """
        with self.store.transaction(write=True) as view:
            settings.change(view, changes)

    def close(self) -> None:
        """Stop its servers and close its files."""
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self.store.close()
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _seed_if_empty(self) -> None:
        with self.store.transaction(write=False) as view:
            if view.counts():
                return
        with self.store.transaction(write=True) as view:
            if not view.counts():
                builder.build(view, self.clock.now(), self._world)


def _open_store(state_dir: Path | None) -> Store:
    path = state_dir / "state.sqlite" if state_dir else None
    try:
        return Store.open(path)
    except sqlite3.Error as error:
        raise OSError(f"cannot use {path}: {error}") from error


def _read_world(source: World | None) -> Mapping[str, Any] | None:
    if not isinstance(source, Path):
        return source
    try:
        text = source.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{source} is not valid UTF-8") from error
    found = _yaml(text) if source.suffix in (".yaml", ".yml") else _json(text)
    if not isinstance(found, dict):
        raise ValueError(f"{source} does not contain a mapping")
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the world is not valid JSON: {error}") from error


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError as error:
        raise ValueError("a YAML world requires PyYAML: pip install cvmimg[yaml]") from error
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"the world is not valid YAML: {error}") from error
