"""``check``, which ``create`` also runs first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from cvmimg.checks.facts import CheckRequest, Facts, is_busy
from cvmimg.checks.gather import gather
from cvmimg.checks.questions import Questions
from cvmimg.checks.registry import needs_guest, run_checks
from cvmimg.checks.result import CheckResult
from cvmimg.cloud.own_tags import OPERATION_TAG
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.workflows.power import settle
from cvmimg.workflows.similar_ids import suggesting_ids


def check(
    session: Session,
    request: CheckRequest,
    *,
    skip: Collection[str],
    deadline: Deadline,
    fail_on: Literal["warn", "fail"] = "fail",
    questions: Questions | None = None,
) -> tuple[Facts, list[CheckResult]]:
    """Run all checks; if an operation is in progress on the instance, wait for it to finish first.

    Args:
        session: the cloud, and where to report progress.
        request: the image that is wanted.
        skip: ids of checks that the user skips.
        deadline: until when to wait for the operation in progress; then the checks report it.
        fail_on: "warn" to make every warning a failure.
        questions: what was asked for several instances at once; by default nothing.

    Returns:
        The facts, and one result for each check.

    Raises:
        NotFound: the instance or a snapshot does not exist.
        Interrupted: the user asked to stop.
        CvmimgError: the cloud could not be queried.
    """
    facts = _gather(session, request, skip, questions, while_busy=False)
    instance = facts.instance
    # What another operation of this program does is refused, not waited for.
    if instance is not None and is_busy(instance) and OPERATION_TAG not in instance.tag_map:
        settle(session, instance, deadline)
        facts = _gather(session, request, skip, None, while_busy=True)
    return facts, run_checks(facts, skip, fail_on=fail_on)


def _gather(
    session: Session,
    request: CheckRequest,
    skip: Collection[str],
    questions: Questions | None,
    *,
    while_busy: bool,
) -> Facts:
    subject = request.instance_id or ", ".join(request.snapshot_ids)
    with suggesting_ids(session.cloud), session.progress.stage("check", subject=subject) as stage:
        facts = gather(
            session.cloud,
            request,
            dry_run="dry-run" not in skip,
            guest=needs_guest(skip),
            while_busy=while_busy,
            questions=questions,
        )
        if not while_busy and facts.instance is not None and is_busy(facts.instance):
            stage.detail = facts.instance.latest_operation or facts.instance.instance_state
    return facts
