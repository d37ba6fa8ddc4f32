"""Carry out the plan of a prune: deprecate, then delete, each call recorded."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cvmimg.cloud.own_tags import DEPRECATED_TAG
from cvmimg.durable.operation import (
    AfterFailure,
    Execution,
    Operation,
    ends_early,
    run_operation,
)
from cvmimg.durable.session import Session
from cvmimg.durable.steps import StageTitle, Step
from cvmimg.errors import CloudRefused, CvmimgError, NotFound, PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.delete.operation import DeletedImage, deletion_notes, deletion_steps
from cvmimg.workflows.delete.snapshots import removal_steps
from cvmimg.workflows.image_edit import ImageEdit, edit_steps
from cvmimg.workflows.moments import as_tag, now
from cvmimg.workflows.prune.plan import PrunePlan, PruneRequest, plan_prune
from cvmimg.workflows.prune.rules import Action

Outcome = Literal["deleted", "deprecated", "kept", "failed"]


@dataclass(frozen=True)
class RegionPruning:
    """What is changed in one region.

    Attributes:
        region: where.
        deletions: images that are deleted.
        deprecations: images that are deprecated.
        snapshot_ids: orphan snapshots that are deleted.
    """

    region: str
    deletions: tuple[DeletedImage, ...] = ()
    deprecations: tuple[ImageEdit, ...] = ()
    snapshot_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class PruneOrder:
    """What a prune changes, as stored in the journal.

    Attributes:
        request: what the user asked for, to decide again before anything is changed.
        regions: what was decided.
    """

    request: PruneRequest
    regions: tuple[RegionPruning, ...]

    @classmethod
    def of(cls, request: PruneRequest, plan: PrunePlan) -> PruneOrder:
        """Return what a plan changes."""
        regions = dict.fromkeys(item.region for item in plan.items)
        return cls(request, tuple(_region_pruning(plan, region) for region in regions))


@dataclass(frozen=True)
class PruneResult:
    """The result of the images and snapshots that were to be changed.

    Attributes:
        outcomes: by id.
        errors: by the id of each that failed.
    """

    outcomes: dict[str, Outcome]
    errors: dict[str, CvmimgError] = field(default_factory=dict)

    @property
    def worst_error(self) -> CvmimgError:
        """The error with the highest exit code, with how many there are."""
        worst = max(self.errors.values(), key=lambda error: error.exit_code)
        worst.notes.append(
            Message("SomeNotPruned", failed=len(self.errors), count=len(self.outcomes))
        )
        return worst


def prune(
    session: Session, request: PruneRequest, plan: PrunePlan, *, timeout_seconds: float
) -> PruneResult:
    """Delete and deprecate what ``plan`` shows, and nothing else; wait until all is gone.

    Calls what ``plan_prune`` calls, ModifyImageAttribute, TagResources, DeleteImages and
    DeleteSnapshots.

    Args:
        session: the cloud and the progress.
        request: what the plan was made for.
        plan: as the user confirmed it.
        timeout_seconds: how long to wait in all.

    Raises:
        PreconditionFailed: a decision of the plan no longer holds (``PlanChanged``); nothing was
            changed.
        WaitTimeout: the deletion continues; the error names the command that finishes it.
        Interrupted: the same, after a request to stop.
        CvmimgError: the cloud refused, or could not be reached.
    """
    order = PruneOrder.of(request, plan)
    return run_operation(session, PruneOperation, order, timeout_seconds)


@dataclass(frozen=True)
class _Change:
    """One change: an image or some snapshots are deleted, or an image is deprecated.

    Attributes:
        ids: the image, or the snapshots.
        goal: what becomes of them.
        decisions: what a plan has to hold for it to be done: each action with all that it touches.
        steps: its steps.
        title: how they are shown.
    """

    ids: tuple[str, ...]
    goal: Outcome
    decisions: frozenset[tuple[str, ...]]
    steps: Sequence[Step]
    title: StageTitle


class PruneOperation(Operation[PruneOrder, PruneResult]):
    """The deletion and deprecation of what no rule keeps."""

    kind = "prune"
    request_type = PruneOrder

    def __init__(self, execution: Execution, request: PruneOrder) -> None:
        super().__init__(execution, request)
        self._changes = [
            change for region in request.regions for change in _changes(execution, region)
        ]

    @property
    def steps(self) -> Sequence[Step]:
        """All steps of all images and snapshots."""
        return [step for change in self._changes for step in change.steps]

    def finish(self) -> PruneResult:
        """Check the plan again, then do what is not done yet; one failure stops no other."""
        self.runner.resolve_pending(self.steps)
        skipped = self._no_longer_decided()
        outcomes: dict[str, Outcome] = {}
        errors: dict[str, CvmimgError] = {}
        for change in self._changes:
            error = None if change in skipped else self._attempt(change)
            goal: Outcome = "failed" if error else "kept" if change in skipped else change.goal
            outcomes |= dict.fromkeys(change.ids, goal)
            errors |= dict.fromkeys(change.ids, error) if error else {}
        return PruneResult(outcomes, errors)

    def closing_result(self) -> dict[str, Any]:
        """Return what was deleted and deprecated."""
        finished = [one for one in self._changes if self.runner.are_done(one.steps)]
        return {
            goal: [one for change in finished if change.goal == goal for one in change.ids]
            for goal in ("deleted", "deprecated")
        }

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Keep a started prune open: snapshots of deleted images would be left."""
        begun = self.runner.are_begun(self.steps)
        return AfterFailure.RESUME if begun else super().after_failure(error)

    def remains(self) -> list[Message]:
        """Return what was deleted before the operation was rolled back."""
        return [note for region in self.request.regions for note in self._notes(region)]

    def _notes(self, region: RegionPruning) -> list[Message]:
        notes = deletion_notes(self.execution.in_region(region.region), region.deletions)
        if self.log.status(_step_of_snapshots(region)) == "done":
            notes.append(Message("AlreadyDeleted", images=list(region.snapshot_ids)))
        return notes

    def _no_longer_decided(self) -> list[_Change]:
        """Return what must not be done any more, because the cloud has changed since the plan.

        Raises:
            PreconditionFailed: there is something, and nothing was done yet.
        """
        to_begin = [one for one in self._changes if not self.runner.are_begun(one.steps)]
        decided = self._decisions_now() if to_begin else frozenset()
        changed = [change for change in to_begin if not change.decisions <= decided]
        if not changed:
            return []
        ids = [one for change in changed for one in change.ids]
        if not self.runner.are_begun(self.steps):
            raise PreconditionFailed(Message("PlanChanged", ids=ids))
        self.session.progress.notice(Message("NotPruned", ids=ids))
        return changed

    def _decisions_now(self) -> frozenset[tuple[str, ...]]:
        request = self.request.request
        unfinished = unfinished_operations(self.session)
        plan = plan_prune(self.cloud, request, unfinished=unfinished)
        order = PruneOrder.of(request, plan)
        return frozenset(
            decision
            for region in order.regions
            for change in _changes(self.execution, region)
            for decision in change.decisions
        )

    def _attempt(self, change: _Change) -> CvmimgError | None:
        """Carry out a change; return its error if the cloud refused all of it.

        Raises:
            CvmimgError: it has to be continued, or no other change can succeed either.
        """
        try:
            self.runner.run_all(change.steps, change.title)
        except CvmimgError as error:
            refused = isinstance(error, CloudRefused | NotFound) and not ends_early(error)
            if self.runner.are_begun(change.steps) or not refused:
                raise
            return error
        return None


