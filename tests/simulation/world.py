"""The simulated world: the sandbox's demonstration and a few things more, on virtual time."""

from __future__ import annotations

import copy
import logging
import random
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest import mock

from cvmimg.sandbox import NEIGHBOUR, OWNER, Sandbox
from cvmimg.sandbox.services.tat.agents import describe_automation_agent_status
from cvmimg.sandbox.state import kinds
from cvmimg.sandbox.state.kinds import Kind
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.world import builder
from cvmimg.sandbox.world.demo import WORLD
from tests.simulation.guests import Freeze, SimulatedGuests
from tests.simulation.operations import ATTIC, HELD_BACK, HOME, ORPHAN, REGIONS, UNTAG, UNTIDY
from tests.simulation.timeline import START, Timeline
from tests.simulation.tool import FAMILY_TAG, OPERATION_TAG
from tests.simulation.truth import Truth
from tests.support.tc3 import Client

_BACKED_UP = "disk-dbdisk01"
_TWO_DISKS = {
    "id": "ins-twod0001",
    "name": "two-disks",
    "image": "Ubuntu Server 22.04 LTS 64bit",
    "data_disks": [
        {"id": "disk-twod0001", "size": 100, "mount": "/data"},
        {"id": "disk-twod0002", "size": 60, "mount": "/logs"},
    ],
}
_UNTIDY = {
    "id": UNTIDY,
    "name": "untidy",
    "data_disks": [{"id": "disk-tidy0001", "size": 40, "mount": "/data"}],
    "files": {"/.autorelabel": "", "/attributes/passwd": "", "/attributes/shadow": ""},
}
_PROGRAMS = {
    "usr/bin/lsattr": """#!/bin/sh
shift
for path; do
    if [ -e "$CVMIMG_GUEST_ROOT/attributes/${path##*/}" ]; then echo "----i--------e-- $path"
    else echo "-------------e-- $path"; fi
done
""",
    "usr/bin/chattr": """#!/bin/sh
mkdir -p "$CVMIMG_GUEST_ROOT/attributes"
name="$CVMIMG_GUEST_ROOT/attributes/${2##*/}"
case $1 in +i) : >"$name" ;; -i) rm -f "$name" ;; esac
""",
}
"""Programs of the untidy guest: an immutable file has a mark of its name in /attributes."""
_SHARED = {
    "id": "img-shar0001",
    "name": "shared-v1",
    "of": "Ubuntu Server 22.04 LTS 64bit",
    "shared": True,
    "created": "2025-02-10T02:41:07Z",
    "tags": {UNTAG: "production"},
}


_SERVING = {
    "id": "img-cachev01",
    "name": "cache-v1",
    "family": "cache",
    "created": "2025-04-01T00:00:00Z",
}
_HELD_BACK = {
    "id": HELD_BACK,
    "name": "cache-v2",
    "created": "2025-05-01T00:00:00Z",
    "tags": {FAMILY_TAG: "cache"},
}


def _of_family(name: str, created: str, **more: Any) -> dict[str, Any]:
    return {"id": f"img-{name}", "name": name, "family": "db", "created": created, **more}


def _orphan(identifier: str, created: str) -> dict[str, Any]:
    tags = {"cvmimg-operation": "op-long-ago"}
    return {"id": identifier, "disk": _BACKED_UP, "created": created, "tags": tags}


