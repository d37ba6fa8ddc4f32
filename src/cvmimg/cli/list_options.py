"""Options of every list: which columns, in which order, how many, and a JMESPath query."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cvmimg.cli.options import Invalid, Parameter, flag, whole_number
from cvmimg.errors import CvmimgError
from cvmimg.suggest import similar

if TYPE_CHECKING:
    from cvmimg.cli.render import Result
    from cvmimg.cli.settings import Settings

Found = TypeVar("Found")
LIST_SECTION: Mapping[str, Sequence[str]] = {
    "Options of every list": ("columns", "sort", "limit", "no_header", "query")
}
"""The section of the help that shows them."""


@dataclass(frozen=True)
class ListView:
    """How the user wants a list.

    Attributes:
        columns: the keys to show, in this order; empty for the list's own.
        sort: the key to sort by; empty for the list's own order.
        descending: from the largest.
        limit: at most this many; None for all.
        header: whether the table and csv begin with the titles.
        query: a JMESPath expression on the JSON document; empty for none.
    """

    columns: tuple[str, ...] = ()
    sort: str = ""
    descending: bool = False
    limit: int | None = None
    header: bool = True
    query: str = ""

    def apply(self, result: Result, settings: Settings) -> Result:
        """Return the list as the user wants it."""
        if self == ListView():
            return result
        from cvmimg.cli.render.view import arranged, queried

        result = arranged(result, self, settings)
        return queried(result, self.query) if self.query else result

    def emit(
        self, result: Result, settings: Settings, *, failure: CvmimgError | None = None
    ) -> None:
        """Print the list as the user wants it, then raise the error for what it lacks."""
        from cvmimg.cli.render import emit

        emit(self.apply(result, settings), settings)
        if failure is not None:
            raise failure


def found_by(read: Callable[[], list[Found]]) -> tuple[list[Found], CvmimgError | None]:
    """Return what was found, and the error for what could not be asked.

    Raises:
        CvmimgError: nothing could be asked.
    """
    try:
        return read(), None
    except CvmimgError as error:
        if error.result is None:
            raise
        return error.result, error


def list_options(keys: Sequence[str]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options to a command, which gets them as ``view``.

    Args:
        keys: the keys of the list's JSON objects.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_view(
            *arguments: Any,
            columns: tuple[str, ...] | None,
            sort: tuple[str, bool] | None,
            limit: int | None,
            no_header: bool,
            query: str | None,
            **options: Any,
        ) -> Any:
            by, descending = sort or ("", False)
            view = ListView(columns or (), by, descending, limit, not no_header, query or "")
            return command(*arguments, view=view, **options)

        for option in reversed(_options(keys)):
            with_view = option(with_view)
        return with_view

    return decorate


def _options(keys: Sequence[str]) -> list[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    return [
        click.option(
            "--columns",
            type=_columns(keys),
            help=f"Comma-separated columns to show: {', '.join(keys)}.",
        ),
        click.option(
            "--sort",
            type=_sort(keys),
            metavar="COLUMN[:desc]",
            help="Sort by this column, ascending unless :desc is added.",
        ),
        click.option("--limit", type=whole_number(1), help="Show at most N entries."),
        flag("--no-header", "Omit the header line of tables and CSV."),
        click.option(
            "--query",
            type=Parameter("jmespath", _query),
            help="JMESPath expression to apply to the JSON.",
        ),
    ]


def _columns(keys: Sequence[str]) -> Parameter:
    """Return the type of keys of a list, separated by commas."""
    return Parameter(
        "list",
        lambda text: tuple(_known(word.strip().lower(), keys) for word in text.split(",")),
    )


def _sort(keys: Sequence[str]) -> Parameter:
    """Return the type of a key of a list, with ":desc" for the largest first."""

    def read(text: str) -> tuple[str, bool]:
        key, _, order = text.partition(":")
        if order.lower() not in ("", "asc", "desc"):
            raise Invalid("order", value=order, key=key)
        return _known(key.strip().lower(), keys), order.lower() == "desc"

    return Parameter("COLUMN[:desc]", read)


def _query(text: str) -> str:
    """Read a JMESPath expression."""
    import jmespath

    try:
        jmespath.compile(text)
    except jmespath.exceptions.JMESPathError as error:
        reason = str(error).splitlines()[0].removeprefix("Invalid jmespath expression: ")
        raise Invalid("query", value=text, reason=reason.rstrip(": ")) from error
    return text


def _known(key: str, keys: Sequence[str]) -> str:
    if key not in keys:
        raise Invalid("column", value=key, similar=similar(key, keys))
    return key
