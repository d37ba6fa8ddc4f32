"""Read answers: into models, page by page, several at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from cvmimg.cloud.api_model import ApiModel, Unreadable, required_fields
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import UNKNOWN_TAG, matches
from cvmimg.cloud.limits import ITEMS_PER_LISTING, PAGE_SIZE, VALUES_PER_FILTER
from cvmimg.cloud.models import Page
from cvmimg.errors import CvmimgError, NotFound, OutcomeUnknown, Unreachable
from cvmimg.message import Message

Model = TypeVar("Model", bound=ApiModel)
Result = TypeVar("Result")

_THREADS = 8


def parse(model: type[Model], data: Any, *, action: str) -> Model:
    """Read ``data`` as ``model``.

    Raises:
        Unreachable: the answer does not have the types that the API describes.
    """
    try:
        return model(data)
    except Unreadable as error:
        raise unexpected(action, error) from error


def read(
    cloud: Cloud, service: str, action: str, params: Mapping[str, Any], model: type[Model]
) -> Model:
    """Read an answer as ``model``, which has to have one of the model's required fields."""
    answer = cloud.read(service, action, params, has=required_fields(model))
    return parse(model, answer, action=action)


def create(
    cloud: Cloud,
    service: str,
    action: str,
    params: Mapping[str, Any],
    model: type[Model],
    *,
    repeatable: bool = False,
) -> Model:
    """Create something with ``Cloud.write``, and read the answer as ``read`` does.

    Raises:
        OutcomeUnknown: something may have been created, or its id is not readable.
    """
    has = required_fields(model)
    answer = cloud.write(service, action, params, repeatable=repeatable, has=has)
    try:
        return parse(model, answer, action=action)
    except Unreachable as error:
        raise OutcomeUnknown(
            Message("OutcomeUnknown", error=error.message), code=error.code
        ) from error


def parse_list(
    model: type[Model],
    answer: Mapping[str, Any],
    field: str,
    *,
    action: str,
    always_there: bool = False,
) -> list[Model]:
    """Read the list in a field, which may be null or missing; raises as ``parse``.

    Args:
        model: the type of the items.
        answer: what the action answered.
        field: the field that holds the list.
        action: for the error.
        always_there: an answer without the field, null or not, is not the API's.
    """
    if always_there and field not in answer:
        raise unexpected(action, Unreadable(field))
    return [parse(model, item, action=action) for item in _items(answer, field, action)]


def _items(answer: Mapping[str, Any], field: str, action: str) -> list[Any]:
    items = answer.get(field) or []
    if not isinstance(items, list):
        raise unexpected(action, Unreadable(field))
    return items


def unexpected(action: str, error: Unreadable) -> Unreachable:
    """Return the error for an answer that is not the API's."""
    return Unreachable(
        Message("AnswerUnreadable", action=action, field=error.path), code="UnexpectedAnswer"
    )


def read_pages(
    cloud: Cloud,
    service: str,
    action: str,
    params: Mapping[str, Any],
    items: str,
    model: type[Model],
) -> list[Model]:
    """Read all pages: the first alone, the others at once when the total is known.

    Args:
        cloud: the region to read.
        service: such as "cvm".
        action: a Describe action with Offset, Limit and TotalCount.
        params: the request without Offset and Limit.
        items: the answer's field that holds the list.
        model: the type of the list's items.

    Returns:
        Every item once, in the order of the pages, although items move between pages while they
        are read.
    """

    def page(offset: int) -> dict[str, Any]:
        request = {**params, "Offset": offset, "Limit": PAGE_SIZE}
        return cloud.read(service, action, request, has=(items, "TotalCount"))

    try:
        first = page(0)
    except CvmimgError as error:
        # Some listings refuse a filter by a tag key that the account does not have.
        if matches(error.code, UNKNOWN_TAG):
            return []
        raise
    total = parse(Page, first, action=action).total_count
    listed = len(_items(first, items, action))
    # A full page with a count below it may be the first of many.
    if total > ITEMS_PER_LISTING or total < listed >= PAGE_SIZE:
        raise unexpected(action, Unreadable("TotalCount"))
    # A count without a single item is no reason to ask for page after page.
    offsets = range(PAGE_SIZE, total if listed else 0, PAGE_SIZE)
    pages = [first, *concurrently([partial(page, offset) for offset in offsets])]
    unique = {repr(item): item for answer in pages for item in _items(answer, items, action)}
    return [parse(model, item, action=action) for item in unique.values()]


def concurrently(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """Run ``jobs`` in threads; return their results in order, or raise the first failure."""
    if len(jobs) <= 1:
        return [job() for job in jobs]

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(max_workers=min(_THREADS, len(jobs))) as pool:
        return list(pool.map(lambda job: job(), jobs))


def read_by_id(ids: Sequence[str], read: Callable[[Sequence[str]], list[Result]]) -> list[Result]:
    """Read any number of resources by their ids, in parallel.

    Args:
        ids: of the resources.
        read: reads some of them, at most as many as one request takes.
    """
    parts = [ids[start : start + PAGE_SIZE] for start in range(0, len(ids), PAGE_SIZE)]
    return _joined([partial(read, part) for part in parts])


def read_existing(
    ids: Sequence[str], read: Callable[[Sequence[str]], list[Result]]
) -> list[Result]:
    """Read those that exist, as ``read_by_id``; halves them while one is refused as unknown."""

    def existing(part: Sequence[str]) -> list[Result]:
        try:
            return read(part)
        except NotFound:
            middle = len(part) // 2
            return [*existing(part[:middle]), *existing(part[middle:])] if middle else []

    return read_by_id(ids, existing)


def read_filtered(
    cloud: Cloud,
    service: str,
    action: str,
    params: Mapping[str, Any],
    items: str,
    model: type[Model],
    wanted: Mapping[str, str | Sequence[str]],
) -> list[Model]:
    """Read all pages of what fits; as ``read_pages``.

    Args:
        cloud: the region to read.
        service: such as "cvm".
        action: a Describe action with Filters.
        params: the request without Filters.
        items: the answer's field that holds the list.
        model: the type of the list's items.
        wanted: filters with any number of values, underscores for hyphens.
    """
    requests = [
        {**params, "Filters": filters(**part)} if part else params for part in _split_values(wanted)
    ]
    return _joined(
        [partial(read_pages, cloud, service, action, each, items, model) for each in requests]
    )


def _joined(jobs: Sequence[Callable[[], list[Result]]]) -> list[Result]:
    return [each for part in concurrently(jobs) for each in part]


def _split_values(
    wanted: Mapping[str, str | Sequence[str]],
) -> list[Mapping[str, str | Sequence[str]]]:
    """Split filters so that none names more values than one request takes."""
    for name, values in wanted.items():
        if not isinstance(values, str) and len(values) > VALUES_PER_FILTER:
            starts = range(0, len(values), VALUES_PER_FILTER)
            return [{**wanted, name: values[start : start + VALUES_PER_FILTER]} for start in starts]
    return [wanted]


def filters(**values: str | Sequence[str] | None) -> list[dict[str, Any]]:
    """Return the API's ``Filters``; underscores become hyphens, and None is left out.

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
