"""A stage of a workflow, from the observer's point of view."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cvmimg.cloud.pace import Estimate
from cvmimg.errors import CvmimgError, Interrupted, WaitTimeout
from cvmimg.workflows.observer import Observer, Progress


class Stage:
    """A stage under way; also what a wait tells of its progress.

    Attributes:
        detail: a few words for the end, such as the image's id.
    """

    def __init__(self, observer: Observer, name: str) -> None:
        self._observer = observer
        self._name = name
        self.detail = ""

    def progressed(self, estimate: Estimate, detail: str) -> None:
        """Pass progress on to the observer."""
        progress = Progress(
            estimate.percent, estimate.estimated, estimate.remaining_seconds, detail
        )
        self._observer.stage_progressed(self._name, progress)

    def notice(self, text: str) -> None:
        """Pass a notice on to the observer."""
        self._observer.notice(text)


@contextmanager
def stage(observer: Observer, name: str, title: str) -> Iterator[Stage]:
    """Tell the observer that a stage begins, and how it ends.

    Args:
        observer: whom to tell.
        name: the stage's id, such as "image".
        title: for people.
    """
    observer.stage_started(name, title)
    under_way = Stage(observer, name)
    try:
        yield under_way
    except (Interrupted, WaitTimeout):
        observer.stage_finished(name, "interrupted")
        raise
    except CvmimgError as error:
        observer.stage_finished(name, "failed", error.code)
        raise
    observer.stage_finished(name, "done", under_way.detail)
