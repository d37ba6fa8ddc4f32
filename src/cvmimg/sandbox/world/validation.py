"""Validate what users say of a world, and name the fields that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Described = TypeVar("Described")


def validated(kind: type[Described], given: Mapping[str, Any]) -> Described:
    """Return what ``given`` describes.

    Args:
        kind: a pydantic model or a dataclass.
        given: its fields, as a file or a request has them.

    Raises:
        ValueError: fields are invalid; the message names each, and what it has to be.
    """
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        raise ValueError("; ".join(map(_described, error.errors()))) from error


def _described(problem: ErrorDetails) -> str:
    place = ".".join(map(str, problem["loc"]))
    return f"{place}: {_reason(problem)}"


def _reason(problem: ErrorDetails) -> str:
    kind = problem["type"]
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return "unknown field"
    if kind == "missing":
        return "the field is required"
    if kind == "value_error":
        return str(problem["ctx"]["error"])
    return problem["msg"].replace("Input should be", "must be")
