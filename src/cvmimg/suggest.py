"""Suggestions for what was mistyped: one rule for commands, options, names and regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cvmimg.errors import CvmimgError
from cvmimg.message import Message


def similar(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three of ``known`` that are spelled like ``word``, the closest first."""
    import difflib

    by_folded = {each.lower().lstrip("-"): each for each in known}
    close = difflib.get_close_matches(word.lower().lstrip("-"), by_folded, n=3, cutoff=0.65)
    return [by_folded[each] for each in close]


def suggestion(word: str, known: Iterable[str], otherwise: Message) -> Message:
    """Return the hint "did you mean …?", or another one where nothing is similar."""
    names = similar(word, known)
    return Message("DidYouMean", names=names) if names else otherwise


def did_you_mean(word: str, list_known: Callable[[], Iterable[str]]) -> Message | None:
    """Return the hint "did you mean …?" for a name that does not exist, or None.

    Args:
        word: the name.
        list_known: lists the names that exist; if that fails, nothing is suggested.
    """
    try:
        names = similar(word, list_known())
    except CvmimgError:
        return None
    return Message("DidYouMean", names=names) if names else None
