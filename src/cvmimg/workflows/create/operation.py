"""Create an image of an instance, exactly once, and leave the instance as it was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cvmimg.checks.result import CheckResult
from cvmimg.cloud import cvm
from cvmimg.cloud.models import Image
from cvmimg.cloud.progress import NoListener
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.instance_tag import InstanceTag
from cvmimg.durable.named import continue_named
from cvmimg.durable.operation import AfterFailure, Execution, Operation, prepare
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError, NotFound, TaskFailed
from cvmimg.guest.access import AGENT, AccessMethod, open_access
from cvmimg.message import Message
from cvmimg.workflows.copy.operation import Copied
from cvmimg.workflows.create.earlier_run import find_earlier_run, restore_after_earlier_run
from cvmimg.workflows.create.fstab_fix import STEP as FSTAB
from cvmimg.workflows.create.fstab_fix import FstabFix, FstabReport
from cvmimg.workflows.create.image import ImageCreation
from cvmimg.workflows.create.plan import CreatePlan, plan_create
from cvmimg.workflows.create.publication import Publication
from cvmimg.workflows.create.request import CreateRequest
from cvmimg.workflows.create.tags import ImageTags
from cvmimg.workflows.delete.operation import (
    DeletedImage,
    delete_image,
    deletion_notes,
    deletion_steps,
)
from cvmimg.workflows.power import STOP, stop_step
from cvmimg.workflows.prune.after_create import ReplacedImages
from cvmimg.workflows.verify.probe_instance import STEP as PROBE
from cvmimg.workflows.wait import durations, image_task, visible_task, waiter

if TYPE_CHECKING:
    from cvmimg.workflows.create.verification import ImageVerification
    from cvmimg.workflows.recovery.find import Unfinished
    from cvmimg.workflows.verify.verification import VerifyResult


@dataclass(frozen=True)
class CreateResult:
    """The result of ``create``.

    Attributes:
        image: the image; None after a dry run.
        instance_id: the source; empty if the image was made from snapshots.
        online: whether the instance kept running.
        elapsed_seconds: since the command began.
        checks: the results of the checks.
        fstab: what was changed in the instance's fstab and restored; None if nothing was.
        copies: its copies in other regions.
        shared_with: the accounts that it is shared with.
        verification: what the probes of the image found; None if it was not verified.
        pruned: older images that were deleted when the image was ready.
    """

    image: Image | None
    instance_id: str
    online: bool
    elapsed_seconds: float
    checks: list[CheckResult]
    fstab: FstabReport | None = None
    copies: tuple[Copied, ...] = ()
    shared_with: tuple[str, ...] = ()
    verification: VerifyResult | None = None
    pruned: tuple[DeletedImage, ...] = ()


def create(
    session: Session,
    request: CreateRequest,
    method: AccessMethod = AGENT,
    *,
    approve: Callable[[CreatePlan], None] = lambda _: None,
    approve_restore: Callable[[Unfinished], None] = lambda _: None,
) -> CreateResult:
    """Check everything, then create the image (CreateImage) and restore the instance.

    Args:
        session: the cloud and the progress.
        request: what is wanted.
        method: how the inside of the instance is reached.
        approve: sees the plan before anything is changed; raises to refuse it.
        approve_restore: sees what an earlier run of the operation, whose journal is lost, has left
            changed, before it is restored; raises to leave it.

    Raises:
        UsageError: the request is invalid; the message names the option.
        ChecksFailed: preconditions failed; nothing was changed.
        PreconditionFailed: another operation uses the instance, or the journal cannot be written.
        TaskFailed: the image failed; the instance is as it was.
        WaitTimeout: the image is still being created; the error names the command that continues.
        Interrupted: the same, or the instance is as it was and there is no image.
        CvmimgError: the cloud refused, or could not be reached.
    """
    request.require_valid()
    if known := continue_create(session, request):
        return known
    deadline = Deadline(session.clock, request.timeout_seconds)
    for left in find_earlier_run(session, request, method):
        approve_restore(left)
        restore_after_earlier_run(session, left, method, deadline)
    with prepare(session, request.intent) as preparation:
        plan = plan_create(session, request, method, preparation.operation_id, deadline)
        session.interrupt.check()
        if request.dry_run:
            return create_result(plan, None, deadline)
        approve(plan)
        return preparation.run(CreateOperation, plan, deadline)


def continue_create(session: Session, request: CreateRequest) -> CreateResult | None:
    """Continue the operation that the request names, if there is one; see ``continue_named``."""
    if not request.operation_id or request.dry_run:
        return None
    return continue_named(
        session,
        request.operation_id,
        CreateOperation,
        request.fingerprint,
        timeout_seconds=request.timeout_seconds,
    )


class CreateOperation(Operation[CreatePlan, CreateResult]):
    """The creation of one image."""

    kind = "create"
    request_type = CreatePlan

    def __init__(self, execution: Execution, request: CreatePlan) -> None:
        super().__init__(execution, request)
        self._instance_id = request.request.instance_id
        self._image = ImageCreation(execution, request)
        self._image_is_ready = False
        self._room_is_made = False
        self._asked_here = False
        self._fix = self._fstab_fix()
        self._tag = self._instance_tag()
        self._tags = ImageTags(execution, self._image, request.request.all_tags(execution.log.id))
        self._verification = self._image_verification() if request.request.verify else None
        self._publication = Publication(execution, request, self._image)
        self._pruned = ReplacedImages(execution, request.prunes) if request.prunes else None

    @property
    def steps(self) -> Sequence[Step]:
        """All changes, from the instance's tag to the pruning, in their order."""
        return [
            *([self._tag.step] if self._tag else []),
            *self._removal_steps,
            *self._temporary,
            self._image.step,
            *self._tags.steps,
            *self._later_steps,
        ]

    def finish(self) -> CreateResult:
        """Do what is not done yet, and restore the instance."""
        if self._pruned is not None:
            self._pruned.finish_begun()  # whatever has become of the new image meanwhile
        image_id = self._requested_image() or self._prepare_and_request()
        if self._verification is not None:
            self._image_is_ready = self._verification.result is not None
            self._verification.finish_deletion()
        if not (self.request.request.wait or self.execution.resumed):
            return self._result(self._leave(image_id))
        image = self._wait_for(image_id)
        self._image_is_ready = True
        if not self.request.request.restart:
            self.log.note_kept(STOP)
        self.revert_temporary()
        image = self._publish(image)
        if self._pruned:
            self._pruned.run()
        return self._result(image)

    def require_ours(self) -> None:
        """Refuse to continue if another operation works on the instance now."""
        if self._tag is not None:
            self._tag.require_ours()

    def recall(self) -> CreateResult:
        """Return the image that was created, as it is now."""
        return self._result(cvm.describe_image(self.cloud, self._image.image_id))

    def closing_result(self) -> dict[str, Any]:
        """Return the image's id."""
        image_id = self._image.image_id
        return {"image_id": image_id} if image_id else {}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        """Decide by how far the operation has come: an image that was not requested is not kept.

        The rest can be done later; where nothing is left to do, the image needs no one.
        """
        image_id = self._image.image_id
        image_failed = isinstance(error, TaskFailed | NotFound) and not self._image_is_ready
        if self._is_deleting:
            return AfterFailure.RESUME
        if not image_id or image_failed:
            return AfterFailure.REVERT
        if self.has_changes_in_force:
            return AfterFailure.RESUME
        if self._image_is_ready:
            return self._publication.after_failure(error, is_done=self._is_published)
        # A deletion is done once it is accepted: its snapshots may still be there.
        if self._pruned or not (self._image.was_tagged and self.runner.are_done(self._later_steps)):
            return AfterFailure.RESUME
        error.notes.append(Message("ImageContinues", image=image_id))
        error.resume_command = self.session.command("wait", image_id)
        return AfterFailure.DETACH

    def state_notes(self) -> list[Message]:
        """Describe how the instance is left, and whether an image is being created."""
        notes = []
        if self._image.image_id:
            code = "ImageIsReady" if self._image_is_ready else "ImageContinues"
            notes.append(Message(code, image=self._image.image_id))
        elif self.log.status(self._image.step.name) == "pending":
            notes.append(Message("ImageUnknown", name=self.request.request.name))
        in_force = {step.name for step in self.steps if self.runner.is_in_force(step)}
        if STOP in in_force:
            notes.append(Message("StaysStopped", instance=self._instance_id))
        if PROBE in in_force:
            notes.append(Message("ProbeMayRun", image=self._image.image_id))
        if FSTAB in in_force:
            notes.append(Message("FstabStaysChanged", instance=self._instance_id))
        return notes

    def remains(self) -> list[Message]:
        """Return what is left in the cloud: an image, and what was deleted."""
        notes, image_id = [], self._image.image_id
        if image_id and self.log.status(f"image {image_id}") != "done":
            command = self.session.command("delete", image_id)
            notes.append(Message("ImageRemains", image=image_id, command=command))
        notes += self._publication.notes()
        return notes + deletion_notes(self.execution, self._deletions)

    @property
    def _deletions(self) -> list[DeletedImage]:
        """The images that the operation deletes, its own one included where that failed."""
        failed = self._verification.failed_image if self._verification else None
        pruned = self.request.prunes.deletions if self.request.prunes else ()
        return [image for image in (self.request.replaces, failed, *pruned) if image is not None]

    @property
    def _is_deleting(self) -> bool:
        """Whether an image is being deleted: its snapshots would be left and charged."""
        if self._verification is not None and self._verification.is_deleting:
            return True
        begun = any(self.log.status(step.name) == "done" for step in self._removal_steps)
        asked = self.log.status(self._image.step.name) is not None
        return begun and not (self._room_is_made or asked)

    @property
    def _later_steps(self) -> list[Step]:
        """What is done with an image that is ready, but for its tags."""
        return [
            *(self._verification.steps if self._verification else []),
            *self._publication.steps,
            *(self._pruned.steps if self._pruned else []),
        ]

    @property
    def _removal_steps(self) -> list[Step]:
        """The steps that delete another image, to make room."""
        replaced = self.request.replaces
        return deletion_steps(self.execution, replaced) if replaced is not None else []

    @property
    def _temporary(self) -> list[Step]:
        steps = [self._fix.step] if self._fix else []
        if self.request.shut_down:
            force = self.request.request.force_stop
            uses_agent = self._fix is not None and self.request.access.uses_agent
            steps.append(
                stop_step(self.execution, self._instance_id, force=force, await_agent=uses_agent)
            )
        return steps

    def _instance_tag(self) -> InstanceTag | None:
        fix, changes = self.request.fix, list[str]()
        if fix is not None and (fix.lines or fix.units):
            changes.append("fstab")
        if fix is not None and fix.suspended:
            changes.append("settings")
        if self.request.shut_down:
            changes.append("stop" if self.request.request.restart else "stop-no-restart")
        if not changes:
            return None
        return InstanceTag(
            self.execution,
            self._instance_id,
            tuple(changes),
            required=self.request.request.require_tag,
        )

    def _image_verification(self) -> ImageVerification:
        # Not for every create: a launch is planned with pydantic.
        from cvmimg.workflows.create.verification import ImageVerification

        return ImageVerification(self.execution, self._image, self.request.request)

    def _fstab_fix(self) -> FstabFix | None:
        if self.request.fix is None:
            return None
        access = open_access(self.request.access, self.cloud, self._instance_id)
        return FstabFix(self.execution, access, self._instance_id, self.request.fix)

    def _requested_image(self) -> str:
        """Return the id of the image that an earlier process asked for, known to it or not.

        Checked before anything else: if the image is being created, nothing is to be prepared.
        """
        if self.request.image_id:
            return str(self.runner.run(self._image.step)["image_id"])
        outcome = self.runner.known_outcome(self._image.step)
        return "" if outcome is None else str(outcome["image_id"])

    def _prepare_and_request(self) -> str:
        temporary = self._temporary
        self.runner.verify_temporary([*([self._tag.step] if self._tag else []), *temporary])
        if self._tag is not None:
            self.runner.run(self._tag.step)
        if self.request.replaces is not None:
            delete_image(self.execution, self.request.replaces)
        self._room_is_made = True
        for step in temporary:
            self.runner.run(step)
        name = self.request.request.name
        title = {"subject": self._instance_id, "name": name}
        with self.session.progress.stage("request", **title) as stage:
            stage.detail = str(self.runner.run(self._image.step, stage)["image_id"])
        self._asked_here = True
        return stage.detail

    def _wait_for(self, image_id: str) -> Image:
        known, gib = durations(self.session), self.request.gib
        begun = self.session.clock.monotonic()
        task = image_task(self.cloud, [image_id], expected_seconds=known.expected("image", gib))
        title = {"subject": image_id, "name": self.request.request.name}
        with self.session.progress.stage("image", **title) as stage:
            image = waiter(self.session, stage, self.deadline.left).one(task)
            stage.detail = image_id
        if self._asked_here:
            known.add("image", gib, self.session.clock.monotonic() - begun)
        return image

    @property
    def _is_published(self) -> bool:
        verified = self._verification is None or self._verification.is_done
        return self._tags.are_settled and verified and self._publication.is_done

    def _publish(self, image: Image) -> Image:
        try:
            image = self._tags.run(image)
            if self._verification is not None:
                image = self._verification.run(image)
            self._publication.run()
        except CvmimgError as error:
            deleted = self._verification is not None and self._verification.is_deleted
            error.result = None if deleted else self._result(image)
            error.notes += self._publication.notes()
            raise
        return image

    def _leave(self, image_id: str) -> Image:
        """Return the image as it is now, for a user who does not want to wait."""
        if self.has_changes_in_force:
            command = self.execution.resume_command
            self.session.progress.notice(
                Message("FinishLater", instance=self._instance_id, command=command)
            )
        task = visible_task(self.cloud, image_id)
        image = waiter(self.session, NoListener(), self.deadline.left).one(task)
        # A resume adds them otherwise.
        add_tags = not (self._image.was_tagged or self.has_changes_in_force)
        return self._tags.run(image) if add_tags else image

    def _result(self, image: Image) -> CreateResult:
        report = None
        if self._fix is not None:
            reverted = self.log.status(self._fix.step.name) == "reverted"
            report = self._fix.report(restored=reverted)
        return replace(
            create_result(self.request, image, self.deadline, report),
            copies=self._publication.copies,
            shared_with=self._publication.shared_with,
            verification=self._verification.result if self._verification else None,
            pruned=self._pruned.deleted if self._pruned else (),
        )


def create_result(
    plan: CreatePlan,
    image: Image | None,
    deadline: Deadline,
    fstab: FstabReport | None = None,
) -> CreateResult:
    """Return the result of a plan; ``image`` is None after a dry run."""
    return CreateResult(
        image=image,
        instance_id=plan.request.instance_id,
        online=plan.online,
        elapsed_seconds=round(deadline.elapsed, 1),
        checks=plan.check_results,
        fstab=fstab,
    )