def unfinished_operations(session: Session) -> Collection[str]:
    """Return the ids of the unfinished operations in this machine's journal."""
    return {record.id for record in session.journal.scan_unfinished().records}


def _region_pruning(plan: PrunePlan, region: str) -> RegionPruning:
    images = [one for one in plan.images if one.region == region]
    return RegionPruning(
        region,
        tuple(DeletedImage.from_plan(one.deletion) for one in images if one.deletion),
        tuple(
            ImageEdit.of(one.image, {"ImageDeprecated": True}, {DEPRECATED_TAG: ""})
            for one in images
            if one.decision.action is Action.DEPRECATE
        ),
        tuple(
            one.snapshot.snapshot_id
            for one in plan.snapshots
            if one.region == region and one.decision.action is Action.DELETE
        ),
    )


def _changes(execution: Execution, region: RegionPruning) -> Iterator[_Change]:
    there = execution.in_region(region.region)
    for edit in region.deprecations:
        yield _deprecation(there, edit)
    for image in region.deletions:
        decision = ("delete", image.id, *sorted(image.snapshot_ids))
        title = StageTitle("delete", image.id, {"image": image.name})
        steps = deletion_steps(there, image)
        yield _Change((image.id,), "deleted", frozenset({decision}), steps, title)
    if ids := region.snapshot_ids:
        decisions = frozenset(("snapshot", one) for one in ids)
        title = StageTitle("delete-snapshots", region.region, {"count": len(ids)})
        steps = removal_steps(there, ids, step=_step_of_snapshots(region))
        yield _Change(ids, "deleted", decisions, steps, title)


def _deprecation(execution: Execution, edit: ImageEdit) -> _Change:
    # The grace begins now, however long ago an interrupted prune was planned.
    deprecated_at = as_tag(now(execution.session.cloud))
    steps = edit_steps(execution, replace(edit, tags={DEPRECATED_TAG: deprecated_at}))
    title = StageTitle("deprecate", edit.image_id, {"image": edit.name})
    decisions = frozenset({("deprecate", edit.image_id)})
    return _Change((edit.image_id,), "deprecated", decisions, steps, title)


def _step_of_snapshots(region: RegionPruning) -> str:
    return f"snapshots of {region.region}"
