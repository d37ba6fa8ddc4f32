"""Share images with other accounts, and end their sharing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from cvmimg.cloud import cvm, sts
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.limits import ACCOUNTS_PER_IMAGE
from cvmimg.cloud.models import Image
from cvmimg.durable.operation import Execution, Operation, run_operation
from cvmimg.durable.session import Session
from cvmimg.durable.step_check import Outcome, StepCheck, happened
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import CvmimgError, PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.find_image import image_may_be_gone
from cvmimg.workflows.require_image import require_own, require_ready
from cvmimg.workflows.secrets import require_no_secrets

_SECONDS = 300.0
_ALREADY_SHARED = ("FailedOperation.AccountAlreadyExists",)


@dataclass(frozen=True)
class SharingOrder:
    """Accounts that an image is or is no longer to be shared with, as stored in the journal.

    Attributes:
        image_id: the image.
        accounts: the accounts to add or to remove.
    """

    image_id: str
    accounts: tuple[str, ...]


def shared_with(cloud: Cloud, image: Image) -> list[str] | None:
    """Return the accounts that an image is shared with (DescribeImageSharePermission).

    Returns:
        Their UINs; None if the image is not the account's own, or the API refuses to say.
    """
    if image.image_type != cvm.PRIVATE:
        return None
    try:
        return _accounts(cloud, image.image_id)
    except CvmimgError:
        return None


def share_image(
    session: Session, image: Image, accounts: Sequence[str], *, skip_checks: Collection[str] = ()
) -> list[str]:
    """Share an image with accounts; return all accounts that it is shared with then.

    Calls ModifyImageSharePermission and DescribeImageSharePermission, and what
    ``require_no_secrets`` calls.

    Args:
        session: the cloud and the progress.
        image: an image of the account itself, NORMAL.
        accounts: UINs of main accounts; those that have it already are passed over.
        skip_checks: checks for secrets to skip, or "secrets".

    Raises:
        PreconditionFailed: the image cannot be shared, an account is the image's own, there would
            be too many, or the image includes secrets.
        CvmimgError: the API refused; the image is shared as before.
    """
    require_own(image)
    require_ready(image)
    known = _accounts(session.cloud, image.image_id)
    new = tuple(account for account in dict.fromkeys(accounts) if account not in known)
    require_accounts(session.cloud, image.image_id, [*known, *new])
    if already := [account for account in dict.fromkeys(accounts) if account in known]:
        notice = Message("SharedAlready", image=image.image_id, accounts=already)
        session.progress.notice(notice)
    if new:
        require_no_secrets(session, image, skip_checks)
        order = SharingOrder(image.image_id, new)
        run_operation(session, ShareOperation, order, _SECONDS)
    return [*known, *new]


def unshare_image(session: Session, image: Image, accounts: Sequence[str] | None) -> list[str]:
    """End the sharing of an image with accounts; return those that it is still shared with.

    Calls ModifyImageSharePermission and DescribeImageSharePermission.

    Args:
        session: the cloud and the progress.
        image: an image of the account itself.
        accounts: UINs; those that do not have it are passed over. None for all.

    Raises:
        PreconditionFailed: the image is not the account's own.
        CvmimgError: the API refused.
    """
    require_own(image)
    known = _accounts(session.cloud, image.image_id)
    going = tuple(account for account in known if accounts is None or account in accounts)
    if others := [account for account in dict.fromkeys(accounts or ()) if account not in known]:
        session.progress.notice(Message("NotSharedWith", image=image.image_id, accounts=others))
    if going:
        order = SharingOrder(image.image_id, going)
        run_operation(session, UnshareOperation, order, _SECONDS)
    return [account for account in known if account not in going]


def sharing_steps(execution: Execution, image_id: str, accounts: Sequence[str]) -> list[Step]:
    """Return the step that shares an image; none if there is no account to share with."""
    cloud = execution.session.cloud

    def missing() -> list[str]:
        known = _accounts(cloud, image_id)
        return [account for account in accounts if account not in known]

    def share() -> None:
        if left := missing():
            cvm.share_image(cloud, image_id, left)

    def check() -> StepCheck:
        return happened(not missing())

    def cancel(_: Outcome) -> None:
        _cancel(cloud, image_id, accounts)

    if not accounts:
        return []
    title = StageTitle("share", image_id, {"count": len(accounts)})
    return [Step("share", share, check, cancel, conflicts=_ALREADY_SHARED, stage=title)]


def unsharing_steps(
    execution: Execution, image_id: str, accounts: Sequence[str], *, step: str = "unshare"
) -> list[Step]:
    """Return the step that ends the sharing of an image; none if there is no account to remove."""
    cloud = execution.session.cloud

    def check() -> StepCheck:
        left: set[str] = set()
        with image_may_be_gone(cloud, image_id):
            left = set(_accounts(cloud, image_id)) & set(accounts)
        return happened(not left)

    if not accounts:
        return []
    title = StageTitle("unshare", image_id, {"count": len(accounts)})
    remove = partial(_cancel, cloud, image_id, accounts)
    return [Step(step, remove, check, single_call=True, stage=title)]


class _SharingOperation(Operation[SharingOrder, None]):
    """A change of the accounts that one image is shared with."""

    request_type = SharingOrder

    def finish(self) -> None:
        """Change the sharing, if it is not changed yet."""
        for step in self.steps:
            self.runner.run(step)

    def closing_result(self) -> dict[str, Any]:
        """Return the image's id."""
        return {"image_id": self.request.image_id}


class ShareOperation(_SharingOperation):
    """The sharing of one image."""

    kind = "share"

    @property
    def steps(self) -> Sequence[Step]:
        """Share it."""
        return sharing_steps(self.execution, self.request.image_id, self.request.accounts)


class UnshareOperation(_SharingOperation):
    """The end of the sharing of one image."""

    kind = "unshare"

    @property
    def steps(self) -> Sequence[Step]:
        """End the sharing."""
        return unsharing_steps(self.execution, self.request.image_id, self.request.accounts)


def require_accounts(cloud: Cloud, image: str, accounts: Sequence[str]) -> None:
    """Refuse accounts that an image cannot be shared with (GetCallerIdentity).

    Args:
        cloud: the cloud of the image.
        image: its id or name, for the message.
        accounts: all accounts that it is to be shared with.

    Raises:
        PreconditionFailed: one is the image's own, or there are too many.
    """
    own = sts.account_id(cloud)
    if own and own in accounts:
        raise PreconditionFailed(Message("SharedWithOwner", account=own))
    if len(accounts) > ACCOUNTS_PER_IMAGE:
        count = len(accounts)
        raise PreconditionFailed(
            Message("TooManyAccounts", image=image, count=count, most=ACCOUNTS_PER_IMAGE)
        )


def _accounts(cloud: Cloud, image_id: str) -> list[str]:
    found = cvm.describe_image_share_permission(cloud, image_id)
    return [permission.account_id for permission in found]


def _cancel(cloud: Cloud, image_id: str, accounts: Sequence[str]) -> None:
    """End the sharing with those of ``accounts`` that have the image, which may be gone."""
    with image_may_be_gone(cloud, image_id):
        shared = [one for one in _accounts(cloud, image_id) if one in accounts]
        if shared:
            cvm.cancel_image_sharing(cloud, image_id, shared)
