"""``check``, which is also how ``create`` begins: all checks, of an instance at rest."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from cvmimg.checks import dry_run
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.gather import gather
from cvmimg.checks.result import CheckResult
from cvmimg.checks.runner import FstabCheck, run_checks
from cvmimg.cloud.models import Instance
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.session import Session
from cvmimg.workflows.power import settle
from cvmimg.workflows.wait import is_settled


def check(
    session: Session,
    request: CheckRequest,
    *,
    fstab_check: FstabCheck,
    skip: Collection[str],
    deadline: Deadline,
) -> tuple[Facts, list[CheckResult]]:
    """Run all checks; if an operation is in progress on the instance, when it has ended.

    Args:
        session: the cloud, and whom to tell.
        request: the image that is wanted.
        fstab_check: looks inside the instance.
        skip: ids of checks that the user does not want.
        deadline: until when to wait for the operation in progress.

    Returns:
        What the cloud said, and one result for each check.

    Raises:
        NotFound: the instance or a snapshot does not exist.
        Interrupted: somebody asked to stop.
        CvmimgError: the cloud could not be asked.
    """
    run = partial(_run, session, request, fstab_check, skip)
    facts, checks = run(busy_too=False)
    if facts.instance is not None and not checks:
        settle(session, facts.instance, deadline)
        facts, checks = run(busy_too=True)
    return facts, checks


def _run(
    session: Session,
    request: CheckRequest,
    fstab_check: FstabCheck,
    skip: Collection[str],
    *,
    busy_too: bool,
) -> tuple[Facts, list[CheckResult]]:
    """Ask and judge; no results if an operation is in progress on the instance."""
    subject = request.instance_id or ", ".join(request.snapshot_ids)
    with session.progress.stage("check", subject=subject) as under_way:
        facts = gather(session.cloud, request, dry_run=dry_run.ID not in skip)
        if not (busy_too or facts.instance is None or is_settled(facts.instance)):
            under_way.detail = _what_goes_on(facts.instance)
            return facts, []
        checks = run_checks(facts, fstab_check=fstab_check, skip=skip)
        under_way.detail = f"{len(checks)} checks"
    return facts, checks


def _what_goes_on(instance: Instance) -> str:
    if instance.operating and instance.latest_operation:
        return f"{instance.latest_operation} is in progress"
    return f"it is {instance.instance_state}"
