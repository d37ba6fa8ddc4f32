"""Check an image's preconditions and decide how it is created. The journal holds the plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.fstab import plan_fix
from cvmimg.checks.questions import Questions
from cvmimg.checks.registry import IDS
from cvmimg.checks.registry import failed as failed_checks
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.instance_tag import require_free
from cvmimg.durable.session import Session
from cvmimg.errors import CredentialsError, PreconditionFailed
from cvmimg.guest.access import AccessMethod
from cvmimg.guest.fstab.fix import FixPlan
from cvmimg.message import Message
from cvmimg.workflows.check import check
from cvmimg.workflows.copy.plan import require_destinations
from cvmimg.workflows.create.earlier_run import (
    copies_made_before,
    requested_before,
    require_restored,
)
from cvmimg.workflows.create.replacement import plan_replacement
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.delete.operation import DeletedImage
from cvmimg.workflows.prune.after_create import Replacement, plan_replaced
from cvmimg.workflows.share import require_accounts

_QUOTA_CODE = "ImageQuotaLimitExceeded"


class ChecksFailed(PreconditionFailed):
    """Preconditions failed; nothing was changed.

    Attributes:
        checks: the results of all checks.
    """

    def __init__(self, checks: Sequence[CheckResult]) -> None:
        failed = failed_checks(checks)
        remedies = [remedy for result in failed for remedy in result.remedies]
        super().__init__(
            Message(
                "ChecksFailed",
                failed=[result.id for result in failed],
                count=len(failed),
                total=len(checks),
            ),
            hint=Message("ChecksFailed.remedies", remedies=remedies) if remedies else None,
        )
        self.checks = list(checks)


@dataclass(frozen=True)
class CreatePlan:
    """How an image is created.

    Attributes:
        request: what the user asked for.
        shut_down: the instance runs and is shut down first.
        running: the instance runs now.
        data_disk_ids: the data disks that go into the image.
        disk_ids: all disks that go into it; they identify the image where tags do not.
        gib: their size together.
        fix: the plan of the fstab fix, or None.
        checks: the results of the checks (``CheckResult.as_json``).
        access: how the inside of the instance is reached.
        replaces: the image that is deleted first, to make room.
        same_name_ids: images of the region that had the name already.
        prunes: what is deleted when the image is ready.
        image_id: the image, where an earlier run of the named operation has requested it, whose
            journal is lost.
        copy_ids: its copies that this run has started as well, by region.
    """

    request: CreateRequest
    shut_down: bool
    running: bool
    data_disk_ids: tuple[str, ...]
    disk_ids: tuple[str, ...]
    gib: int
    fix: FixPlan | None
    checks: tuple[dict[str, Any], ...]
    access: AccessMethod = field(default_factory=AccessMethod)
    replaces: DeletedImage | None = None
    same_name_ids: tuple[str, ...] = ()
    prunes: Replacement | None = None
    image_id: str = ""
    copy_ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        list(map(CheckResult.from_json, self.checks))  # a damaged journal is refused at once

    @property
    def online(self) -> bool:
        """Whether the instance runs while the image is created."""
        return self.running and not self.shut_down

    @property
    def check_results(self) -> list[CheckResult]:
        """The results of the checks."""
        return list(map(CheckResult.from_json, self.checks))


def plan_create(
    session: Session,
    request: CreateRequest,
    method: AccessMethod,
    operation_id: str,
    deadline: Deadline,
    questions: Questions | None = None,
) -> CreatePlan:
    """Run the checks and decide.

    Args:
        session: the cloud and the progress.
        request: what is wanted.
        method: how the inside of the instance is reached.
        operation_id: of the operation that is to carry the plan out.
        deadline: until when to wait for an operation in progress.
        questions: what was asked for several instances at once; by default nothing.

    Raises:
        UsedElsewhere: another operation, on whatever machine, works on the instance.
        ChecksFailed: some failed, and not just fstab, which can be fixed, or the quota, where
            another image can be deleted.
        PreconditionFailed: no image can be deleted to make room, or a copy or the sharing of the
            image is impossible.
    """
    image = requested_before(session, request)
    facts, checks = _check(
        session,
        request,
        request.check_request(operation_id, method, session.command_line),
        image,
        deadline=deadline,
        questions=questions,
    )
    subject = request.instance_id if questions else ""
    if isinstance(facts.refusal, CredentialsError):
        session.progress.checks(checks, subject=subject)
        raise facts.refusal
    replaces = fix = None
    failed = failed_checks(checks)
    try:
        if request.replace_oldest and any(one.id == "quota" for one in failed):
            failed = [one for one in failed if not _is_about_room(one, facts)]
            if not [one for one in failed if one.id != "fstab"]:
                replaces = plan_replacement(session.cloud, request.replace_oldest)
        # What cannot be fixed is only reported when nothing else failed.
        if request.fixed_checks and all(one.id in request.fixed_checks for one in failed):
            fix = plan_fix(
                facts, operation_id, fstab="fstab" in request.fixed_checks, fixes=request.fixes
            )
            failed = [] if fix else failed
    finally:
        checks = _with_warnings(checks, failed)
        session.progress.checks(checks, subject=subject)
    if failed:
        raise ChecksFailed(checks)
    copies = copies_made_before(session.cloud, request, image) if image else {}
    _require_publishable(session.cloud, request, besides=copies)
    if replaces is not None:
        notice = Message(
            "ReplacesImage",
            image=replaces.image.image_id,
            name=replaces.image.image_name,
            count=len(replaces.snapshots),
            gib=replaces.freed_gib,
        )
        session.progress.notice(notice)
    deleted = DeletedImage.from_plan(replaces) if replaces else None
    known = image.image_id if image else ""
    prunes = _plan_prune(session, request, [known, deleted.id if deleted else ""])
    plan = _decide(request, facts, checks, method)
    return replace(
        plan,
        fix=fix,
        replaces=deleted,
        prunes=prunes,
        image_id=known,
        copy_ids=dict(copies),
    )


def _check(
    session: Session,
    request: CreateRequest,
    wanted: CheckRequest,
    image: Image | None,
    *,
    deadline: Deadline,
    questions: Questions | None,
) -> tuple[Facts, list[CheckResult]]:
    """Run the checks; none where the image exists already.

    Raises:
        UsedElsewhere: another operation, on whatever machine, works on the instance.
    """
    facts, checks = check(
        session,
        wanted,
        skip=IDS if image else request.skip_checks,
        deadline=deadline,
        fail_on=request.fail_on,
        questions=questions,
    )
    if facts.instance is not None:
        require_restored(session, request, facts.instance)
        require_free(session, facts.instance)
    return facts, [] if image else checks


def _require_publishable(cloud: Cloud, request: CreateRequest, *, besides: Collection[str]) -> None:
    """Refuse destinations and accounts that the new image could not go to.

    Raises:
        PreconditionFailed: the message names all of them, and why.
    """
    if regions := [one for one in request.copy_to if one not in besides]:
        require_destinations(cloud, request.name, regions)
    if request.share_with:
        require_accounts(cloud, request.name, request.share_with)


def _with_warnings(
    checks: Sequence[CheckResult], failed: Sequence[CheckResult]
) -> list[CheckResult]:
    """Turn the failures that the operation itself resolves into warnings without a remedy."""
    return [
        replace(one, status=Status.WARN, remedies=())
        if one.status is Status.FAIL and one not in failed
        else one
        for one in checks
    ]


def _plan_prune(
    session: Session, request: CreateRequest, besides: Collection[str]
) -> Replacement | None:
    """Decide what --keep deletes once the image is ready, and announce it."""
    if request.keep is None:
        return None
    prunes = plan_replaced(
        session.cloud,
        family=request.family,
        instance_id=request.instance_id,
        keep=request.keep,
        besides=besides,
    )
    if prunes.deletions:
        images = [f"{image.id} ({image.name})" for image in prunes.deletions]
        session.progress.notice(Message("WillPrune", images=images, gib=prunes.freed_gib))
    return prunes


def _is_about_room(result: CheckResult, facts: Facts) -> bool:
    if result.id == "quota":
        return True
    refusal = facts.refusal
    return result.id == "dry-run" and refusal is not None and refusal.code == _QUOTA_CODE


def _decide(
    request: CreateRequest,
    facts: Facts,
    checks: Sequence[CheckResult],
    method: AccessMethod,
) -> CreatePlan:
    instance = facts.instance
    running = instance is not None and instance.instance_state == "RUNNING"
    chosen = facts.chosen_data_disk_ids
    return CreatePlan(
        request=request,
        shut_down=running and request.power == "stop",
        running=running,
        data_disk_ids=chosen,
        disk_ids=(instance.system_disk.disk_id, *chosen) if instance else (),
        gib=facts.image_gib,
        fix=None,
        checks=tuple(check.as_json() for check in checks),
        access=AccessMethod(ssh=method.ssh),
        same_name_ids=tuple(
            image.image_id for image in facts.images if image.image_name == request.name
        ),
    )
