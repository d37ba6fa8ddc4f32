"""What all kinds of documents have in common: ids, whose they are, and whether they still are."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterable
from typing import Any

from cvmimg.sandbox.call import Call
from cvmimg.sandbox.store import Document

_ALPHABET = string.digits + string.ascii_lowercase
_ID_LENGTH = 8


def id_of(prefix: str, *place: Any) -> str:
    """An id of the service's form, such as "img-0yc6rie8": always the same for the same place."""
    seed = "/".join(map(str, (prefix, *place)))
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    digits = []
    for _ in range(_ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return f"{prefix}-{''.join(digits)}"


def new_id(call: Call, prefix: str, *place: Any) -> str:
    """An id for what ``call`` makes; ``place`` tells apart what one request makes."""
    return id_of(prefix, call.request_id, *place)


def exists(document: Document | None, now: float) -> bool:
    """Whether there is such a thing, and it is not gone."""
    return document is not None and ("Gone" not in document or document["Gone"] > now)


def is_listed(document: Document, now: float) -> bool:
    """Whether it is shown: a new image, for one, is not from its first moment on."""
    return exists(document, now) and document.get("Listed", 0) <= now


def own(call: Call, kind: str, identifier: str) -> Document | None:
    """The caller's document of that id, in the region of the call, unless it is gone."""
    found = call.store.get(kind, identifier)
    if found is None or not exists(found, call.now):
        return None
    mine = found["Account"] == call.account and found["Region"] == call.region
    return found if mine else None


def tag_list(specifications: Iterable[Document], resource_type: str) -> list[dict[str, str]]:
    """The tags that a TagSpecification gives to resources of ``resource_type``."""
    return [
        {"Key": tag["Key"], "Value": tag["Value"]}
        for specification in specifications
        if specification["ResourceType"] == resource_type
        for tag in specification["Tags"]
    ]
