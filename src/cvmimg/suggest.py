"""Suggestions for what was mistyped: one rule for commands, options, names and regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from cvmimg.errors import CvmimgError
from cvmimg.message import Message

_SIMILAR = 0.65
_SIMILAR_ID = 0.85
"""Ids of one kind share their prefix and their length, but mean nothing."""
_ABOUT_AS_CLOSE = 0.15


def similar(word: str, known: Iterable[str], cutoff: float = _SIMILAR) -> list[str]:
    """Return up to three of ``known`` that are spelled like ``word``, the closest first.

    Args:
        word: what was mistyped.
        known: what there is.
        cutoff: how similar they have to be, from 0 to 1.
    """
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(b=_folded(word))
    ratios = {}
    for each in known:
        matcher.set_seq1(_folded(each))
        ratios[each] = matcher.ratio()
    least = max(cutoff, max(ratios.values(), default=0.0) - _ABOUT_AS_CLOSE)
    close = [each for each, ratio in ratios.items() if ratio >= least]
    return sorted(close, key=lambda each: ratios[each], reverse=True)[:3]


def _folded(word: str) -> str:
    return word.lower().lstrip("-")


def suggestion(word: str, known: Iterable[str], otherwise: Message) -> Message:
    """Return the hint "did you mean …?", or another one where nothing is similar."""
    names = similar(word, known)
    return Message("DidYouMean", names=names) if names else otherwise


def did_you_mean(
    word: str, list_known: Callable[[], Iterable[str]], *, is_id: bool = False
) -> Message | None:
    """Return the hint "did you mean …?" for a name or an id that does not exist, or None.

    Args:
        word: the name or id.
        list_known: lists those that exist; if that fails, nothing is suggested.
        is_id: whether it is an id, of which only a very similar one is suggested.
    """
    try:
        names = similar(word, list_known(), _SIMILAR_ID if is_id else _SIMILAR)
    except CvmimgError:
        return None
    return Message("DidYouMean", names=names) if names else None
