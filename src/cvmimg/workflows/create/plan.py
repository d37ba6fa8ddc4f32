"""What ``create`` will do, decided once, and kept in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.ssh import SshTarget
from cvmimg.workflows.create.request import CreateRequest


@dataclass(frozen=True)
class CreatePlan:
    """The decisions that the checks' facts lead to.

    Attributes:
        request: what the user asked for.
        shut_down: the instance runs and has to be shut down.
        running: the instance runs now.
        data_disk_ids: the data disks that go into the image.
        disk_ids: all disks that go into it; tell whose image it is where tags do not.
        gib: their size together.
        fix: the plan of the fstab fix (``FixPlan.to_json``), or None.
        checks: what the checks said (``CheckResult.as_json``).
        ssh: the login through which the fix is put back (``SshTarget``); None for the agent.
    """

    request: CreateRequest
    shut_down: bool
    running: bool
    data_disk_ids: tuple[str, ...]
    disk_ids: tuple[str, ...]
    gib: int
    fix: dict[str, Any] | None
    checks: tuple[dict[str, str], ...]
    ssh: SshTarget | None = None

    @classmethod
    def from_facts(
        cls,
        request: CreateRequest,
        facts: Facts,
        checks: list[CheckResult],
        fix: dict[str, Any] | None,
        ssh: SshTarget | None = None,
    ) -> CreatePlan:
        """Decide."""
        instance = facts.instance
        running = instance is not None and instance.instance_state == "RUNNING"
        chosen = facts.chosen_data_disk_ids
        return cls(
            request=request,
            shut_down=running and request.power == "stop",
            running=running,
            data_disk_ids=chosen,
            disk_ids=(instance.system_disk.disk_id, *chosen) if instance else (),
            gib=facts.image_gib,
            fix=fix,
            checks=tuple(check.as_json() for check in checks),
            ssh=ssh,
        )

    @classmethod
    def from_json(cls, page: Mapping[str, Any]) -> CreatePlan:
        """The plan that ``to_json`` gave.

        Raises:
            ValueError: a field is missing, or not of its type.
        """
        from pydantic import TypeAdapter

        return TypeAdapter(cls).validate_python(page)

    def to_json(self) -> dict[str, Any]:
        """The plan for the journal."""
        return asdict(self)

    @property
    def online(self) -> bool:
        """Whether the instance runs while the image is made."""
        return self.running and not self.shut_down

    @property
    def check_results(self) -> list[CheckResult]:
        """What the checks said."""
        return [
            CheckResult(**{**check, "status": Status(check["status"])})  # type: ignore[arg-type]
            for check in self.checks
        ]
