"""Something to say to a person, as a code and parameters; the words are in ``cli/messages``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, init=False)
class Message:
    """A code and its parameters.

    Attributes:
        code: which sentence, such as "ImageNotReady".
        params: what the sentence names: ids, numbers, texts; JSON-able, or nested messages.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __init__(self, code: str, /, **params: Any) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "params", params)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Message:
        """Read what ``as_json`` wrote."""
        return cls(fields["code"], **{k: _from_json(v) for k, v in fields["params"].items()})

    def as_json(self) -> dict[str, Any]:
        """Return the message as JSON."""
        return {"code": self.code, "params": {k: _as_json(v) for k, v in self.params.items()}}

    def __str__(self) -> str:
        params = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{self.code}({params})"


def _as_json(value: Any) -> Any:
    if isinstance(value, Message):
        return {"message": value.as_json()}
    if isinstance(value, (list, tuple)):
        return [_as_json(each) for each in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"message"}:
        return Message.from_json(value["message"])
    if isinstance(value, list):
        return [_from_json(each) for each in value]
    return value
