"""Create images of several instances side by side: one failure does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from cvmimg.checks.questions import AskedOnce, Questions
from cvmimg.checks.registry import needs_guest
from cvmimg.cloud import cvm
from cvmimg.cloud.answers import concurrently
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Instance
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.operation import prepare_each
from cvmimg.durable.session import Session
from cvmimg.errors import CvmimgError, NotFound, PreconditionFailed, UsageError
from cvmimg.guest.access import AGENT, AccessMethod
from cvmimg.message import Message
from cvmimg.workflows.create.earlier_run import find_earlier_run, restore_after_earlier_run
from cvmimg.workflows.create.names import image_name
from cvmimg.workflows.create.operation import (
    CreateOperation,
    CreateResult,
    continue_create,
    create_result,
)
from cvmimg.workflows.create.plan import CreatePlan, plan_create
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.find_instance import find_instances
from cvmimg.workflows.quota import image_quota
from cvmimg.workflows.several import attempt, attempt_all

if TYPE_CHECKING:
    from cvmimg.workflows.recovery.find import Unfinished

Ended = dict[str, CreateResult | CvmimgError]
"""How operations have ended, by instance."""


@dataclass(frozen=True)
class CreateOutcome:
    """The result of one of several images: a result, an error, or both."""

    instance_id: str
    result: CreateResult | None = None
    error: CvmimgError | None = None


def select_instances(
    cloud: Cloud, references: Sequence[str], tags: Sequence[tuple[str, str]]
) -> list[Instance]:
    """Return the instances that were named, then those that carry all of ``tags``.

    Raises:
        NotFound: a named instance does not exist, or none carries the tags.
        UsageError: several instances have the name.
        CvmimgError: the cloud could not be queried.
    """
    named = find_instances(cloud, references)
    if not tags:
        return named
    selected = [
        one
        for one in cvm.describe_instances(cloud)
        if all(one.tag_map.get(key) == value for key, value in tags)
    ]
    if not selected:
        wanted = [f"{key}={value}" for key, value in tags]
        raise NotFound(Message("NoInstanceSelected", tags=wanted, region=cloud.region))
    known = {instance.instance_id: instance for instance in [*named, *selected]}
    return list(known.values())


def requests_for(
    session: Session, request: CreateRequest, instances: Sequence[Instance]
) -> list[CreateRequest]:
    """Return the request for each instance, with the placeholders of its name filled.

    Raises:
        UsageError: two images would get the same name, or a request is invalid.
    """
    now = session.journal.now()
    requests = [
        replace(
            request,
            instance_id=one.instance_id,
            operation_id=_operation_id(request, one, len(instances)),
            name=image_name(
                request.name,
                instance_id=one.instance_id,
                instance_name=one.instance_name,
                now=now,
            ),
        )
        for one in instances
    ]
    names = [one.name for one in requests]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(Message("SameNameTwice", name=name))
    for one in requests:
        one.require_valid()
    return requests


def create_many(
    session: Session,
    requests: Sequence[CreateRequest],
    method: AccessMethod = AGENT,
    *,
    approve: Callable[[CreatePlan], None] = lambda _: None,
    approve_restore: Callable[[Unfinished], None] = lambda _: None,
) -> list[CreateOutcome]:
    """Create an image of each instance, side by side.

    All checks of all instances, and the quota for all together, come before the first change: if
    one of them fails, nothing is changed.

    Args:
        session: the cloud and the progress.
        requests: one for each image; as ``requests_for`` made them.
        method: how the inside of the instances is reached.
        approve: sees each plan before anything is changed; raises to refuse it.
        approve_restore: as of ``create``.

    Returns:
        The result of each, in the order of the requests.

    Raises:
        PreconditionFailed: another operation uses one of the instances; nothing was changed.
    """
    with ThreadPoolExecutor() as pool:
        session = replace(session, cloud=session.cloud.sharing_polls(pool))
        ended = _continue_named(session, requests)
        new = [one for one in requests if one.instance_id not in ended]
        errors = _restore_earlier_runs(session, new, method, approve_restore)
        ended |= _refused(new, errors) if errors else _begin_many(session, new, method, approve)
    return [_outcome(one.instance_id, ended[one.instance_id]) for one in requests]


def _outcome(instance_id: str, ended: CreateResult | CvmimgError) -> CreateOutcome:
    if isinstance(ended, CvmimgError):
        return CreateOutcome(instance_id, ended.result, ended)
    return CreateOutcome(instance_id, ended)


def _continue_named(session: Session, requests: Sequence[CreateRequest]) -> Ended:
    """Return what came of operations that an earlier run began."""
    found = attempt_all([partial(continue_create, session, one) for one in requests])
    pairs = zip(requests, found, strict=True)
    return {one.instance_id: ended for one, ended in pairs if ended is not None}


def _restore_earlier_runs(
    session: Session,
    requests: Sequence[CreateRequest],
    method: AccessMethod,
    approve: Callable[[Unfinished], None],
) -> Mapping[str, CvmimgError]:
    """Restore what earlier runs of these operations have left changed; return what failed."""
    deadlines = [Deadline(session.clock, one.timeout_seconds) for one in requests]
    found = concurrently([partial(find_earlier_run, session, one, method) for one in requests])
    jobs = [
        (request.instance_id, partial(restore_after_earlier_run, session, one, method, deadline))
        for request, deadline, left in zip(requests, deadlines, found, strict=True)
        for one in left
    ]
    for left in found:
        for one in left:
            approve(one)
    restored = attempt_all([job for _, job in jobs])
    pairs = zip(jobs, restored, strict=True)
    return {instance_id: error for (instance_id, _), error in pairs if error is not None}


def _begin_many(
    session: Session,
    requests: Sequence[CreateRequest],
    method: AccessMethod,
    approve: Callable[[CreatePlan], None],
) -> Ended:
    if not requests:
        return {}
    deadlines = [Deadline(session.clock, one.timeout_seconds) for one in requests]
    with prepare_each(session, [one.intent for one in requests]) as preparations:
        questions = _ask_once(session.cloud, requests, method)
        jobs = zip(requests, preparations, deadlines, strict=True)
        planned = attempt_all(
            [
                partial(plan_create, session, one, method, each.operation_id, deadline, questions)
                for one, each, deadline in jobs
            ]
        )
        plans = [one for one in planned if isinstance(one, CreatePlan)]
        errors = {
            request.instance_id: error
            for request, error in zip(requests, planned, strict=True)
            if isinstance(error, CvmimgError)
        } or _quota_errors(session.cloud, plans)
        if errors:
            return _refused(requests, errors)
        if requests[0].dry_run:
            return {
                one.request.instance_id: create_result(one, None, deadline)
                for one, deadline in zip(plans, deadlines, strict=True)
            }
        for one in plans:
            approve(one)
        with ThreadPoolExecutor(max_workers=len(plans)) as pool:
            running = {
                one.request.instance_id: pool.submit(
                    attempt, partial(preparation.run, CreateOperation, one, deadline)
                )
                for preparation, one, deadline in zip(preparations, plans, deadlines, strict=True)
            }
            return {instance_id: each.result() for instance_id, each in running.items()}


def _operation_id(request: CreateRequest, instance: Instance, count: int) -> str:
    """Return the name of the operation of one instance of several."""
    if not request.operation_id or count == 1:
        return request.operation_id
    return f"{request.operation_id}-{instance.instance_id}"


def _ask_once(cloud: Cloud, requests: Sequence[CreateRequest], method: AccessMethod) -> Questions:
    instance_ids = [one.instance_id for one in requests]
    return AskedOnce(
        cloud,
        cvm.describe_instances_by_id(cloud, instance_ids),
        read_guests=method.uses_agent and needs_guest(requests[0].skip_checks),
    )


def _quota_errors(cloud: Cloud, plans: Sequence[CreatePlan]) -> Mapping[str, CvmimgError]:
    """Refuse all where there is not room for all, unless the user skips the check."""
    if any("quota" in plan.request.skip_checks or plan.replaces for plan in plans):
        return {}
    try:
        (quota,) = image_quota(cloud)
    except CvmimgError:
        return {}  # each image's own check has said what there is to say
    if quota.free >= len(plans):
        return {}
    message = Message(
        "QuotaForAll", region=cloud.region, free=quota.free, count=len(plans), allowed=quota.allowed
    )
    error = PreconditionFailed(message, code="ImageQuotaLimitExceeded")
    return {plan.request.instance_id: error for plan in plans}


def _refused(requests: Sequence[CreateRequest], errors: Mapping[str, CvmimgError]) -> Ended:
    """Return the errors and, for every other instance, that it was skipped because of them."""
    skipped = PreconditionFailed(Message("OthersFailed", instances=list(errors)))
    return {one.instance_id: errors.get(one.instance_id, skipped) for one in requests}
