"""Look for secrets in the source of an image before the image is shared or copied."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.gather import gather_guest
from cvmimg.checks.registry import SECRETS, failed, run_group
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud import cvm
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image
from cvmimg.cloud.own_tags import SOURCE_TAG
from cvmimg.durable.session import Session
from cvmimg.errors import CloudRefused, CredentialsError, NotFound, PreconditionFailed
from cvmimg.guest.read import GuestUnreadable
from cvmimg.message import Message


def require_no_secrets(session: Session, image: Image, skip: Collection[str] = ()) -> None:
    """Refuse to share an image whose source instance has secrets that it includes.

    Where that cannot be found out, because the source is gone or cannot be read, the user is only
    warned. Calls DescribeInstances, RunCommand and DescribeInvocationTasks.

    Args:
        session: the cloud and the progress.
        image: the image; one that others share with the account is theirs to check.
        skip: ids of checks, or "secrets", to skip.

    Raises:
        PreconditionFailed: a check failed.
        CvmimgError: the cloud could not be queried.
    """
    found = failed(_check(session, image, skip, published=True))
    if found:
        raise PreconditionFailed(_secrets("ImageHasSecrets", image, found))


def warn_of_secrets(session: Session, image: Image, skip: Collection[str] = ()) -> None:
    """Warn of secrets that an image takes from its source instance to other regions.

    The copies stay in the account, so they are not refused. Calls what ``require_no_secrets``
    calls, and takes the same arguments.

    Raises:
        CvmimgError: the cloud could not be queried.
    """
    results = _check(session, image, skip, published=False)
    found = [result for result in results if result.status is Status.WARN]
    if found:
        session.progress.notice(_secrets("CopyHasSecrets", image, found))


def _check(
    session: Session, image: Image, skip: Collection[str], *, published: bool
) -> list[CheckResult]:
    """Run the checks in the source; none, and a notice, where it cannot be read."""
    if image.image_type != cvm.PRIVATE or SECRETS in skip:
        return []
    facts = _gather(session, image, published=published)
    if isinstance(facts, Message):
        _not_checked(session, image, facts)
        return []
    results = run_group(SECRETS, facts, skip)
    if results and isinstance(facts.guest, GuestUnreadable):
        _not_checked(session, image, facts.guest.message)
        return []
    return results


def _gather(session: Session, image: Image, *, published: bool) -> Facts | Message:
    """Read the source instance; return why that is impossible, if it is."""
    instance_id = image.tag_map.get(SOURCE_TAG, "")
    if not instance_id:
        return Message("secrets.source-unknown")
    try:
        with session.progress.stage("check", subject=instance_id):
            request = CheckRequest(instance_id=instance_id, published=published)
            facts = gather_guest(session.cloud, request)
    except NotFound:
        return Message("secrets.source-gone", instance=instance_id)
    except (CloudRefused, CredentialsError) as error:
        if locked_out(error.code):
            raise
        return Message("secrets.refused", detail=error.message)
    if facts.instance is not None and facts.instance.is_windows:
        return Message("secrets.windows", instance=instance_id)
    return facts


def _not_checked(session: Session, image: Image, reason: Message) -> None:
    notice = Message("ImageSecretsNotChecked", image=image.image_id, reason=reason)
    session.progress.notice(notice)


def _secrets(code: str, image: Image, found: Sequence[CheckResult]) -> Message:
    return Message(
        code,
        image=image.image_id,
        instance=image.tag_map[SOURCE_TAG],
        found=[Message("check.summary", check=each.id, summary=each.summary) for each in found],
    )