_ATTIC = {
    "instances": [
        {"id": "ins-db000001", "name": "db-1", "image": "Ubuntu Server 22.04 LTS 64bit"},
        {"id": "ins-dbuser01", "name": "db-user", "image": "img-dbused01"},
        {
            "id": "ins-dbdisk01",
            "name": "db-disk",
            "data_disks": [{"id": _BACKED_UP, "size": 80, "mount": "/backup"}],
        },
    ],
    "images": [
        _of_family("dbold001", "2025-01-05T00:00:00Z"),
        _of_family("dbold002", "2025-02-05T00:00:00Z"),
        _of_family("dbused01", "2025-03-05T00:00:00Z"),
        _of_family("dbscal01", "2025-04-05T00:00:00Z"),
        _of_family("dbpin001", "2025-05-05T00:00:00Z", tags={"cvmimg-keep": ""}),
        _of_family("dbshar01", "2025-06-05T00:00:00Z", shared=True),
        _of_family("dbprev01", "2025-07-05T00:00:00Z"),
        _of_family("dbnew001", "2025-08-05T00:00:00Z"),
    ],
    "scaling": [
        {
            "id": "asc-dbscal01",
            "name": "db",
            "image": "img-dbscal01",
            "group": "asg-dbscal01",
        }
    ],
    "snapshots": [
        _orphan(ORPHAN, "2025-01-01T00:00:00Z"),
        _orphan("snap-dbnewer1", "2025-02-01T00:00:00Z"),
        _orphan("snap-dbnewer2", "2025-03-01T00:00:00Z"),
        {"id": "snap-dbforeig", "disk": _BACKED_UP, "created": "2024-01-01T00:00:00Z"},
    ],
}


def _specification() -> dict[str, Any]:
    specification = copy.deepcopy(WORLD)
    specification["regions"][HOME]["instances"] += [_TWO_DISKS, _UNTIDY]
    images = specification["regions"][HOME]["images"]
    next(image for image in images if image["id"] == "img-basev001")["tags"] = {UNTAG: "production"}
    images += [_SHARED, _SERVING, _HELD_BACK]
    specification["regions"][ATTIC] = _ATTIC
    return specification


SPECIFICATION = _specification()


_SANDBOX_LOG = logging.getLogger("cvmimg.sandbox")


_WITH_TASKS: tuple[Kind[Any], ...] = (kinds.IMAGE, kinds.SNAPSHOT, kinds.INSTANCE)


class _Failures(logging.Handler):
    """Keeps what the sandbox logs when it fails itself."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))


@dataclass(frozen=True)
class Taken:
    """How a snapshot was taken: which freeze covered its disk, if any."""

    disk_id: str
    freeze: Freeze | None


class World:
    """A cloud, its guests, and a folder for the tool's journal.

    Args:
        seed: decides the latencies and everything else that is up to chance.

    Attributes:
        timeline: the virtual time.
        clock_offset: how many seconds the machine's clock is ahead of the cloud's.
        taken: by id, how the snapshots of this run were taken.
        changed_untagged: the instances that the tool has changed while they had not its tag.
        failures: what the sandbox has logged about failures of its own.
    """

    def __init__(self, seed: int) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="cvmimg-simulation-")
        folder = Path(self._folder.name)
        self.timeline = Timeline()
        self.random = random.Random(seed)
        self.clock_offset = 0.0
        self.state_dir = folder / "state"
        with mock.patch.object(builder, "build", partial(_build, _documents())):
            self.sandbox = Sandbox(speed=1, clock=self.timeline.now, seed=seed)
        self.guests = SimulatedGuests(self.timeline.now)
        self.sandbox.endpoint.guests = self.guests
        self.sandbox.endpoint.call_log = None
        # Signatures are made by the SDK, which knows no clock but the machine's; none expires.
        self.sandbox.endpoint.real_now = time.time
        self.taken: dict[str, Taken] = {}
        self.changed_untagged: set[str] = set()
        self.failures = _Failures()
        _SANDBOX_LOG.addHandler(self.failures)
        _SANDBOX_LOG.propagate = False
        self._install_programs()

    def call(
        self, service: str, action: str, *, region: str = HOME, account: str = OWNER, **params: Any
    ) -> dict[str, Any]:
        """Call the API as somebody beside the tool; what it answers, an error included."""
        key = self.sandbox.credentials(account)
        return Client(self.sandbox.handle, *key, now=time.time(), region=region).call(
            service, action, **params
        )

    def truth(self) -> Truth:
        """What is really there now."""
        return Truth.of(self.sandbox.store, self.guests, self.sandbox.clock.now())

    def note_snapshot(self, snapshot_id: str, disk_id: str) -> None:
        """Remember whether the file system on the disk of a new snapshot was frozen."""
        instance_id, target = _MOUNTED_AT.get(disk_id, ("", ""))
        freeze = self.guests.frozen(instance_id).get(target) if instance_id else None
        self.taken[snapshot_id] = Taken(disk_id, freeze)

    def note_changes(self, stopped: Collection[str] = ()) -> None:
        """Remember which instances were changed without the tool's tag, by a call just now.

        Args:
            stopped: those that it has stopped; what it has changed in guests is known.
        """
        changed = {*stopped, *self.guests.changed}
        self.guests.changed.clear()
        if not changed:
            return
        with self.sandbox.store.transaction(write=False) as view:
            for identifier in changed:
                tags = _document(view, identifier)["Tags"]
                if OPERATION_TAG not in {tag["Key"] for tag in tags}:
                    self.changed_untagged.add(identifier)

    def let_everything_end(self) -> None:
        """Let all tasks of the cloud end, and the guests of running instances boot."""
        self.timeline.sleep(4 * 3600.0)
        self.boot_guests()

    def boot_guests(self) -> None:
        """Have the guests of all running instances as they are after their last boot."""
        self.sandbox.catch_up()
        now = self.sandbox.clock.now()
        with self.sandbox.store.transaction(write=False) as view:
            for account in (OWNER, NEIGHBOUR):
                for region in REGIONS:
                    call = Call("", "", account, region, {}, now, view, "", guests=self.guests)
                    describe_automation_agent_status(call)

    def end_stuck_tasks(self) -> None:
        """Let the tasks end that were stuck, as the cloud's support would."""
        with self.sandbox.store.transaction(write=True) as view:
            for account in (OWNER, NEIGHBOUR):
                for region in REGIONS:
                    for kind in _WITH_TASKS:
                        for document in view.all(kind, account, region):
                            view.put(_unstuck(document))

    def _install_programs(self) -> None:
        with self.sandbox.store.transaction(write=True) as view:
            instance = _document(view, UNTIDY)
            guest = instance["Guest"]
            programs = {path: ["program", text] for path, text in _PROGRAMS.items()}
            files = {**guest["files"], **programs}
            view.put({**instance, "Guest": {**guest, "files": files}})

    def close(self) -> None:
        _SANDBOX_LOG.removeHandler(self.failures)
        self.sandbox.close()
        self._folder.cleanup()


