"""The changing part of ``create``: its steps, and what happens when one of them fails.

Resting on the journal alone, it can be taken up again at any point by another process.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.models import Image
from cvmimg.cloud.progress import NoListener
from cvmimg.durable.deadline import Deadline
from cvmimg.durable.journal.journal import OperationLog
from cvmimg.durable.journal.record import Status
from cvmimg.durable.progress import stage
from cvmimg.durable.retold import retold, way_on
from cvmimg.durable.session import Session
from cvmimg.durable.steps import Outcome, Runner, Step
from cvmimg.errors import CvmimgError, Interrupted, NotFound, TaskFailed
from cvmimg.guest.access import GuestAccess
from cvmimg.workflows.create.fstab_fix import STEP as FSTAB_STEP
from cvmimg.workflows.create.fstab_fix import FstabFix, FstabReport
from cvmimg.workflows.create.image import STEP as IMAGE_STEP
from cvmimg.workflows.create.image import ImageRequest
from cvmimg.workflows.create.plan import CreatePlan
from cvmimg.workflows.power import is_shutting_down, shut_down, start_again, wait_until_stopped
from cvmimg.workflows.wait import durations, image_task, visible_task, waiter

STOP_STEP = "stop"


class CreateWork:
    """An image in the making.

    Args:
        session: the cloud, and whom to tell.
        log: the operation's page in the journal.
        plan: what was decided before the operation began.
        deadline: until when to wait.
        access: runs scripts in the instance, for the fix of fstab.
    """

    def __init__(
        self,
        session: Session,
        log: OperationLog,
        plan: CreatePlan,
        deadline: Deadline,
        access: GuestAccess,
    ) -> None:
        self._session = session
        self._log = log
        self._plan = plan
        self._deadline = deadline
        self._runner = Runner(session, log, deadline)
        self._image = ImageRequest(session, log, plan)
        self._asked_here = False
        self._in_doubt = True
        instance_id = plan.request.instance_id
        self._stages = {
            FSTAB_STEP: (
                ("fstab", f"taking data disks out of the fstab of {instance_id}"),
                ("restore", f"putting the fstab of {instance_id} back"),
            ),
            STOP_STEP: (
                ("stop", f"shutting down {instance_id}"),
                ("start", f"starting {instance_id} again"),
            ),
        }
        self._temporary: list[Step] = []
        self._fix = FstabFix(session, access, plan.fix) if plan.fix is not None else None
        if self._fix is not None:
            self._temporary.append(self._fix.as_step())
        if plan.shut_down:
            self._temporary.append(self._stop_step())

    def finish(self, *, wait: bool) -> Image:
        """Do what is not done yet, and put the instance back.

        Args:
            wait: False to return as soon as the image has been asked for; what is then left to
                put back stays in the journal.

        Raises:
            TaskFailed: the image failed; the instance is as it was.
            WaitTimeout: the image goes on.
            Interrupted: likewise, or nothing was changed.
            CvmimgError: it could not be asked for; the instance is as it was.
        """
        if self._log.record.giving_up:
            self._give_up(TaskFailed(self._log.record.error, code="GivenUp"))
        try:
            image_id = self._image_asked_for() or self._prepare_and_ask()
        except CvmimgError as error:
            self._give_up(error)
        if not wait:
            return self._leave(image_id)
        image = self._wait_for(image_id)
        self._put_back_after(image)
        return image

    def undo(self) -> str:
        """Put the instance back without waiting for the image; the id of an image that remains.

        Raises:
            CvmimgError: it could not be put back; the operation stays unfinished.
        """
        step = self._log.record.step(IMAGE_STEP)
        remains = None
        if step is not None and step.status != "undone":
            remains = step.outcome or self._image.look()
        self._put_back(self._temporary)
        self._log.close("undone", result=remains)
        return str(remains["image_id"]) if remains else ""

    def fstab_report(self) -> FstabReport | None:
        """What was changed inside the instance and put back; None if nothing had to be."""
        if self._fix is None:
            return None
        known = self._log.record.step(FSTAB_STEP)
        return self._fix.report(put_back=known is not None and known.status == "undone")

    def _stop_step(self) -> Step:
        instance_id = self._plan.request.instance_id

        def do() -> Outcome:
            force = self._plan.request.force_stop
            return {"request_id": shut_down(self._session, instance_id, force=force)}

        def look() -> Outcome | None:
            begun = is_shutting_down(self._session, instance_id, asked_at=self._stopped_at())
            return {} if begun else None

        def settle(outcome: Outcome) -> None:
            request_id = outcome.get("request_id", "")
            wait_until_stopped(self._session, instance_id, self._deadline, request_id=request_id)

        def undo(_: Outcome) -> None:
            deadline = Deadline(self._session.clock, 900)
            start_again(self._session, instance_id, deadline, stopped_at=self._stopped_at())

        return Step(STOP_STEP, do, look, undo, settle, one_call=True)

    def _stopped_at(self) -> datetime:
        step = self._log.record.step(STOP_STEP)
        return step.at if step else self._log.record.created

    def _image_asked_for(self) -> str:
        """The image's id, if a process before this one asked for it, known or not.

        Looked for before anything else: if the image is being made, nothing has to be prepared.
        """
        outcome = self._runner.found(self._image.as_step())
        self._in_doubt = False
        return str(outcome["image_id"]) if outcome else ""

    def _prepare_and_ask(self) -> str:
        self._runner.doubt(self._temporary)
        for step in self._temporary:
            with stage(self._session.observer, *self._stages[step.name][0]) as under_way:
                self._runner.run(step, under_way)
        self._in_doubt = True
        with stage(self._session.observer, "request", "asking for the image") as under_way:
            image_id = str(self._runner.run(self._image.as_step(), under_way)["image_id"])
            under_way.detail = image_id
        self._asked_here = True
        return image_id

    def _wait_for(self, image_id: str) -> Image:
        try:
            return self._watch(image_id)
        except TaskFailed as error:
            clean_up = f"{self._session.program} delete {image_id}"
            self._give_up(retold(error, "", hint=f"remove what is left of it: {clean_up}"))
        except NotFound as error:
            self._give_up(error)
        except CvmimgError as error:
            self._leave_for_later(error, image_id)

    def _watch(self, image_id: str) -> Image:
        known = durations(self._session)
        task = image_task(
            self._session.cloud,
            [image_id],
            expected_seconds=known.expected("image", self._plan.gib),
            hint=f"{self._session.program} wait {image_id}",
        )
        begun = self._session.clock.monotonic()
        title = f"making image {self._plan.request.name}"
        with stage(self._session.observer, "image", title) as under_way:
            image = waiter(self._session, under_way, self._deadline.left).one(task)
            under_way.detail = image_id
        if self._asked_here:
            known.add("image", self._plan.gib, self._session.clock.monotonic() - begun)
        return image

    def _leave(self, image_id: str) -> Image:
        """The image as it is now; the operation is closed if nothing is to be put back."""
        if self._must_be_put_back():
            self._session.observer.notice(
                f"{self._how_it_is_left()}; when the image is ready, finish with"
                f" `{self._resume_command()}`"
            )
        else:
            self._log.close("left", result={"image_id": image_id})
        task = visible_task(self._session.cloud, image_id)
        try:
            return waiter(self._session, NoListener(), self._deadline.left).one(task)
        except CvmimgError as error:
            self._leave_for_later(error, image_id)

    def _leave_for_later(self, error: CvmimgError, image_id: str) -> NoReturn:
        """The wait ends, the image goes on."""
        goes_on = f"image {image_id} goes on in the cloud"
        if self._must_be_put_back():
            also = f"{goes_on}; {self._how_it_is_left()} until then"
            raise retold(error, also, hint=way_on(error, self._resume_command()))
        self._log.close("left", result={"image_id": image_id}, error=error.message)
        wait = f"{self._session.program} wait {image_id}"
        raise retold(error, goes_on, hint=way_on(error, wait))

    def _give_up(self, error: CvmimgError) -> NoReturn:
        """There will be no image: put the instance back, unless an image may yet come."""
        asked = self._log.record.step(IMAGE_STEP)
        if asked is not None and asked.status == "started" and self._in_doubt:
            also = "whether the image is being made is not known"
            if self._must_be_put_back():
                also += f"; {self._how_it_is_left()}"
            raise retold(error, also, hint=way_on(error, self._resume_command()))
        also = ""
        if self._must_be_put_back():
            if locked_out(error.code):
                # Nothing can be put back either; and with new credentials nothing needs to be.
                hint = way_on(error, self._resume_command())
                raise retold(error, self._how_it_is_left(), hint=hint)
            # A crash from here on must not lead to another try at what has failed.
            self._log.note_giving_up(error.message)
            self._put_back(self._temporary, after=error)
            also = f"{self._plan.request.instance_id} is as it was before"
        status: Status = "undone" if isinstance(error, Interrupted) else "failed"
        if self._log.close(status, error=error.message):
            raise retold(error, also)
        also = f"{also}; the operation could not be closed in the journal".removeprefix("; ")
        raise retold(error, also, hint=f"make room on the disk, then {self._resume_command()}")

    def _put_back_after(self, image: Image) -> None:
        kept = () if self._plan.request.restart else (STOP_STEP,)
        self._put_back([step for step in self._temporary if step.name not in kept], image=image)
        if not self._log.close("done", result={"image_id": image.image_id}):
            self._session.observer.notice(
                f"the journal could not be written; `{self._resume_command()}` closes the operation"
            )

    def _put_back(
        self,
        steps: list[Step],
        *,
        image: Image | None = None,
        after: CvmimgError | None = None,
    ) -> None:
        try:
            for step in reversed(steps):
                if self._is_in_force(step):
                    with stage(self._session.observer, *self._stages[step.name][1]) as under_way:
                        self._runner.put_back(step, under_way)
        except CvmimgError as trouble:
            what = f"{self._plan.request.instance_id} could not be put back as it was"
            if image is not None:
                what = f"image {image.image_id} is ready, but {what}"
            if after is not None:
                what = f"{what}, after this: {after.message}"
            hint = way_on(trouble, self._resume_command())
            raise retold(trouble, what, hint=hint) from after

    def _must_be_put_back(self) -> bool:
        return any(map(self._is_in_force, self._temporary))

    def _is_in_force(self, step: Step) -> bool:
        known = self._log.record.step(step.name)
        return known is not None and known.status != "undone"

    def _how_it_is_left(self) -> str:
        begun = {step.name for step in self._log.record.steps if step.status != "undone"}
        states = [
            (STOP_STEP, "is shut down"),
            (FSTAB_STEP, "has its data disks taken out of fstab"),
        ]
        said = [words for name, words in states if name in begun]
        return f"{self._plan.request.instance_id} {' and '.join(said)}"

    def _resume_command(self) -> str:
        return f"{self._session.program} resume {self._log.id}"
