"""The list of assumptions names things that exist."""

from __future__ import annotations

import pkgutil

from assumptions import ASSUMPTIONS


def test_ids_are_unique() -> None:
    ids = [assumption.id for assumption in ASSUMPTIONS]
    assert len(set(ids)) == len(ids)


def test_what_depends_on_an_assumption_exists() -> None:
    missing = []
    for name in (name for assumption in ASSUMPTIONS for name in assumption.used_by):
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError):
            missing.append(name)
    assert missing == []
