"""A toy kind of operation: in a house, lower a blind, switch a light on, and raise the blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cvmimg.durable.operation import AfterFailure, Execution, Operation
from cvmimg.durable.steps import Step
from cvmimg.errors import CvmimgError
from cvmimg.message import Message
from tests.durable.lamp import Lamp, fresh

KIND = "house"


@dataclass(frozen=True)
class HouseRequest:
    """What is wanted in a house."""

    room: str = "kitchen"
    lumen: int = 800


@dataclass
class House:
    """The cloud of the toy, and what its operations do when they fail.

    Attributes:
        blind: lowered while the light is switched on; a temporary change.
        light: switched on to stay; nothing reverts it.
        wait: what the wait for the light raises, in turn; None works.
        after: what becomes of a failed operation; None for the default.
        has_blind: whether there is a temporary change at all.
        leaves_blind: finish without raising the blind, as a user who does not wait.
        requests: what the operations were constructed with.
        seconds_left: at each beginning of ``finish``.
    """

    blind: Lamp = field(default_factory=Lamp)
    light: Lamp = field(default_factory=Lamp)
    wait: list[BaseException | None] = field(default_factory=list)
    after: AfterFailure | None = None
    has_blind: bool = True
    leaves_blind: bool = False
    requests: list[HouseRequest] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    seconds_left: list[float] = field(default_factory=list)

    @property
    def state(self) -> tuple[int, int]:
        """Whether the blind is down, and whether the light is on."""
        return self.blind.on, self.light.on

    def kind(self) -> type[Operation[HouseRequest, str]]:
        """The kind of operation that works in this house."""
        house = self

        class HouseOperation(_HouseOperation):
            def __init__(self, execution: Execution, request: HouseRequest) -> None:
                super().__init__(execution, request)
                self.house = house
                house.requests.append(request)
                house.regions.append(self.session.cloud.region)

        return HouseOperation

    def kinds(self) -> dict[str, type[Operation[Any, Any]]]:
        return {KIND: self.kind()}


class _HouseOperation(Operation[HouseRequest, str]):
    kind = KIND
    request_type = HouseRequest
    house: House

    @property
    def steps(self) -> Sequence[Step]:
        blind, light = self.house.blind, self.house.light
        lower = Step("blind", blind.do, blind.check, blind.revert, temporary=True, single_call=True)
        switch = Step("light", light.do, light.check, single_call=True)
        return [lower, switch] if self.house.has_blind else [switch]

    def finish(self) -> str:
        self.house.seconds_left.append(self.deadline.left)
        *temporary, switch = self.steps
        if self.runner.known_outcome(switch) is None:
            self.runner.verify_temporary(temporary)
            for step in temporary:
                self.runner.run(step)
        self.runner.run(switch)
        trouble = self.house.wait.pop(0) if self.house.wait else None
        if trouble is not None:
            raise fresh(trouble)
        if not self.house.leaves_blind:
            self.revert_temporary()
        return "lit"

    def recall(self) -> str:
        return f"lit {self.log.outcome('light')['lamp']}"

    def closing_result(self) -> dict[str, Any]:
        return {"light": self.log.outcome("light")}

    def after_failure(self, error: CvmimgError) -> AfterFailure:
        return self.house.after or super().after_failure(error)

    def state_notes(self) -> list[Message]:
        return [Message("BlindStaysDown")] if self.has_changes_in_force else []

    def remains(self) -> list[Message]:
        return [Message("LightStaysOn")] if self.log.status("light") == "done" else []
