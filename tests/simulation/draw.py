"""From a seed to a scenario. What is drawn depends on the seed and on this file alone."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tests.simulation.events import (
    CALL_FAULTS,
    START_FAULTS,
    WRITE_FAULTS,
    AtCall,
    AtStart,
    AtWrite,
    Event,
    Scenario,
)
from tests.simulation.operations import (
    AWAY,
    HELD_BACK,
    HOME,
    LONG,
    LOOSE,
    SHORT,
    TEMPLATE,
    UNTIDY,
    UNUSED,
    Copy,
    Create,
    Delete,
    Launch,
    Operation,
    Promote,
    Prune,
    Share,
    Snapshot,
    Update,
    Verify,
)

_TABLE = Path(__file__).parents[1] / "contract" / "error-codes.json"

_READ_FAULTS = (
    "lost-before",
    "5xx-before",
    "throttled",
    "refused",
    "expired",
    "stale",
    "hollow",
    "truncated",
    "delayed",
    "timed-out",
    "killed-before",
    "killed-after",
    "interrupted",
    "clock-ahead",
    "clock-back",
    "somebody-stops",
    "somebody-starts",
    "somebody-renames",
    "somebody-tags",
    "somebody-deletes-image",
)
_MANY = ("lost-before", "unreachable", "lost-after", "5xx-before", "throttled", "internal-error")
"""Faults that may meet several calls in a row."""
_TASKS = (
    "CreateImage",
    "SyncImages",
    "RunInstances",
    "StopInstances",
    "StartInstances",
    "CreateSnapshot",
    "TerminateInstances",
)
_STUCK_TASKS = ("CreateImage", "SyncImages", "RunInstances", "CreateSnapshot")
"""Those that can hang for ever and leave something that can be done about it."""


_TOGETHER = (
    Create(name="many-1", instance="ins-old00001", stop=True),
    Create(name="many-2", instance="ins-data0001", stop=True, fix_fstab=True),
    Create(name="many-3", instance="ins-web00001"),
    Create(name="many-4", instance="ins-priv0001", stop=True),
)
"""Creates that may be one command."""


def draw(seed: int) -> Scenario:
    """The scenario of a seed."""
    source = random.Random(seed)
    operations = _verification(seed) or _further(seed) or _operations(source)
    count = source.choices((0, 1, 2, 3, 4), (2, 18, 35, 25, 20))[0]
    events = [_event(source, operations) for _ in range(count)]
    if any(event.process for event in events):
        events = [_end_of_process(source, operations), *events[:3]]
    together = len(operations) > 1 and all(isinstance(one, Create) for one in operations)
    return Scenario(
        operations,
        tuple(dict.fromkeys(events)),
        seed=seed,
        pause=source.choices((1.0, 60.0, 2700.0, 200_000.0), (3, 3, 3, 1))[0],
        roll_back=source.random() < 0.12,
        together=together,
        again=_is_named(seed, operations),
    )


def draw_lost(seed: int) -> Scenario:
    """A scenario of a seed in which an instance is changed and the first machine is lost."""
    source = random.Random(f"lost {seed}")
    operations: tuple[Operation, ...] = (_changing(source),)
    events = [_event(source, operations) for _ in range(source.choice((0, 0, 1, 2)))]
    return Scenario(
        operations,
        (_end_of_process(source, operations), *events, AtStart(1, "state-lost")),
        seed=seed,
        pause=source.choice((1.0, 60.0, 2700.0)),
        roll_back=source.random() < 0.3,
    )


def draw_again(seed: int) -> Scenario:
    """A scenario of a seed in which a named operation is run again where its journal is lost."""
    source = random.Random(f"again {seed}")
    (drawn,) = _verification(seed) or _further(seed) or (None,)
    operation = drawn if isinstance(drawn, Create | Launch) else _create(source)
    if isinstance(operation, Create):
        # The image of a create without tags is not found by another machine.
        operation = replace(operation, own_tags=True)
    operations: tuple[Operation, ...] = (replace(operation, timeout=LONG),)
    drawn_events = [_event(source, operations) for _ in range(source.choice((0, 0, 1, 1, 2)))]
    events = [event for event in drawn_events if event.fault != "other-account"]
    return Scenario(
        operations,
        (_end_of_process(source, operations), *events, AtStart(1, "state-lost")),
        seed=seed,
        pause=source.choice((1.0, 60.0, 2700.0)),
        again=True,
    )


def _changing(source: random.Random) -> Operation:
    """An operation that changes its instance temporarily."""
    while True:
        operation = source.choices((_create, _snapshot), (4, 1))[0](source)
        if "TagResources" in changes_of(operation):
            return operation


def _verification(seed: int) -> tuple[Operation, ...]:
    """An operation that verifies an image, for some seeds; what the others mean is unchanged."""
    source = random.Random(f"verify {seed}")
    if source.random() > 0.06:
        return ()
    create = Create(verify=True, own_tags=source.random() > 0.2)
    ways: tuple[Operation, ...] = (
        Verify(),
        Verify(),
        create,
        replace(create, instance="ins-old00001", stop=True),
        replace(create, instance="ins-data0001", fix_fstab=True, copy_to=AWAY[:1]),
    )
    return (source.choice(ways),)


def _further(seed: int) -> tuple[Operation, ...]:
    """An operation with options of the later commands, for some seeds; as ``_verification``."""
    source = random.Random(f"further {seed}")
    if source.random() > 0.25:
        return ()
    kind = source.choices((_further_create, _further_launch, _further_change), (5, 2, 3))[0]
    return (kind(source),)


def _further_create(source: random.Random) -> Create:
    fixes = source.choice((("selinux-relabel",), ("accounts",), ("accounts", "selinux-relabel")))
    broken = {"skip_checks": ("fstab",), "verify": True}
    ways: tuple[dict[str, Any], ...] = (
        {"instance": UNTIDY, "fixes": fixes, "fix_fstab": True},
        {"instance": UNTIDY, "fixes": fixes, "fix_fstab": True, "stop": True},
        {"instance": UNTIDY, "fixes": fixes, "with_data_disks": True},
        {"instance": UNTIDY, "fixes": fixes, "with_data_disks": True, "force_stop": True},
        {"instance": "ins-data0001", "delete_on_failure": True, **broken},
        {"instance": "ins-data0001", "delete_on_failure": True, "stop": True, **broken},
        {"instance": "ins-dbdisk01", "delete_on_failure": True, **broken},
        {"instance": "ins-dbdisk01", **broken},
        {"instance": "ins-db000001", "verify": True, "delete_on_failure": True},
        {"instance": "ins-db000001", "promote": False},
        {"instance": "ins-db000001", "promote": False, "stop": True},
        {"instance": "ins-db000001", "promote": False, "verify": True},
        {"instance": "ins-db000001"},
        {"instance": "ins-old00001", "stop": True, "require_tag": True},
        {"instance": "ins-data0001", "fix_fstab": True, "require_tag": True},
        {"instance": "ins-data0001", "fix_fstab": True, "stop": True, "require_tag": True},
        {"instance": UNTIDY, "fixes": fixes, "with_data_disks": True, "require_tag": True},
    )
    way = source.choice(ways)
    return Create(
        **way,
        own_tags=not way.get("promote", True) or source.random() > 0.12,
        wait="verify" in way or source.random() > 0.12,
        timeout=SHORT if source.random() < 0.08 else LONG,
    )


def _further_launch(source: random.Random) -> Launch:
    ways: tuple[dict[str, Any], ...] = (
        {"template": TEMPLATE},
        {"template": TEMPLATE, "count": 3},
        {"template": TEMPLATE, "count": 3, "min_count": 1},
        {"fixes": ("machine-id", "host-keys")},
        {"fixes": ("hostname", "agents"), "count": 1},
        {"fixes": ("agents",), "data_from": "ins-data0001", "delete_snapshots_after": True},
    )
    return Launch(
        **source.choice(ways),
        wait=source.random() > 0.15,
        timeout=SHORT if source.random() < 0.06 else LONG,
    )


def _further_change(source: random.Random) -> Operation:
    ways: tuple[Operation, ...] = (
        Copy(regions=(HOME,), encrypt=True),
        Copy(regions=(HOME,), encrypt=True, wait=False),
        Delete(images=(), snapshots=LOOSE),
        Delete(images=UNUSED[:1], snapshots=LOOSE[:1]),
        Delete(images=UNUSED, snapshots=LOOSE),
        Share(image="img-shar0001", account="", undo=True),
        Promote(image=HELD_BACK),
        Snapshot(instance="ins-twod0001", freeze=True, require_tag=True),
    )
    return source.choice(ways)


def _is_named(seed: int, operations: Sequence[Operation]) -> bool:
    """Whether the operation is named, and its command is run again instead of a resume."""
    source = random.Random(f"named {seed}")
    named = len(operations) == 1 and isinstance(operations[0], Create | Launch)
    return named and source.random() < 0.12


def _operations(source: random.Random) -> tuple[Operation, ...]:
    if source.random() < 0.9:
        return (_operation(source),)
    if source.random() < 0.5:
        return tuple(source.sample(_TOGETHER, source.choice((2, 3))))
    several: list[Operation] = [
        Create(name="web-v2", instance="ins-old00001", stop=True),
        Create(name="web-v3", instance="ins-data0001", stop=True, fix_fstab=True),
        Create(name="web-v4", instance="ins-web00001"),
        Snapshot(instance="ins-twod0001", freeze=True),
        Delete(images=("img-shar0001",), unshare=True),
        Update(description="new", tag=True),
        Launch(),
    ]
    return tuple(source.sample(several, source.choice((2, 2, 3))))


def _operation(source: random.Random) -> Operation:
    kinds = (_create, _launch, _snapshot, _delete, _update, _copy, _share, _prune, _promote)
    return source.choices(kinds, (46, 18, 16, 12, 8, 14, 6, 12, 6))[0](source)


def _create(source: random.Random) -> Create:
    ways: tuple[dict[str, Any], ...] = (
        {"instance": "ins-web00001"},
        {"instance": "ins-web00001", "online": True},
        {"instance": "ins-web00001", "stop": True},
        {"instance": "ins-old00001", "stop": True},
        {"instance": "ins-priv0001", "stop": True},
        {"instance": "ins-old00001", "force_stop": True},
        {"instance": "ins-old00001", "stop": True, "restart": False},
        {"instance": "ins-stop0001"},
        {"instance": "ins-win00001", "stop": True, "sysprep": True},
        {"snapshots": ("snap-o83tshsd",)},
        {"instance": "ins-data0001", "with_data_disks": True},
        {"instance": "ins-twod0001", "with_data_disks": True},
        {"instance": "ins-twod0001", "stop": True, "with_data_disks": True},
        {"instance": "ins-data0001", "fix_fstab": True},
        {"instance": "ins-data0001", "fix_fstab": True, "stop": True},
        {"instance": "ins-data0001", "fix_fstab": True, "force_stop": True},
        {"instance": "ins-twod0001", "fix_fstab": True},
        {"instance": "ins-twod0001", "fix_fstab": True, "stop": True},
        {"instance": "ins-twod0001", "fix_fstab": True, "data_disks": ("disk-twod0001",)},
        {"instance": "ins-full0001", "replace_oldest": "app-*"},
        {"instance": "ins-full0001", "replace_oldest": "app-*", "stop": True},
        {"instance": "ins-web00001", "copy_to": AWAY, "share": True},
        {"instance": "ins-old00001", "stop": True, "copy_to": AWAY[:1]},
        {"instance": "ins-db000001", "keep": 2},
        {"instance": "ins-db000001", "keep": 2, "stop": True},
    )
    weights = [3 if "fix_fstab" in way or "replace_oldest" in way else 2 for way in ways]
    way = source.choices(ways, weights)[0]
    return Create(
        **way,
        own_tags="keep" in way or source.random() > 0.12,
        tagged=source.random() < 0.2,
        wait="copy_to" in way or "keep" in way or source.random() > 0.12,
        timeout=SHORT if source.random() < 0.08 else LONG,
    )


def _launch(source: random.Random) -> Launch:
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"count": 1},
        {"count": 3},
        {"count": 3, "min_count": 1},
        {"count": 3, "min_count": 1, "scarce": True},
        {"data_from": "ins-data0001"},
        {"data_from": "ins-twod0001"},
        {"data_from": "ins-data0001", "delete_snapshots_after": True},
        {"data_from": "ins-twod0001", "delete_snapshots_after": True},
    )
    return Launch(
        **source.choice(ways),
        wait=source.random() > 0.15,
        timeout=SHORT if source.random() < 0.06 else LONG,
    )


def _snapshot(source: random.Random) -> Snapshot:
    two = source.random() < 0.6
    return Snapshot(
        instance="ins-twod0001" if two else "ins-data0001",
        disks=("disk-twod0002",) if two and source.random() < 0.2 else (),
        freeze=source.random() < 0.7,
        wait=source.random() > 0.15,
        timeout=SHORT if source.random() < 0.06 else LONG,
    )


def _delete(source: random.Random) -> Delete:
    ways: tuple[dict[str, Any], ...] = (
        {},
        {"keep_snapshots": True},
        {"images": ("img-shar0001",), "unshare": True},
        {"images": ("img-webv1000", "img-shar0001"), "unshare": True},
        {"images": ("img-basev001",), "force": True},
    )
    return Delete(**source.choice(ways))


def _update(source: random.Random) -> Update:
    ways: tuple[dict[str, Any], ...] = (
        {"description": "new"},
        {"description": "new", "tag": True},
        {"name": "base-v2", "tag": True},
        {"image": "img-shar0001", "tag": True, "untag": True},
        {"family": "web", "deprecated": True, "tag": True},
    )
    return Update(**source.choice(ways))


def _copy(source: random.Random) -> Copy:
    return Copy(
        regions=source.choice((AWAY, AWAY[:1])),
        wait=source.random() > 0.2,
        timeout=SHORT if source.random() < 0.1 else LONG,
    )


def _share(source: random.Random) -> Share:
    return source.choice((Share(), Share(image="img-shar0001", undo=True)))


def _prune(source: random.Random) -> Prune:
    return source.choice((Prune(), Prune(snapshots=True), Prune(grace=True)))


def _promote(source: random.Random) -> Promote:
    return source.choice((Promote(), Promote(revoke=True)))


def _event(source: random.Random, operations: Sequence[Operation]) -> Event:
    process = source.choices((0, 1, 2, 3), (70, 22, 6, 2))[0]
    number = source.randrange(len(operations))
    of = 0 if process else number
    kind = source.random()
    if kind < 0.14:
        fault = source.choice(tuple(WRITE_FAULTS))
        return AtWrite(_number(source, _writes(operations[number])), fault, process, of)
    if kind < 0.20:
        return _at_start(source, process)
    if kind < 0.75:
        return _at_change(source, operations[number], process, of)
    return _at_read(source, operations[number], process, of)


def _end_of_process(source: random.Random, operations: Sequence[Operation]) -> Event:
    """What ends the first process early, so that there is something to resume."""
    number = source.randrange(len(operations))
    operation = operations[number]
    if source.random() < 0.3:
        fault = source.choice(tuple(WRITE_FAULTS))
        return AtWrite(_number(source, _writes(operation)), fault, 0, number)
    fault = source.choice(("killed-before", "killed-after", "killed-after", "expired"))
    calls = changes_of(operation)
    action = source.choice(tuple(calls))
    return AtCall(action, source.randint(1, calls[action]), fault, 0, number)


def _writes(operation: Operation) -> int:
    """About how often an operation writes to the journal."""
    return 2 * len(changes_of(operation)) + 3


def _at_start(source: random.Random, process: int) -> AtStart:
    kind = source.random()
    if kind < 0.4:
        return AtStart(max(1, process), "other-account")
    if kind < 0.6:
        return AtStart(max(1, process), "state-lost")
    damages = [fault for fault in START_FAULTS if fault.startswith("damage-")]
    return AtStart(process, source.choice(damages))


def _at_change(source: random.Random, operation: Operation, process: int, number: int) -> AtCall:
    calls = changes_of(operation)
    action = source.choice(tuple(calls))
    faults = [fault for fault in CALL_FAULTS if _fits(action, fault)]
    fault = source.choice(faults)
    return AtCall(
        action,
        _number(source, calls[action]),
        fault,
        process,
        number,
        times=source.choice((1, 1, 2, 4, 9, 12)) if fault in _MANY else 1,
        code=source.choice(_codes(action)) if fault == "refused" else "",
    )


def _fits(action: str, fault: str) -> bool:
    tasks = {"task-fails": _TASKS, "task-stuck": _STUCK_TASKS}
    return fault != "stale" and action in tasks.get(fault, (action,))


def _at_read(source: random.Random, operation: Operation, process: int, number: int) -> AtCall:
    calls = reads_of(operation)
    action = source.choice(tuple(calls))
    fault = source.choice(_READ_FAULTS)
    times = source.choice((1, 1, 2, 4, 9)) if fault in _MANY else 1
    return AtCall(
        action,
        _number(source, calls[action]),
        fault,
        process,
        number,
        times=5 if fault == "stale" else times,
        code=source.choice(_codes(action.rstrip("?"))) if fault == "refused" else "",
    )


def _number(source: random.Random, most: int) -> int:
    """Which of several calls: the first ones more often."""
    return min(source.randint(1, most), source.randint(1, most))


def changes_of(operation: Operation) -> dict[str, int]:
    """The changes that an operation asks the cloud for, and about how often."""
    return {action: count for action, count in _changes(operation).items() if count}


def _changes(operation: Operation) -> dict[str, int]:
    if isinstance(operation, Create):
        stops = operation.stop or operation.force_stop
        changes = stops or operation.fixes_guest
        serves = operation.verify and operation.promote and bool(operation.family)
        return {
            "CreateImage": 1,
            "TagResources": int(changes) + len(operation.copy_to),
            "UnTagResources": int(changes),
            "StopInstances": int(stops),
            "StartInstances": int(stops and operation.restart and operation.wait),
            "RunCommand": _commands_of(operation),
            "DeleteImages": _images_deleted_by(operation),
            "DeleteSnapshots": _images_deleted_by(operation),
            "SyncImages": int(bool(operation.copy_to)),
            "ModifyImageSharePermission": int(operation.share),
            "ModifyImageAttribute": int(serves),
            **(_changes(Verify()) if operation.verify else {}),
        }
    if isinstance(operation, Launch):
        return {
            "RunInstances": 1,
            "CreateSnapshot": _data_disks(operation.data_from) if operation.data_from else 0,
            "DeleteSnapshots": int(operation.delete_snapshots_after),
        }
    if isinstance(operation, Snapshot):
        disks = len(operation.disks) or _data_disks(operation.instance)
        return {
            "CreateSnapshot": disks,
            "RunCommand": 3 if operation.freeze else 0,
            "TagResources": int(operation.freeze),
            "UnTagResources": int(operation.freeze),
        }
    if isinstance(operation, Delete):
        return {
            "ModifyImageSharePermission": int(operation.unshare),
            "DeleteImages": len(operation.images),
            "DeleteSnapshots": _snapshot_deletions(operation),
        }
    return _changes_of_images(operation)


def _changes_of_images(operation: Operation) -> dict[str, int]:
    if isinstance(operation, Copy):
        copies = len(operation.regions)
        return {"SyncImages": 1, "ModifyImageAttribute": copies, "TagResources": copies}
    if isinstance(operation, Share):
        return {"ModifyImageSharePermission": 1}
    if isinstance(operation, Prune):
        deleted, edited = (0, 2) if operation.grace else (2, 0)
        return {
            "DeleteImages": deleted,
            "DeleteSnapshots": deleted + operation.snapshots,
            "ModifyImageAttribute": edited,
            "TagResources": edited,
        }
    if isinstance(operation, Promote):
        return {"ModifyImageAttribute": 1, "TagResources": 1 if operation.revoke else 2}
    if isinstance(operation, Verify):
        calls = {"RunInstances": 1, "RunCommand": 4, "TerminateInstances": 1}
        return {**calls, "TagResources": 1}
    assert isinstance(operation, Update)
    attributes = (operation.name, operation.description, operation.family, operation.deprecated)
    return {
        "ModifyImageAttribute": int(any(value is not None for value in attributes)),
        "TagResources": int(operation.tag),
        "UnTagResources": int(operation.untag),
    }


def _commands_of(operation: Create) -> int:
    """How many commands run in the guest: to look, then to fix each kind of thing and revert."""
    if operation.snapshots:
        return 0
    fixes = operation.fix_fstab + bool(operation.fixes)
    return 2 + fixes if fixes else 1


def _snapshot_deletions(operation: Delete) -> int:
    of_images = 0 if operation.keep_snapshots else len(operation.images)
    return of_images + bool(operation.snapshots)


def _images_deleted_by(operation: Create) -> int:
    if operation.delete_on_failure and not operation.boots:
        return 1
    return 3 if operation.keep is not None else int(bool(operation.replace_oldest))


def _data_disks(instance_id: str) -> int:
    return 2 if instance_id == "ins-twod0001" else 1


def reads_of(operation: Operation) -> dict[str, int]:
    """The questions that an operation asks, and about how often."""
    if isinstance(operation, Create):
        stops = operation.stop or operation.force_stop
        return {
            "DescribeImages": 20 if operation.wait else 3,
            "DescribeInstances": 20 if stops else 1,
            "DescribeInvocationTasks": 10 if operation.fixes_guest else 2,
            "CreateImage?": 1,
            **(reads_of(Verify()) if operation.verify else {}),
        }
    if isinstance(operation, Launch):
        snapshots = {"DescribeSnapshots": 20} if operation.data_from else {}
        return {
            "DescribeInstances": 10 if operation.wait else 2,
            "DescribeImages": 1,
            "RunInstances?": 1,
            **snapshots,
        }
    if isinstance(operation, Snapshot):
        guest = {"DescribeInvocationTasks": 6} if operation.freeze else {}
        return {
            "DescribeSnapshots": 20 if operation.wait else 2,
            "DescribeInstances": 1,
            "DescribeDisks": 1,
            **guest,
        }
    if isinstance(operation, Delete):
        return {"DescribeImages": 6, "DescribeSnapshots": 8, "DescribeImageSharePermission": 1}
    return _reads_of_images(operation)


def _reads_of_images(operation: Operation) -> dict[str, int]:
    if isinstance(operation, Copy):
        return {
            "DescribeImages": 30 if operation.wait else 6,
            "DescribeImageQuota": 2,
            "SyncImages?": 2,
        }
    if isinstance(operation, Share):
        return {"DescribeImageSharePermission": 3, "GetCallerIdentity": 2, "DescribeImages": 1}
    if isinstance(operation, Prune):
        return {
            "DescribeImages": 8,
            "DescribeSnapshots": 8,
            "DescribeInstances": 2,
            "DescribeLaunchTemplates": 2,
            "DescribeLaunchConfigurations": 2,
            "DescribeImageSharePermission": 4,
        }
    if isinstance(operation, Promote):
        return {
            "DescribeImages": 2,
            "DescribeImageSharePermission": 1,
            "DescribeImageFromFamily": 1,
            "GetCallerIdentity": 1,
        }
    if isinstance(operation, Verify):
        calls = {"DescribeInstances": 8, "DescribeAutomationAgentStatus": 3, "DescribeImages": 3}
        return {**calls, "DescribeInvocationTasks": 8, "DescribeZoneInstanceConfigInfos": 1}
    return {"DescribeImages": 2, "GetCallerIdentity": 2}


@cache
def _codes(action: str) -> tuple[str, ...]:
    """The codes that the official table lists for an action."""
    table = json.loads(_TABLE.read_text(encoding="utf-8"))
    found = [table[key] for key in table if key.partition(".")[2] == action]
    return tuple(found[0]) if found else ("InternalError",)
