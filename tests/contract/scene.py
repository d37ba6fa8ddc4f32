"""A sandbox with a manual clock; every answer is checked against the description."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from cvmimg.sandbox import NEIGHBOUR, OWNER, Sandbox
from tests.contract.answers import problems
from tests.support.tc3 import Client

START = 1_795_000_000.0


@dataclass
class Scene:
    """A sandbox that records calls.

    Attributes:
        answered: how often each (service, action) was answered.
        fields: the paths of all fields that answers carried.
    """

    at: float = START
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(speed=1, clock=lambda: self.at)

    def client(self, account: str = OWNER, region: str = "ap-guangzhou") -> Client:
        """Return a client of ``account``."""
        secret_id, secret_key = self.sandbox.credentials(account)
        return Client(self.sandbox.handle, secret_id, secret_key, self.at, region=region)

    def later(self, seconds: float) -> None:
        """Advance the clock."""
        self.at += seconds

    def call(
        self,
        service: str,
        action: str,
        region: str = "ap-guangzhou",
        account: str = OWNER,
        **params: Any,
    ) -> dict[str, Any]:
        """Return the answer to a call, checked against the description."""
        answer = self.client(account, region).call(service, action, **params)
        assert problems(service, action, answer, dry_run=bool(params.get("DryRun"))) == []
        if "Error" not in answer:
            self.answered[service, action] += 1
            self.fields |= set(paths(f"{service}.{action}", answer))
        return answer

    def ok(self, service: str, action: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a call that must succeed."""
        answer = self.call(service, action, **params)
        assert "Error" not in answer, f"{action}: {answer['Error']}"
        return answer

    def code(self, service: str, action: str, **params: Any) -> str:
        """Return the error code of a call, or "ok"."""
        found: str = self.call(service, action, **params).get("Error", {}).get("Code", "ok")
        return found

    def __enter__(self) -> Scene:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.sandbox.close()


def paths(prefix: str, value: Any) -> list[str]:
    """Return the paths of all members of ``value``."""
    if isinstance(value, dict):
        own = [f"{prefix}.{key}" for key in value]
        return own + [
            path for key, item in value.items() for path in paths(f"{prefix}.{key}", item)
        ]
    if isinstance(value, list):
        return [path for item in value for path in paths(prefix, item)]
    return []


__all__ = ["NEIGHBOUR", "OWNER", "START", "Scene"]
