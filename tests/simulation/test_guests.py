"""Guests from memory are those that the sandbox's own runtime makes."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from cvmimg.guest.script import digests, load
from cvmimg.sandbox.guest.root_folder import FileSystem, GuestDisk, Machine
from cvmimg.sandbox.guest.runtime import Runtime
from tests.simulation.guests import SimulatedGuests

FSTAB = "UUID=root\t/\text4\tdefaults\t0 1\nUUID=data\t/data\text4\tdefaults\t0 2\n"
DISKS = (
    GuestDisk("vda", "disk-system01", 50, (FileSystem("vda1", "root"),)),
    GuestDisk("vdb", "disk-data0001", 200, (FileSystem("vdb1", "data"),)),
)
TARGETS = {"targets": "L2RhdGE=", "operation": "op-20261118-000001"}


def machine(boot: str = "100.0") -> Machine:
    return Machine("ins-data0001", FSTAB, DISKS, boot)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def guests(now: list[float]) -> SimulatedGuests:
    return SimulatedGuests(lambda: now[0])


def run(guests: Runtime, name: str, parameters: dict[str, str], boot: str = "100.0") -> bytes:
    script = load(name).text.encode()
    output: bytes = guests.run(machine(boot), script, parameters, 60).output
    return output


def test_a_script_answers_as_in_the_real_runtime(guests: SimulatedGuests, tmp_path: Path) -> None:
    real = Runtime(tmp_path, digests())
    parameters = {"offset": "0"}
    assert run(guests, "inspect", parameters) == run(real, "inspect", parameters)
    assert run(guests, "inspect", parameters) == run(real, "inspect", parameters)
    assert guests.fstab(machine()) == real.fstab(machine()) == FSTAB
    assert guests.mounts("ins-data0001") >= {"/", "/data"}  # type: ignore[operator]


def freeze(guests: SimulatedGuests, attempt: int) -> None:
    parameters = {**TARGETS, "attempt": str(attempt), "seconds": "120"}
    assert state(run(guests, "freeze", parameters)) == b"frozen"


def thaw(guests: SimulatedGuests, attempt: int) -> bytes:
    return state(run(guests, "thaw", {**TARGETS, "attempt": str(attempt)}))


def test_a_freeze_ends_with_a_thaw_by_itself_or_at_a_boot(
    guests: SimulatedGuests, now: list[float]
) -> None:
    freeze(guests, 1)
    assert set(guests.frozen("ins-data0001")) == {"/data"}
    assert thaw(guests, 1) == b"held"
    assert guests.frozen("ins-data0001") == {}
    freeze(guests, 2)
    now[0] = 121.0
    assert guests.frozen("ins-data0001") == {}
    assert thaw(guests, 2) == b"expired"
    freeze(guests, 3)
    guests.boots(machine("200.0"))
    assert guests.frozen("ins-data0001") == {}


def test_each_freeze_has_a_number_of_its_own(guests: SimulatedGuests) -> None:
    numbers = []
    for attempt in (1, 2, 3):
        freeze(guests, attempt)  # takes over the one before
        numbers.append(guests.frozen("ins-data0001")["/data"].number)
    assert numbers == [1, 2, 3]


def state(output: bytes) -> bytes:
    words = next(line.split() for line in output.splitlines() if line.startswith(b"cvmimg state"))
    return base64.b64decode(words[2].removeprefix(b"base64:"))
