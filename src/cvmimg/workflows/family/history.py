"""Which image of a family served when, from creation times, deprecation and tags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import DEPRECATED_TAG, FAMILY_TAG, PROMOTED_TAG, REVOKED_TAG
from cvmimg.cloud.states import IMAGE_READY
from cvmimg.workflows.family.families import age_order, newest_first, serving_images
from cvmimg.workflows.moments import read_moment


class Ended(str, Enum):
    """Why an image does not serve, if it does not."""

    SERVING = "serving"
    SUPERSEDED = "superseded"
    DEPRECATED = "deprecated"
    REVOKED = "revoked"
    NOT_PROMOTED = "not-promoted"
    NOT_READY = "not-ready"


@dataclass(frozen=True)
class Served:
    """A time in which an image served its family.

    Attributes:
        image: the image.
        since: from when; None if it never did, or if that is not known.
        until: to when; None if it still does, never did, or if that is not known.
        ended: whether it serves, or why not.
    """

    image: Image
    since: datetime | None
    until: datetime | None
    ended: Ended


@dataclass(frozen=True)
class _Span:
    """A time in which an image could have served; ``until`` is None if it still can."""

    image: Image
    since: datetime
    until: datetime | None

    def covers(self, moment: datetime) -> bool:
        return self.since <= moment and (self.until is None or moment < self.until)


def history(images: Sequence[Image]) -> list[Served]:
    """Return which image served when, the latest first.

    An image counts as available from its creation, although it was ready only some minutes later.
    Of an image that was deprecated by another program, it is not known when: it counts as
    available until the next newer image was created.
    """
    spans = [span for image in images for span in _spans(image, images)]
    times = sorted({time for span in spans for time in (span.since, span.until) if time})
    served: list[Served] = []
    for moment in times:
        available = [span.image for span in spans if span.covers(moment)]
        newest = max(available, key=age_order, default=None)
        _record(served, newest, moment)
    return _with_present(served, images)


def _record(served: list[Served], newest: Image | None, moment: datetime) -> None:
    """Note which image served from ``moment`` on."""
    last = served[-1] if served else None
    if last and last.until is None:
        if newest == last.image:
            return
        served[-1] = replace(last, until=moment, ended=_ended(last.image, moment))
    if newest is not None:
        served.append(Served(newest, moment, None, Ended.SERVING))


def _with_present(served: list[Served], images: Sequence[Image]) -> list[Served]:
    """Make the history end with the image that serves now, and add those that never served."""
    serving = next(iter(serving_images(images).values()), None)
    if served and served[-1].until is None and served[-1].image != serving:
        served[-1] = replace(served[-1], ended=_reason(served[-1].image))
    if serving and (not served or served[-1].ended is not Ended.SERVING):
        served.append(Served(serving, None, None, Ended.SERVING))
    known = {each.image.image_id for each in served}
    others = [image for image in newest_first(images) if image.image_id not in known]
    return [*(Served(image, None, None, _reason(image)) for image in others), *reversed(served)]


def _spans(image: Image, images: Sequence[Image]) -> list[_Span]:
    created, tags = image.created_time, image.tag_map
    deprecated, promoted = (read_moment(tags.get(k, "")) for k in (DEPRECATED_TAG, PROMOTED_TAG))
    if created is None or image.image_state != IMAGE_READY or not image.image_family:
        return []
    spans = []
    if FAMILY_TAG not in tags:  # else it was in no family before it was promoted
        first_end = deprecated if image.image_deprecated or promoted else None
        if image.image_deprecated and deprecated is None:
            first_end = _next_creation(image, images)
        spans.append(_Span(image, created, first_end))
    if promoted is not None:
        ended = image.image_deprecated and deprecated is not None and deprecated > promoted
        spans.append(_Span(image, promoted, deprecated if ended else None))
    return [span for span in spans if span.until is None or span.since < span.until]


def _next_creation(image: Image, images: Sequence[Image]) -> datetime | None:
    newer = [each.created_time for each in images if age_order(each) > age_order(image)]
    return min((time for time in newer if time is not None), default=None)


def _ended(image: Image, moment: datetime) -> Ended:
    deprecated = read_moment(image.tag_map.get(DEPRECATED_TAG, ""))
    if deprecated != moment:
        return Ended.SUPERSEDED
    return Ended.REVOKED if REVOKED_TAG in image.tag_map else Ended.DEPRECATED


def _reason(image: Image) -> Ended:
    """Return why an image does not serve, whatever the others are."""
    if REVOKED_TAG in image.tag_map:
        return Ended.REVOKED
    if not image.image_family:
        return Ended.NOT_PROMOTED
    if image.image_state != IMAGE_READY:
        return Ended.NOT_READY
    return Ended.DEPRECATED if image.image_deprecated else Ended.SUPERSEDED
