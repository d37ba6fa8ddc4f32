"""What can go wrong in a simulated run, and where: plain values, as operations are.

Processes are numbered: 0 is the run itself, 1 the first ``cvmimg resume`` after it, and so on. Of
several operations side by side, each is a process 0 of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.operations import Operation

CALL_FAULTS = {
    "lost-before": "the request never arrives; the connection is closed",
    "unreachable": "no connection can be opened",
    "lost-after": "the work is done, the answer is lost",
    "5xx-before": "a broken gateway answers",
    "5xx-after": "the work is done, a broken gateway answers",
    "throttled": "RequestLimitExceeded",
    "internal-error": "InternalError, before the work",
    "internal-error-after": "InternalError, after the work",
    "refused": "a code that the action's official table lists",
    "expired": "the token is expired from here on",
    "stale": "a read answers what it answered before",
    "hollow": "the work is done, the answer holds nothing but a request id",
    "truncated": "the work is done, half of the answer arrives",
    "delayed": "the answer takes 20 seconds",
    "timed-out": "the work is done, but the answer takes longer than the client waits",
    "twice": "the network delivers the request twice; the client sees the second answer",
    "task-fails": "the task that the call starts fails",
    "task-stuck": "the task that the call starts never ends",
    "killed-before": "the process is killed before the request is sent",
    "killed-after": "the process is killed before the answer arrives",
    "interrupted": "the user presses Ctrl-C",
    "clock-ahead": "the machine's clock is set a day ahead",
    "clock-back": "the machine's clock is set back a day",
    "somebody-stops": "somebody else stops the instance",
    "somebody-starts": "somebody else starts the instance",
    "somebody-renames": "somebody else renames the instance",
    "somebody-tags": "somebody else tags the instance and the image",
    "somebody-deletes-image": "somebody else deletes the image",
}
WRITE_FAULTS = {
    "disk-full": "the disk is full from this write on, until the process ends",
    "killed-before": "the process is killed before the write",
    "killed-after": "the process is killed after the write",
}
START_FAULTS = {
    "state-lost": "the machine is lost with its journal; another one resumes from the cloud",
    "other-account": "the process has the credentials of another account",
    "damage-truncated": "a file of the journal is cut off in the middle",
    "damage-nan": "a file of the journal holds NaN",
    "damage-copy": "a file of the journal was copied to `op-… (1).json`",
    "damage-fifo": "a file of the journal is a named pipe",
    "damage-deep": "a file of the journal holds 100,000 brackets",
    "damage-id": "a file of the journal holds the id of another operation",
    "damage-newer": "a file of the journal was written by a newer version",
}


@dataclass(frozen=True)
class AtCall:
    """A fault at the ``number``-th call of an action in a process; dry runs are counted apart.

    Attributes:
        action: such as "CreateImage"; "CreateImage?" is its dry run.
        number: counted from 1.
        fault: one of ``CALL_FAULTS``.
        process: 0 for the run, then the resumes.
        operation: of several operations side by side, whose process 0.
        times: how many calls in a row meet it; after "lost-after" the others never arrive.
        code: for "refused".
    """

    action: str
    number: int
    fault: str
    process: int = 0
    operation: int = 0
    times: int = 1
    code: str = ""


@dataclass(frozen=True)
class AtWrite:
    """A fault at the ``number``-th write of the journal in a process, counted from 1."""

    number: int
    fault: str
    process: int = 0
    operation: int = 0


@dataclass(frozen=True)
class AtStart:
    """Something that holds for a process from its start on."""

    process: int
    fault: str


Event = AtCall | AtWrite | AtStart


@dataclass(frozen=True)
class Scenario:
    """One run: what is asked for, and what goes wrong.

    Attributes:
        operations: asked for side by side.
        events: what goes wrong.
        seed: decides the latencies and the ids.
        pause: virtual seconds between one process and the next.
        roll_back: ``resume --undo`` instead of ``resume``.
        together: the operations, creates of several instances, are one command.
        again: the create or launch is named, and the same command is run again, until it comes to
            its end, instead of ``resume``; also on other machines, once its journal is lost.
    """

    operations: tuple[Operation, ...]
    events: tuple[Event, ...] = ()
    seed: int = 0
    pause: float = 60.0
    roll_back: bool = False
    together: bool = False
    again: bool = False
