"""Reading answers: into a model, and page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud.api_model import ApiModel, Unreadable
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import UNKNOWN_TAG, matches
from cvmimg.cloud.limits import ITEMS_PER_LISTING, PAGE_SIZE, VALUES_PER_FILTER
from cvmimg.cloud.models import Page
from cvmimg.errors import CvmimgError, Unreachable

Model = TypeVar("Model", bound=ApiModel)
Result = TypeVar("Result")

PAGE = PAGE_SIZE
"""The most items that one answer holds."""
_THREADS = 8


def parse(model: type[Model], data: Any, *, action: str) -> Model:
    """Read ``data`` as ``model``.

    Raises:
        Unreachable: the answer has other types than the API describes, so it is not the API's.
    """
    try:
        return model(data)
    except Unreadable as error:
        raise _unexpected(action, error) from error


def parse_list(
    model: type[Model], answer: Mapping[str, Any], field: str, *, action: str
) -> list[Model]:
    """Read the list in a field of an answer, which may be null or missing; raises as ``parse``."""
    return [parse(model, item, action=action) for item in _items(answer, field, action)]


def _items(answer: Mapping[str, Any], field: str, action: str) -> list[Any]:
    items = answer.get(field) or []
    if not isinstance(items, list):
        raise _unexpected(action, Unreadable(field))
    return items


def _unexpected(action: str, error: Unreadable) -> Unreachable:
    return Unreachable(
        f"{action} gave an answer that is not Tencent Cloud's: {error}",
        code="UnexpectedAnswer",
        hint="check --endpoint; if it is right, please report this with the output of -v",
    )


def read_pages(
    cloud: Cloud,
    service: str,
    action: str,
    params: Mapping[str, Any],
    *,
    items: str,
    model: type[Model],
) -> list[Model]:
    """Read all pages: the first alone, the others side by side once the total is known.

    Args:
        cloud: where to ask.
        service: such as "cvm".
        action: a Describe action with Offset, Limit and TotalCount.
        params: the request without Offset and Limit.
        items: the answer's field that holds the list.
        model: the type of the list's items.

    Returns:
        Every item once, in the order of the pages; an item that moved to a later page while
        reading is not doubled.
    """

    def page(offset: int) -> dict[str, Any]:
        asked = {**params, "Offset": offset, "Limit": PAGE}
        return cloud.read(service, action, asked, has=(items, "TotalCount"))

    try:
        first = page(0)
    except CvmimgError as error:
        # Some listings refuse a filter by a tag key that the account does not have.
        if matches(error.code, UNKNOWN_TAG):
            return []
        raise
    total = parse(Page, first, action=action).total_count
    if total > ITEMS_PER_LISTING:
        raise _unexpected(action, Unreadable("TotalCount"))
    # A count without a single item is no reason to ask for page after page.
    offsets = range(PAGE, total if _items(first, items, action) else 0, PAGE)
    pages = [first, *side_by_side([partial(page, offset) for offset in offsets])]
    unique = {repr(item): item for answer in pages for item in _items(answer, items, action)}
    return [parse(model, item, action=action) for item in unique.values()]


def side_by_side(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run ``jobs`` in threads; their results in order, or the first failure of them in order."""
    if len(jobs) <= 1:
        return [job() for job in jobs]

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(_THREADS, len(jobs))) as pool:
        return list(pool.map(lambda job: job(), jobs))


def within_limit(wanted: Mapping[str, str | Sequence[str]]) -> list[dict[str, str | Sequence[str]]]:
    """``wanted`` in several, where a filter names more values than one question may."""
    for name, values in wanted.items():
        if not isinstance(values, str) and len(values) > VALUES_PER_FILTER:
            starts = range(0, len(values), VALUES_PER_FILTER)
            return [{**wanted, name: values[start : start + VALUES_PER_FILTER]} for start in starts]
    return [dict(wanted)]


def filters(**values: str | Sequence[str] | None) -> list[dict[str, Any]]:
    """The API's ``Filters`` from keyword arguments; underscores become hyphens, None is left out.

    >>> filters(image_type="PRIVATE_IMAGE", platform=None)
    [{'Name': 'image-type', 'Values': ['PRIVATE_IMAGE']}]
    """
    return [
        {
            "Name": name.replace("_", "-"),
            "Values": [value] if isinstance(value, str) else list(value),
        }
        for name, value in values.items()
        if value is not None
    ]
