"""The command lines of the operations of the simulator."""

from __future__ import annotations

from functools import singledispatch

from tests.simulation.operations import (
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


@singledispatch
def command_words(operation: Operation) -> list[str]:
    """The command line of an operation."""
    raise NotImplementedError(operation)


@command_words.register
def _create(operation: Create) -> list[str]:
    return [
        "create",
        f"--instance={operation.instance}",
        f"--name={operation.name}",
        *(["--stop"] if operation.stop else []),
        *(["--fix-fstab"] if operation.fix_fstab else []),
        *([f"--replace-oldest={operation.replace_oldest}"] if operation.replace_oldest else []),
        *(f"--fix={one}" for one in operation.fixes),
        *(f"--skip-check={one}" for one in operation.skip_checks),
        *(["--verify"] if operation.verify else []),
        *(["--delete-on-failure"] if operation.delete_on_failure else []),
        *([] if operation.promote else ["--no-promote"]),
        *([f"--family={operation.family}"] if operation.family else []),
        *([f"--keep={operation.keep}"] if operation.keep else []),
    ]


@command_words.register
def _launch(operation: Launch) -> list[str]:
    return [
        "launch",
        f"--image={operation.image}",
        f"--count={operation.count}",
        f"--name={operation.name}",
        *([f"--data-from={operation.data_from}"] if operation.data_from else []),
        *([f"--template={operation.template}"] if operation.template else []),
        *(f"--fix={one}" for one in operation.fixes),
        *(["--delete-snapshots-after"] if operation.delete_snapshots_after else []),
    ]


@command_words.register
def _snapshot(operation: Snapshot) -> list[str]:
    return ["snapshot", f"--instance={operation.instance}", "--freeze"]


@command_words.register
def _delete(operation: Delete) -> list[str]:
    return ["delete", *operation.images, *operation.snapshots]


@command_words.register
def _copy(operation: Copy) -> list[str]:
    to = [f"--to={region}" for region in operation.regions]
    encrypt = ["--encrypt"] if operation.encrypt else []
    return ["copy", operation.image, f"--name={operation.name}", *to, *encrypt]


@command_words.register
def _verify(operation: Verify) -> list[str]:
    return ["verify", operation.image]


@command_words.register
def _share(operation: Share) -> list[str]:
    command = "unshare" if operation.undo else "share"
    accounts = f"--with={operation.account}" if operation.account else "--all"
    return [command, operation.image, accounts]


@command_words.register
def _prune(operation: Prune) -> list[str]:
    return [*prune_words(operation), "--apply"]


@command_words.register
def _promote(operation: Promote) -> list[str]:
    if operation.revoke:
        return ["family", "rollback", "db", "--reason=broken"]
    return ["family", "promote", operation.image]


@command_words.register
def _update(operation: Update) -> list[str]:
    return ["update", operation.image, "--description=new", "--tag=team=blue"]


def prune_words(operation: Prune) -> list[str]:
    """The command line of a prune that only shows its plan."""
    return [
        "prune",
        "--family=db",
        f"--keep={operation.keep}",
        *(["--grace=7d"] if operation.grace else []),
        *(["--snapshots"] if operation.snapshots else []),
    ]