@cache
def _documents() -> list[Any]:
    """The documents of the world as it is at the start: making them takes longer than a copy."""
    with (
        Sandbox(speed=1, clock=lambda: START, world=SPECIFICATION) as sandbox,
        sandbox.store.transaction(write=False) as view,
    ):
        return view.every()


def _build(documents: list[Any], view: View, *_: Any) -> None:
    for document in documents:
        view.put(document)


def _document(view: Any, instance_id: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = view.get(kinds.INSTANCE, instance_id)
    return document


def _unstuck(document: Any) -> Any:
    """A document, and everything in it, without tasks that are stuck."""
    if isinstance(document, Mapping):
        found = {name: _unstuck(value) for name, value in document.items()}
        return {**found, "Fault": None} if found.get("Fault") == "stuck" else found
    return document


def _mount_points() -> dict[str, tuple[str, str]]:
    """Disk id → instance id and mount point, as the world says."""
    return {
        disk["id"]: (instance["id"], disk["mount"])
        for region in SPECIFICATION["regions"].values()
        for instance in region["instances"]
        for disk in instance.get("data_disks", ())
    }


_MOUNTED_AT = _mount_points()


class ProcessClock:
    """The clock of one simulated process: virtual time, and the machine's idea of the date."""

    def __init__(self, world: World, process: Any) -> None:
        self._world = world
        self._process = process

    def now(self) -> float:
        return START + self._world.timeline.elapsed + self._world.clock_offset

    def monotonic(self) -> float:
        return self._world.timeline.elapsed

    def sleep(self, seconds: float) -> None:
        self._process.require_alive()
        self._world.timeline.sleep(seconds)
        self._process.require_alive()

    def wake(self) -> None:
        """A sleep does not end early; the interrupt is noticed after it."""
