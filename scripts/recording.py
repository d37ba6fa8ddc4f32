"""Record the API's answers, with everything that belongs to an account replaced."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

_Make = Callable[[re.Match[str], int], str]
_SCOPE = re.compile(r"/\d{4}-\d\d-\d\d/(\w+)/tc3_request")
_ID = re.compile(r"\b([a-z]{2,8})-([0-9a-z]{8})\b")
_ADDRESS = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b")
_ADDRESS_V6 = re.compile(
    r"\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b|\b(?:[0-9a-f]{1,4}:)+:(?:[0-9a-f]{1,4}:)*[0-9a-f]{0,4}",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?<!\d)\d{9,20}(?!\d)")
_SMALLEST_ACCOUNT = 10**8
_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_PRIVATE = re.compile(
    r"(Name|Description|Value|Key|Creator|Uuid|Token|Arn|Secret\w*)$", re.IGNORECASE
)
_PUBLIC = ("OsName", "TypeName", "ZoneName", "RegionName")
_GUEST = ("Output", "Content", "UserData")
"""What a guest holds, as base64."""


class Recorder(HTTPAdapter):
    """Carries requests over the network, and keeps the answers.

    Attributes:
        answers: by service and action ("cvm.CreateImage"), the distinct shapes of its answers,
            anonymized.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, list[Any]] = defaultdict(list)
        self._anonymise = Anonymiser()

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """Send one request, and keep its answer."""
        response = super().send(request, *args, **kwargs)
        with suppress(ValueError):
            self._keep(_title(request), self._anonymise(json.loads(response.content)))
        return response

    def add(self, folder: Path) -> None:
        """Keep what another process has written."""
        for path in sorted(folder.rglob("*.json")):
            for answer in json.loads(path.read_text(encoding="utf-8")):
                self._keep(path.stem, answer)

    def _keep(self, action: str, answer: Any) -> None:
        if shape(answer) not in map(shape, self.answers[action]):
            self.answers[action].append(answer)

    def write(self, folder: Path) -> None:
        """Write a file for each action, such as ``cvm.CreateImage.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        for action, answers in sorted(self.answers.items()):
            text = json.dumps(answers, indent=1, ensure_ascii=False)
            (folder / f"{action}.json").write_text(f"{text}\n", encoding="utf-8")


def _title(request: PreparedRequest) -> str:
    """Return the service and the action of a request, by its signature."""
    scope = _SCOPE.search(str(request.headers.get("Authorization", "")))
    service = scope[1] if scope else "sts"  # only a web identity is exchanged without a signature
    return f"{service}.{_text(request.headers.get('X-TC-Action'))}"


def _text(value: str | bytes | None) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Anonymiser:
    """Replaces ids, addresses, accounts, names and tags; the same one always by the same."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, value: Any, field: str = "") -> Any:
        """Return ``value`` without anything that belongs to an account."""
        if isinstance(value, dict):
            return {key: self(item, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self(item, field) for item in value]
        if isinstance(value, int) and abs(value) > _SMALLEST_ACCOUNT:
            return int(self._replace(str(value), lambda number: f"1{number:011}"))
        if not isinstance(value, str):
            return value
        if field in _GUEST:
            return ""
        if _PRIVATE.search(field) and field not in _PUBLIC and not _ID.fullmatch(value):
            return self._replace(value, lambda number: f"text-{number}") if value else value
        for pattern, make in _REPLACEMENTS:
            value = pattern.sub(partial(self._match, make), value)
        return value

    def _match(self, make: _Make, match: re.Match[str]) -> str:
        return self._replace(match[0], lambda number: make(match, number))

    def _replace(self, original: str, make: Callable[[int], str]) -> str:
        if original not in self._known:
            self._known[original] = make(len(self._known) + 1)
        return self._known[original]


_REPLACEMENTS: tuple[tuple[re.Pattern[str], _Make], ...] = (
    (_UUID, lambda _, number: f"00000000-0000-0000-0000-{number:012}"),
    (_ID, lambda match, number: f"{match[1]}-{number:08}"),
    (_ADDRESS, lambda _, number: f"203.0.113.{number % 250}"),
    (_ADDRESS_V6, lambda _, number: f"2001:db8::{number:x}"),
    (_ACCOUNT, lambda _, number: f"1{number:011}"),
)


def shape(value: Any) -> Any:
    """Return which fields an answer has, and of which types."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
