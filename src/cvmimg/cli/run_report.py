"""What is known of one run of ``create`` or ``launch`` when it ends, for files that others read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cvmimg.errors import CvmimgError

if TYPE_CHECKING:
    from cvmimg.checks.result import CheckResult
    from cvmimg.durable.journal.journal import Journal
    from cvmimg.durable.progress import StageOutcome

_REASONS = {
    0: "",
    2: "usage",
    3: "precondition-failed",
    4: "not-found",
    5: "credentials",
    6: "task-failed",
    7: "timed-out",
    8: "unreachable",
    130: "interrupted",
}
"""Why a run failed, by exit code; any other one is "failed"."""
_CHECKS_FAILED = "ChecksFailed"


@dataclass(frozen=True)
class StageReport:
    """A stage that has ended.

    Attributes:
        title: what it did, in words.
        outcome: how it ended.
        seconds: how long it took.
    """

    title: str
    outcome: StageOutcome
    seconds: float


@dataclass
class RunReport:
    """One run of a command.

    Attributes:
        command: "create" or "launch".
        region: of the cloud.
        operation_id: the operation that the user named.
        images: the contract's JSON objects of the images that were created.
        sources: the instance that each image was created from, by image id.
        copies: the region and id of each copy, by the id of the image.
        launched_from: the id and the name of the image that instances were launched from.
        instances: the contract's JSON objects of the instances that were launched.
        checks: the results of all checks.
        stages: the stages that have ended.
        cost: what the result costs, in words; empty if that is not known.
        journal: of the run; None before it began.
        error: what ended the run early.
        seconds: how long it took.
        ended: when it ended, in seconds since the epoch.
    """

    command: str
    operation_id: str = ""
    region: str = ""
    images: list[Mapping[str, Any]] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    copies: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    launched_from: tuple[str, str] = ("", "")
    instances: list[Mapping[str, Any]] = field(default_factory=list)
    checks: list[CheckResult] = field(default_factory=list)
    stages: list[StageReport] = field(default_factory=list)
    cost: str = ""
    journal: Journal | None = None
    error: CvmimgError | None = None
    seconds: float = 0.0
    ended: float = 0.0

    def note_created(self, document: Any) -> None:
        """Keep what ``create`` prints as JSON: of one image, or of several."""
        for each in document if isinstance(document, list) else [document]:
            image = each["image"]
            if image is not None:
                self.images.append(image)
                self.sources[image["id"]] = each["instance_id"]
                copies = [copy["image"] for copy in each["copies"] if copy["image"]]
                self.copies[image["id"]] = [(copy["region"], copy["id"]) for copy in copies]

    def note_stage(self, title: str, outcome: StageOutcome, seconds: float) -> None:
        """Keep a stage that has ended."""
        self.stages.append(StageReport(title, outcome, seconds))

    def note_launched(self, document: Mapping[str, Any], image_name: str = "") -> None:
        """Keep what ``launch`` prints as JSON."""
        self.launched_from = (document["image_id"], image_name)
        self.instances += document["instances"]

    @property
    def image_ids(self) -> list[str]:
        """The images that were requested, or the one that instances were launched from."""
        created = [image["id"] for image in self.images] or self._requested("image", "image_id")
        return created or list(filter(None, self.launched_from[:1]))

    @property
    def image_names(self) -> list[str]:
        """The names of these images."""
        names = [image["name"] for image in self.images]
        return names or list(filter(None, self.launched_from[1:]))

    @property
    def instance_ids(self) -> list[str]:
        """The instances that were launched."""
        launched = [instance["id"] for instance in self.instances]
        return launched or self._requested("run", "instance_ids")

    @property
    def operation_ids(self) -> list[str]:
        """The operations that this run began or continued: those that the user named, if any."""
        used = list(dict.fromkeys(self.journal.used if self.journal else []))
        name = self.operation_id
        named = [one for one in used if name and (one == name or one.startswith(f"{name}-"))]
        return named or used or list(filter(None, [name]))

    def _requested(self, step: str, key: str) -> list[str]:
        """Return the ids of what was requested, where the run ended before it was ready."""
        found: list[str] = []
        if self.journal is None or self.error is None:
            return found
        for operation_id in self.operation_ids:
            try:
                known = self.journal.read(operation_id).step(step)
            except CvmimgError:
                continue
            value = known.outcome.get(key, []) if known else []
            found += value if isinstance(value, list) else [value]
        return found

    @property
    def failed_checks(self) -> list[str]:
        """The ids of the checks that failed."""
        return list(dict.fromkeys(one.id for one in self.checks if one.status.value == "fail"))

    @property
    def exit_code(self) -> int:
        """The exit code of the run, as the contract has it."""
        return self.error.exit_code if self.error else 0

    @property
    def failure_reason(self) -> str:
        """Why the run failed, as a word for scripts; empty if it did not."""
        if self.error is not None and self.error.code == _CHECKS_FAILED:
            return "checks-failed"
        return _REASONS.get(self.exit_code, "failed")
