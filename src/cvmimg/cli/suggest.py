"""Suggestions for what was mistyped, in one style."""

from __future__ import annotations

from collections.abc import Sequence


def similar(word: str, known: Sequence[str]) -> list[str]:
    """Return up to three of ``known`` that are spelled like ``word``, the closest first."""
    import difflib

    by_folded = {each.lower(): each for each in known}
    close = difflib.get_close_matches(word.lower(), by_folded, n=3, cutoff=0.6)
    return [by_folded[each] for each in close]


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return "; did you mean a or b?", or nothing where nothing is similar."""
    close = similar(word, known)
    return f"; did you mean {' or '.join(close)}?" if close else ""
