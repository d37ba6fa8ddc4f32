"""A wire without a store: enough for what has to be right before any action runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cvmimg.sandbox.wire.endpoint import Endpoint
from cvmimg.sandbox.world.accounts import OWNER, KeyRing
from tests.support.tc3 import Client

NOW = 1_795_000_000.0

ROLE = {"RoleArn": f"qcs::cam::uin/{OWNER}:roleName/builder", "RoleSessionName": "ci"}
"""Parameters of AssumeRole, an action with required ones."""


class NoStore:
    """Remembers what kind of transactions were begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Any]:
        self.begun.append("write" if write else "read")
        yield None


class Standing:
    """The sandbox's time, moved by hand."""

    def __init__(self, now: float = NOW) -> None:
        self.at = now

    def now(self) -> float:
        return self.at


class Edge:
    """A wire, and a client of its owner."""

    def __init__(self) -> None:
        self.keys = KeyRing(b"k" * 32)
        self.store = NoStore()
        self.clock = Standing()
        self.endpoint = Endpoint(self.keys, self.store, self.clock, real_now=lambda: NOW)
        self.client = self.client_of(OWNER)

    def client_of(self, account: str) -> Client:
        return Client(self.endpoint.handle, *self.keys.permanent(account), now=NOW)
