"""The order of cbs' lists."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.sandbox.call import Call
from cvmimg.sandbox.store import Document


def in_order(call: Call, found: Sequence[Document]) -> list[Document]:
    """By time of creation: the newest first, unless ``Order`` is ASC."""
    newest_first = call.params.get("Order", "DESC") == "DESC"
    by_id = sorted(found, key=lambda document: str(document["Id"]))
    return sorted(by_id, key=lambda document: float(document["Created"]), reverse=newest_first)
