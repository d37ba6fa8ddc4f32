"""An endpoint without a store: enough for everything before an action runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from cvmimg.sandbox.wire.endpoint import Endpoint
from cvmimg.sandbox.world.accounts import OWNER, KeyRing
from tests.support.tc3 import Client

NOW = 1_795_000_000.0

ROLE = {"RoleArn": f"qcs::cam::uin/{OWNER}:roleName/builder", "RoleSessionName": "ci"}
"""Parameters of AssumeRole, an action with required parameters."""


class NoStore:
    """Records the transactions."""

    def __init__(self) -> None:
        self.transactions: list[str] = []

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Any]:
        self.transactions.append("write" if write else "read")
        yield None


class ManualClock:
    """A manual clock."""

    def __init__(self, now: float = NOW) -> None:
        self.at = now

    def now(self) -> float:
        return self.at


def endpoint(keys: KeyRing, store: NoStore, clock: ManualClock, **options: Any) -> Endpoint:
    """Return an endpoint that needs no more of a store and a clock than these have."""
    return Endpoint(keys, cast(Any, store), cast(Any, clock), **options)


class StorelessEndpoint:
    """An endpoint, and a client of the owner."""

    def __init__(self) -> None:
        self.keys = KeyRing(b"k" * 32)
        self.store = NoStore()
        self.clock = ManualClock()
        self.endpoint = endpoint(self.keys, self.store, self.clock, real_now=lambda: NOW)
        self.client = self.client_of(OWNER)

    def client_of(self, account: str) -> Client:
        return Client(self.endpoint.handle, *self.keys.permanent(account), now=NOW)
