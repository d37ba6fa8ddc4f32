"""``create --replace-oldest``: a place in a full region, once everything else is in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cvmimg.cli.ask import confirm
from cvmimg.cli.settings import Settings
from cvmimg.cli.text import printable
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.session import Session
    from cvmimg.guest.access import AccessMethod
    from cvmimg.workflows.create.request import CreateRequest

_ABOUT_THE_PLACE = ("quota", "dry-run")


def make_place(
    session: Session, request: CreateRequest, method: AccessMethod, pattern: str, settings: Settings
) -> CreateRequest:
    """Delete the oldest unused image that fits, if the region is full.

    Args:
        session: whom to ask and tell.
        request: the image that needs the place.
        method: how the inside of its source is reached.
        pattern: which images may go.
        settings: whether to ask first.

    Returns:
        The request to go on with.

    Raises:
        ChecksFailed: the image would fail for another reason; nothing was deleted.
        PreconditionFailed: no image that fits may go.
        CvmimgError: the cloud refused.
    """
    from cvmimg.workflows.create.create import create
    from cvmimg.workflows.create.replacement import plan_replacement
    from cvmimg.workflows.delete.operation import delete_images

    plan = plan_replacement(session.cloud, pattern)
    if plan is None:
        return request
    skipped = (*request.skip_checks, *_ABOUT_THE_PLACE)
    rehearsal = replace(request, dry_run=True, skip_checks=skipped)
    if request.dry_run:
        session.observer.notice(plan.describe())
        return rehearsal
    create(session, rehearsal, method)
    confirm(
        Message("replace.confirm"),
        settings,
        show=lambda stream: print(printable(plan.describe()), file=stream),
    )
    delete_images(session, [plan], timeout_seconds=request.timeout_seconds)
    return request
