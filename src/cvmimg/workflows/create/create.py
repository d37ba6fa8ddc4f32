"""``create``: an image of an instance, made exactly once, and the instance as it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cvmimg.checks.fstab import FstabCheck
from cvmimg.checks.result import CheckResult, Status
from cvmimg.checks.runner import FSTAB
from cvmimg.cloud.models import Image
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.access import AGENT, AccessMethod, GuestAccess, open_access
from cvmimg.workflows.check import check
from cvmimg.workflows.create.fstab_fix import FstabReport
from cvmimg.workflows.create.operation import CreateWork
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.create.request import CreateRequest

KIND = "create"


class ChecksFailed(PreconditionFailed):
    """Preconditions failed; nothing was changed.

    Attributes:
        checks: what all checks said.
    """

    def __init__(self, message: str, checks: Sequence[CheckResult], *, hint: str = "") -> None:
        super().__init__(message, code="ChecksFailed", hint=hint)
        self.checks = list(checks)


@dataclass(frozen=True)
class CreateResult:
    """What came of ``create``.

    Attributes:
        image: the image; None after a dry run.
        instance_id: the source; empty if it was made from snapshots.
        online: whether the instance kept running.
        elapsed_seconds: from the command's beginning to its end.
        checks: what the checks said.
        fstab: what was changed in the instance's fstab and put back; None if nothing was.
    """

    image: Image | None
    instance_id: str
    online: bool
    elapsed_seconds: float
    checks: list[CheckResult]
    fstab: FstabReport | None = None


def create(session: Session, request: CreateRequest, method: AccessMethod = AGENT) -> CreateResult:
    """Check everything, then make the image (CreateImage) and put the instance back.

    Args:
        session: the cloud, and whom to tell.
        request: what is wanted.
        method: how the inside of the instance is reached.

    Raises:
        UsageError: the request cannot be right; the message names the option.
        ChecksFailed: preconditions failed; nothing was changed.
        PreconditionFailed: another operation works on the instance, or the journal cannot be used.
        TaskFailed: the image failed; the instance is as it was.
        WaitTimeout: the image goes on; the hint is the command to go on waiting.
        Interrupted: likewise, or the instance is as it was and there is no image.
        CvmimgError: the cloud refused, or could not be reached.
    """
    request.require_valid()
    deadline = Deadline(session.clock, request.timeout_seconds)
    access = open_access(method, session.cloud, request.instance_id)
    fstab = FstabCheck(access, method)
    sources = [request.instance_id] if request.instance_id else []
    with session.journal.claim(sources) as claim:
        plan = _plan(session, request, fstab, method, claim.operation_id, deadline)
        session.interrupt.check()
        if request.dry_run:
            return _result(plan, None, deadline)
        log = claim.begin(
            KIND,
            region=session.cloud.region,
            origin=session.origin,
            request=plan.to_json(),
        )
        work = CreateWork(session, log, plan, deadline, access)
        image = work.finish(wait=request.wait)
        return _result(plan, image, deadline, work.fstab_report())


def go_on(
    session: Session, log: OperationLog, access: GuestAccess, *, timeout_seconds: float
) -> CreateResult:
    """Do what is left of a ``create``; raises as ``create`` does."""
    deadline = Deadline(session.clock, timeout_seconds)
    plan = log.read_request(CreatePlan.from_json)
    work = CreateWork(session, log, plan, deadline, access)
    image = work.finish(wait=True)
    return _result(plan, image, deadline, work.fstab_report())


def put_back(
    session: Session, log: OperationLog, access: GuestAccess, *, timeout_seconds: float
) -> str:
    """Give a ``create`` up and put its instance back; what remains in the cloud, in words.

    Raises:
        CvmimgError: it could not be put back; the operation stays unfinished.
    """
    deadline = Deadline(session.clock, timeout_seconds)
    plan = log.read_request(CreatePlan.from_json)
    image_id = CreateWork(session, log, plan, deadline, access).undo()
    if not image_id:
        return ""
    return f"image {image_id} remains; remove it with `cvmimg delete {image_id}`"


def _plan(
    session: Session,
    request: CreateRequest,
    fstab: FstabCheck,
    method: AccessMethod,
    operation_id: str,
    deadline: Deadline,
) -> CreatePlan:
    """Run the checks and decide.

    Raises:
        ChecksFailed: some failed, and not just fstab, which can be fixed.
    """
    facts, checks = check(
        session,
        request.check_request(session.program),
        fstab_check=fstab.check,
        skip=request.skip_checks,
        deadline=deadline,
    )
    session.observer.checks_finished(checks)
    failed = [one for one in checks if one.status is Status.FAIL]
    fix = None
    if request.fix_fstab:
        others = [one for one in failed if one.id != FSTAB]
        # What cannot be fixed is told only when it is all that is in the way.
        fix = None if others else fstab.plan_fix(operation_id)
        failed = others if others or fix else failed
    if failed:
        raise ChecksFailed(
            "; ".join(f"{one.id}: {one.summary}" for one in failed),
            checks,
            hint="\n".join(one.remedy for one in failed if one.remedy),
        )
    return CreatePlan.from_facts(request, facts, checks, fix, method.ssh)


def _result(
    plan: CreatePlan,
    image: Image | None,
    deadline: Deadline,
    fstab: FstabReport | None = None,
) -> CreateResult:
    return CreateResult(
        image=image,
        instance_id=plan.request.instance_id,
        online=plan.online,
        elapsed_seconds=round(deadline.elapsed, 1),
        checks=plan.check_results,
        fstab=fstab,
    )
