"""What has to hold, whatever goes wrong. Judged by what is there, never by the tool's words.

An invariant is a function from a case (one operation, what was there before it, what is there now)
to what is wrong, or an empty string.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from cvmimg.sandbox import NEIGHBOUR
from tests.simulation.operations import (
    HELD_BACK,
    LONG,
    NEWEST,
    ORPHAN,
    PREVIOUS,
    TAG,
    UNTAG,
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
from tests.simulation.tool import (
    FAMILY_TAG,
    OPERATION_TAG,
    PROBE_TAG,
    PROMOTED_TAG,
    RESUME_SECONDS,
    REVOKED_TAG,
    SOURCE_TAG,
    VERIFIED_TAG,
)
from tests.simulation.truth import ImageTruth, InstanceTruth, SnapshotTruth, Truth
from tests.simulation.world import Taken

EXIT_CODES = (0, 1, 2, 3, 4, 5, 6, 7, 8, 130)
_REFUSED = (1, 2, 3, 4, 5, 8)
"""Exit codes that say that the operation was not carried out."""
_GRACE_SECONDS = 45 * 60.0
"""How much longer than its timeout a process may take: 15 minutes to revert, and the checks."""
_OWN_TAGS = (OPERATION_TAG, SOURCE_TAG)


@dataclass(frozen=True)
class Violation:
    """An invariant that does not hold, the kind of the operation, and how it shows."""

    invariant: str
    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.invariant} ({self.kind}): {self.detail}"


@dataclass
class Ending:
    """How a process ended, as its user sees it.

    Attributes:
        exit_code: None if the process was killed or crashed.
        text: the error, as a person reads it.
        crash: an exception that no user should ever see.
        killed: whether the process was killed.
        seconds: how long it took, in virtual time.
    """

    exit_code: int | None = None
    text: str = ""
    crash: str = ""
    killed: bool = False
    seconds: float = 0.0


@dataclass
class OperationRun:
    """An operation, and how it stands.

    Attributes:
        ids: the ends of the ids that the tool has given to it in the journal.
        ending: how the process ended that worked on it last.
        open: whether the journal has it as unfinished.
        failed: whether the journal has it as failed.
        rolled_back: whether ``resume --undo`` has said that it is.
        lost: whether the journal was lost while it was unfinished.
        again: whether it is named, and the same command is run again.
        resumed: whether a later process has brought it to its end.
        shown: the ids that a prune has shown as to be deleted or deprecated.
        made_before: the ids of what there was before the same command was run again.
    """

    operation: Operation
    ids: list[str] = field(default_factory=list)
    ending: Ending = field(default_factory=Ending)
    open: bool = False
    failed: bool = False
    rolled_back: bool = False
    lost: bool = False
    again: bool = False
    resumed: bool = False
    shown: set[str] = field(default_factory=set)
    made_before: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        return self.operation.kind

    @property
    def succeeded(self) -> bool:
        return self.ending.exit_code == 0 and not self.rolled_back

    @property
    def refused(self) -> bool:
        """Whether its user knows that it was not carried out."""
        return self.ending.exit_code in _REFUSED


@dataclass(frozen=True)
class Case:
    """One operation at one moment."""

    run: OperationRun
    before: Truth
    now: Truth
    taken: Mapping[str, Taken]
    meddled: frozenset[str]
    changed_untagged: frozenset[str]

    @property
    def images(self) -> list[ImageTruth]:
        """The images that the operation has made."""
        operation = self.run.operation
        if not isinstance(operation, Create):
            return []
        return [image for image in self._named(operation) if image.region == operation.region]

    @property
    def copies(self) -> list[ImageTruth]:
        """The copies that it has started."""
        operation = self.run.operation
        if isinstance(operation, Copy):
            return self._named(operation)
        if not isinstance(operation, Create):
            return []
        return [image for image in self._named(operation) if image.region != operation.region]

    def _named(self, operation: Copy | Create) -> list[ImageTruth]:
        return [image for image in self.now.new_images(self.before) if image.name == operation.name]

    @property
    def sharing_changed(self) -> bool:
        """Whether it has changed the accounts that its image is shared with."""
        operation = self.run.operation
        if not isinstance(operation, Share):
            return False
        was = self.before.images[operation.image].shared_with
        return self.now.images[operation.image].shared_with != was

    @property
    def deprecated(self) -> frozenset[str]:
        """The images that are deprecated now and were not before."""
        return frozenset(
            image.id
            for image in self.now.images.values()
            if image.deprecated and image.id in self.before.images
            if not self.before.images[image.id].deprecated
        )

    @property
    def deprecatable_images(self) -> tuple[str, ...]:
        """The images that the operation may deprecate."""
        operation = self.run.operation
        if isinstance(operation, Prune) and operation.grace:
            return UNUSED
        if isinstance(operation, Promote) and operation.image != HELD_BACK:
            return (NEWEST,)
        if isinstance(operation, Update) and operation.deprecated:
            return (operation.image,)
        return ()

    @property
    def launched(self) -> list[InstanceTruth]:
        """The instances that it has started."""
        if not isinstance(self.run.operation, Launch):
            return []
        return self.now.new_instances(self.before)

    @property
    def probes(self) -> list[InstanceTruth]:
        """The instances that it verifies an image with, and that the cloud does not remove."""
        operation = self.run.operation
        if not (isinstance(operation, Verify) or getattr(operation, "verify", False)):
            return []
        new = self.now.new_instances(self.before)
        return [one for one in new if PROBE_TAG in one.tags and one.state != "LAUNCH_FAILED"]

    @property
    def source(self) -> InstanceTruth | None:
        """The instance that it works on, as it was before."""
        operation = self.run.operation
        if isinstance(operation, Create) and not operation.snapshots:
            return self.before.instances[operation.instance]
        if isinstance(operation, Snapshot):
            return self.before.instances[operation.instance]
        if isinstance(operation, Launch) and operation.data_from:
            return self.before.instances[operation.data_from]
        return None

    @property
    def loose(self) -> list[SnapshotTruth]:
        """The snapshots of the source's disks, and of deleted images, that no image uses."""
        doomed = self.deletable_snapshots
        disks = self.source.disk_ids if self.source else ()
        if "somebody-deletes-image" in self.meddled:
            # Whoever deletes an image answers for its snapshots, unless it was to go anyway.
            if isinstance(self.run.operation, Create):
                disks = ()
            is_delete = isinstance(self.run.operation, Delete)
            if isinstance(self.run.operation, Prune) or (is_delete and not self.run.succeeded):
                doomed = frozenset()
        return [
            s
            for s in self.now.loose_snapshots(self.before)
            if s.id in doomed or (s.disk_id in disks and s.id not in self.before.snapshots)
        ]

    @property
    def unnamed_snapshots(self) -> list[str]:
        """Of the snapshots that are left, those that the tool has not named in the end."""
        return [one.id for one in self.loose if one.id not in self.run.ending.text]

    @property
    def deletable_snapshots(self) -> frozenset[str]:
        """The snapshots of the images that the operation may delete, and those by themselves."""
        operation = self.run.operation
        alone = operation.snapshots if isinstance(operation, Delete) else ()
        return frozenset(alone).union(
            *(self.before.images[image_id].snapshot_ids for image_id in self.deletable_images)
        )

    @property
    def deletable_images(self) -> tuple[str, ...]:
        operation = self.run.operation
        if isinstance(operation, Delete):
            return operation.images
        if isinstance(operation, Prune) and not operation.grace:
            return UNUSED
        if isinstance(operation, Create) and operation.keep is not None:
            return (*UNUSED, PREVIOUS)
        if isinstance(operation, Create) and operation.replace_oldest:
            region = operation.region
            return tuple(i.id for i in self.before.images.values() if i.region == region)
        return ()


Invariant = Callable[[Case], str]


def one_image_or_none(case: Case) -> str:
    """An operation makes one image at the most."""
    return f"{len(case.images)} images" if len(case.images) > 1 else ""


def one_copy_a_region(case: Case) -> str:
    """A copy makes one image in each of its regions at the most, and none elsewhere."""
    operation = case.run.operation
    wanted: tuple[str, ...] = ()
    if isinstance(operation, Copy):
        wanted = operation.regions
    if isinstance(operation, Create):
        wanted = operation.copy_to
    counts = Counter(image.region for image in case.copies)
    wrong = {r: count for r, count in counts.items() if count > 1 or r not in wanted}
    return f"copies: {wrong}" if wrong else ""


def no_instance_too_many(case: Case) -> str:
    """A launch starts as many instances as were asked for, at the most."""
    operation = case.run.operation
    wanted = operation.count if isinstance(operation, Launch) else 0
    return f"{len(case.launched)} instances" if len(case.launched) > wanted else ""


def no_probe_left(case: Case) -> str:
    """No instance is left that an image was verified with."""
    return f"{', '.join(one.id for one in case.probes)} left" if case.probes else ""


def power_as_before(case: Case) -> str:
    """The source instance is on or off as it was; --no-restart leaves it off after a success."""
    operation, source = case.run.operation, case.source
    if source is None or case.meddled & {"somebody-stops", "somebody-starts"}:
        return ""
    wanted = {source.state}
    if isinstance(operation, Create) and not operation.restart:
        if case.run.succeeded and not case.run.lost:
            wanted = {"STOPPED"}
        elif case.images:
            wanted = {"STOPPED", source.state}
    state = case.now.instances[source.id].state
    return "" if state in wanted else f"{source.id} is {state}, was {source.state}"


def fstab_byte_identical(case: Case) -> str:
    """Everything under /etc of the source is as it was, byte for byte; no file was added."""
    source = case.source
    if source is None:
        return ""
    now = case.now.instances[source.id].files
    # Of a guest that had never run, nothing but its fstab is known.
    paths = {*source.files, *now} if len(source.files) > 1 else set(source.files)
    changed = sorted(path for path in paths if source.files.get(path) != now.get(path))
    return f"{source.id}: {', '.join(changed)} differ" if changed else ""


def tag_removed(case: Case) -> str:
    """The source has no tag of the tool: no operation works on it."""
    source = case.source
    now = case.now.instances[source.id].tags if source else {}
    return f"{source.id} is tagged {now[OPERATION_TAG]}" if source and OPERATION_TAG in now else ""


def file_systems_thawed(case: Case) -> str:
    """No file system of the source is left frozen."""
    source = case.source
    frozen = case.now.instances[source.id].frozen if source else None
    return f"{', '.join(sorted(frozen))} frozen" if frozen else ""


def mounts_back(case: Case) -> str:
    """Everything that was mounted in the source is mounted."""
    source = case.source
    mounts = case.now.instances[source.id].mounts if source else None
    if source is None or mounts is None:
        return ""
    missing = source.mounts_wanted - mounts
    return f"{', '.join(sorted(missing))} not mounted" if missing else ""


def no_orphan_snapshots(case: Case) -> str:
    """No snapshot is left that was not asked for, and none of half a set."""
    loose, allowed = case.loose, _snapshots_allowed(case)
    counts = Counter(snapshot.disk_id for snapshot in loose)
    twice = [disk for disk, count in counts.items() if count > 1 and allowed is not _ANY]
    if twice:
        return f"several snapshots of {', '.join(twice)}"
    if loose and allowed is _NONE:
        return f"{len(loose)} snapshots left of {', '.join(sorted(counts))}"
    return ""


_NONE, _EACH, _ANY = "none", "one for each disk", "any"


def _snapshots_allowed(case: Case) -> str:
    """Which snapshots an operation may leave behind, as it ended."""
    operation, run = case.run.operation, case.run
    if isinstance(operation, Snapshot):
        return _NONE if run.refused or run.rolled_back else _EACH
    if isinstance(operation, Launch) and operation.data_from:
        if run.lost:
            return _ANY  # another machine does not know them; `snapshots --orphans` lists them
        return _NONE if operation.delete_snapshots_after and _settled(run) else _EACH
    if isinstance(operation, Delete) and operation.keep_snapshots:
        return _ANY
    deletes_own = isinstance(operation, Create) and operation.delete_on_failure
    if run.lost and (case.deletable_images or deletes_own):
        return _ANY  # what is deleted stays deleted, and nobody knows what else was to go
    if run.rolled_back and (run.ending.killed or not case.unnamed_snapshots):
        # What is deleted stays deleted, and what is left is named: by the record alone where the
        # process was killed between closing the operation and saying so.
        return _ANY
    if isinstance(operation, Delete) and run.refused and "somebody-deletes-image" in case.meddled:
        return _ANY  # whoever deletes an image answers for its snapshots
    return _NONE


def _settled(run: OperationRun) -> bool:
    return run.ending.exit_code == 0 or run.refused


def no_half_set(case: Case) -> str:
    """Of a frozen set that was lost, all snapshots are there or none."""
    operation = case.run.operation
    if not isinstance(operation, Snapshot) or not operation.freeze or case.source is None:
        return ""
    wanted = len(operation.disks or case.source.disk_ids[1:])
    count = len(case.loose)
    return "" if count in (0, wanted) else f"{count} of {wanted} snapshots left"


def one_freeze(case: Case) -> str:
    """The snapshots of one frozen set were all taken during one and the same freeze."""
    operation = case.run.operation
    if not isinstance(operation, Snapshot) or not operation.freeze or not case.run.succeeded:
        return ""
    taken = [case.taken[snapshot.id] for snapshot in case.loose if snapshot.id in case.taken]
    numbers = {each.freeze.number if each.freeze else None for each in taken}
    if None in numbers:
        return "a snapshot was taken while its file system was not frozen"
    return f"the snapshots are of {len(numbers)} freezes" if len(numbers) > 1 else ""


def family_changed_as_a_whole(case: Case) -> str:
    """A promotion or a rollback has changed and tagged its images, or changed nothing."""
    operation = case.run.operation
    if not isinstance(operation, Promote):
        return ""
    image, tag = (NEWEST, REVOKED_TAG) if operation.revoke else (operation.image, PROMOTED_TAG)
    done = {_family_is_changed(case, operation), tag in case.now.images[image].tags}
    return "half done" if len(done) == 2 else ""


def _family_is_changed(case: Case, operation: Promote) -> bool:
    if operation.image == HELD_BACK:
        return case.now.images[HELD_BACK].family == "cache"
    return NEWEST in case.deprecated


def held_back(case: Case) -> str:
    """An image that is not to serve its family yet, or must never, does not serve it."""
    operation = case.run.operation
    if not isinstance(operation, Create) or not operation.family:
        return ""
    may_serve = operation.promote and operation.boots
    serving = case.now.serving(operation.family)
    served = [image.id for image in case.images if image.family or image.id == serving]
    return "" if may_serve or not served else f"{served[0]} serves {operation.family}"


def tagged_before_changed(case: Case) -> str:
    """With --require-tag an instance is changed only while it has the tag of the operation."""
    operation = case.run.operation
    if not isinstance(operation, Create | Snapshot) or not operation.require_tag:
        return ""
    wrong = operation.instance in case.changed_untagged
    return f"{operation.instance} was changed without the tag" if wrong else ""


def failed_image_as_asked(case: Case) -> str:
    """Of an image that failed its verification nothing is left with --delete-on-failure."""
    operation, run = case.run.operation, case.run
    failed = run.ending.text.startswith("VERIFY_FAILED") and not (run.open or run.rolled_back)
    if not isinstance(operation, Create) or not failed or "somebody-deletes-image" in case.meddled:
        return ""
    wanted = 0 if operation.delete_on_failure else 1
    return "" if len(case.images) == wanted else f"{len(case.images)} images left, not {wanted}"


def first_boot_as_asked(case: Case) -> str:
    """Every new instance is given the user data that fixes its identity."""
    operation = case.run.operation
    fixes = operation.fixes if isinstance(operation, Launch) else ()
    calls = {f"fix_{name.replace('-', '_')}" for name in fixes}
    for one in case.launched:
        lines = set(base64.b64decode(one.user_data).decode().splitlines())
        if not calls <= lines:
            return f"{one.id} is not given {', '.join(sorted(calls - lines))}"
    return ""


def encrypted_as_asked(case: Case) -> str:
    """A copy is encrypted if that was asked for, and only then."""
    operation = case.run.operation
    wanted = isinstance(operation, Copy) and operation.encrypt
    wrong = [image.id for image in case.copies if image.encrypted is not wanted]
    return f"{', '.join(wrong)}: encrypted is {not wanted}" if wrong else ""


def prune_does_what_it_shows(case: Case) -> str:
    """A prune changes nothing that it has not shown; where it was not disturbed, all of that."""
    operation, run = case.run.operation, case.run
    if not isinstance(operation, Prune) or "somebody-deletes-image" in case.meddled:
        return ""
    changed = {one for one in (*case.before.images, ORPHAN) if not _is_there(case, one)}
    changed |= case.deprecated
    beyond = changed - run.shown
    if beyond:
        return f"{sorted(beyond)} were not shown"
    missed = run.shown - changed
    undisturbed = run.succeeded and not run.resumed
    return f"success, but {sorted(missed)} are left" if undisturbed and missed else ""


def _is_there(case: Case, identifier: str) -> bool:
    return identifier in case.now.images or identifier in case.now.snapshots


def exit_code_is_true(case: Case) -> str:
    """What the exit code says of the outcome is so."""
    run = case.run
    if run.succeeded:
        return _broken_success(case)
    if run.refused and not run.open:
        return _broken_refusal(case)
    return ""


def _broken_success(case: Case) -> str:
    kinds: dict[type[Operation], Invariant] = {
        Create: _created,
        Launch: _running,
        Snapshot: _snapshotted,
        Delete: _deleted,
        Update: _updated,
        Copy: _copied,
        Share: _shared,
        Prune: lambda _: "",  # judged by what it has shown
        Promote: _promoted,
        Verify: no_probe_left,
    }
    return kinds[type(case.run.operation)](case)


def _created(case: Case) -> str:
    operation = case.run.operation
    if "somebody-deletes-image" in case.meddled:
        return ""
    if len(case.images) != 1:
        return f"success, but there are {len(case.images)} images"
    assert isinstance(operation, Create)
    if operation.verify and not operation.boots:
        return "success, but nothing boots from the image"
    (image,) = case.images
    if operation.family and operation.promote and image.id != case.now.serving(operation.family):
        return f"success, but {image.id} does not serve {operation.family}"
    state = image.state
    if operation.wait and state != "NORMAL":
        return f"success, but the image is {state}"
    if sorted((image.region, image.state) for image in case.copies) != [
        (region, "NORMAL") for region in sorted(operation.copy_to)
    ]:
        return f"success, but the copies are {case.copies}"
    shared = image.shared_with
    return "" if bool(shared) == operation.share else f"success, but shared with {shared}"


def _running(case: Case) -> str:
    operation = case.run.operation
    states = Counter(one.state for one in case.launched)
    assert isinstance(operation, Launch)
    total = states.total() if not operation.wait else states["RUNNING"]
    if "somebody-stops" in case.meddled:
        total = states.total()
    enough = operation.enough <= total == states.total()
    return "" if enough else f"success, but there are {dict(states)}"


def _snapshotted(case: Case) -> str:
    operation = case.run.operation
    assert isinstance(operation, Snapshot)
    assert case.source is not None
    wanted = operation.disks or case.source.disk_ids[1:]
    made = Counter(snapshot.disk_id for snapshot in case.loose)
    # One that nobody waits for may fail, and vanish, after the process has ended.
    missing = Counter(wanted) - made if operation.wait else Counter()
    right = not missing and made <= Counter(wanted)
    return "" if right else f"success, but there are snapshots of {sorted(made.elements())}"


def _deleted(case: Case) -> str:
    operation = case.run.operation
    asked = (
        *case.deletable_images,
        *(operation.snapshots if isinstance(operation, Delete) else ()),
    )
    left = [one for one in asked if _is_there(case, one)]
    return f"success, but {', '.join(left)} is still there" if left else ""


def _updated(case: Case) -> str:
    operation = case.run.operation
    assert isinstance(operation, Update)
    image = case.now.images[operation.image]
    wanted = {
        "name": operation.name,
        "description": operation.description,
        "family": operation.family,
        "deprecated": operation.deprecated,
    }
    for name, value in wanted.items():
        if value is not None and getattr(image, name) != value:
            return f"success, but {name} is {getattr(image, name)!r}"
    tagged = not operation.tag or image.tags.get(TAG[0]) == TAG[1]
    untagged = not operation.untag or UNTAG not in image.tags
    return "" if tagged and untagged else f"success, but the tags are {dict(image.tags)}"


def _copied(case: Case) -> str:
    operation = case.run.operation
    assert isinstance(operation, Copy)
    source = case.before.images[operation.image]
    if {image.region for image in case.copies} != set(operation.regions):
        return f"success, but there are copies in {[image.region for image in case.copies]}"
    for image in case.copies:
        alike = (image.state, image.family, image.description) == (
            "NORMAL",
            source.family,
            source.description,
        )
        if not alike or not source.tags.items() <= image.tags.items():
            return f"success, but there is {image}"
    return ""


def _shared(case: Case) -> str:
    operation = case.run.operation
    assert isinstance(operation, Share)
    accounts = case.now.images[operation.image].shared_with
    shared = operation.account in accounts if operation.account else bool(accounts)
    return f"success, but it is shared with {accounts}" if shared == operation.undo else ""


def _promoted(case: Case) -> str:
    operation = case.run.operation
    assert isinstance(operation, Promote)
    image = case.now.images[operation.image]
    serving = case.now.serving("cache" if operation.image == HELD_BACK else "db")
    changed = _family_is_changed(case, operation) and serving == image.id
    return "" if changed else f"success, but {serving} serves"


def _broken_refusal(case: Case) -> str:
    """Whether something was made that its user does not know of."""
    ending = case.run.ending
    made: list[ImageTruth | InstanceTruth] = [*case.images, *case.copies, *case.launched]
    # Run again, it may be refused beside what an earlier run has made.
    new = [one for one in made if one.id not in case.run.made_before]
    unnamed = [one for one in new if one.id not in ending.text]
    if case.sharing_changed:
        return f"exit code {ending.exit_code} ({ending.text}), but the sharing has changed"
    if not unnamed:
        return ""
    states = ", ".join(f"{one.id} {one.state}" for one in unnamed)
    return f"exit code {ending.exit_code} ({ending.text}), but there is {states}"


def nothing_changed_after_exit_3(case: Case) -> str:
    """Exit code 3 of the command itself says that nothing was changed."""
    if case.run.ending.exit_code != 3:
        return ""
    if case.run.open:
        return "exit code 3, but an operation is open"
    gone = [image for image in case.deletable_images if image not in case.now.images]
    if gone and "somebody-deletes-image" not in case.meddled:
        return f"exit code 3, but {', '.join(gone)} was deleted"
    return ""


def nothing_forgotten(case: Case) -> str:
    """What a killed process leaves without an open operation is all done, or not started.

    Or the operation is closed as failed: its user can still read that.
    """
    run = case.run
    ended = run.open or run.failed or run.rolled_back
    if ended or not run.ending.killed or not _has_started(case):
        return ""
    return _broken_success(case) and "half done, but no operation is open"


def _has_started(case: Case) -> bool:
    """Whether something has been changed at all."""
    deleted = [image for image in case.deletable_images if image not in case.now.images]
    meddled = "somebody-deletes-image" in case.meddled
    made = any((case.images, case.copies, case.launched, case.probes, case.loose))
    made = made or case.sharing_changed
    return bool(made or (deleted and not meddled))


def image_as_asked(case: Case) -> str:
    """The image has the disks, the tags and the fstab that were asked for."""
    operation = case.run.operation
    if not isinstance(operation, Create) or len(case.images) != 1:
        return ""
    (image,) = case.images
    tags = set(image.tags) - {
        "somebody",
        *([VERIFIED_TAG, PROMOTED_TAG] if operation.verify else []),
    }
    wanted = {TAG[0]} if operation.tagged else set()
    if operation.own_tags:
        wanted |= {OPERATION_TAG} if operation.snapshots else set(_OWN_TAGS)
        waits = operation.verify or not operation.promote
        wanted |= {FAMILY_TAG} if operation.family and waits else set()
    if tags != wanted:
        return f"its tags are {sorted(tags)}, not {sorted(wanted)}"
    return _disks_as_asked(case, operation, image) or _fstab_as_asked(case, operation, image)


def _disks_as_asked(case: Case, operation: Create, image: ImageTruth) -> str:
    if case.source is None or image.state == "CREATEFAILED":
        return ""
    data = case.source.disk_ids[1:] if operation.with_data_disks else operation.data_disks
    local = case.source.id == "ins-locl0001"
    wanted = sorted(data if local else (case.source.disk_ids[0], *data))
    known = (case.now.snapshots.get(one) for one in image.snapshot_ids)
    found = sorted(snapshot.disk_id for snapshot in known if snapshot)
    return "" if found == wanted else f"it is of {found}, not of {wanted}"


def _fstab_as_asked(case: Case, operation: Create, image: ImageTruth) -> str:
    kept_out = {"accounts": "attributes/", "selinux-relabel": ".autorelabel"}
    prefixes = tuple(kept_out[one] for one in operation.fixes)
    found = sorted(path for path in image.files if prefixes and path.startswith(prefixes))
    # A backup of the mark has another name, which no relabel looks for.
    wrong = [path for path in found if ".cvmimg-" not in path]
    if wrong:
        return f"{', '.join(wrong)} got into it"
    if not operation.fix_fstab or operation.with_data_disks or operation.data_disks:
        return ""
    lines = [line for line in image.fstab.splitlines() if not line.startswith(b"#")]
    return "" if len(lines) <= 1 else f"its fstab has {len(lines)} lines"


AT_ANY_TIME: tuple[Invariant, ...] = (
    one_image_or_none,
    one_copy_a_region,
    no_instance_too_many,
    held_back,
    tagged_before_changed,
    first_boot_as_asked,
    encrypted_as_asked,
)
"""What has to hold between two processes as well, whatever is still to be done."""

TO_REVERT: tuple[Invariant, ...] = (
    power_as_before,
    fstab_byte_identical,
    file_systems_thawed,
    tag_removed,
    no_orphan_snapshots,
    no_probe_left,
)
"""What nothing may be left of when an operation is closed."""

OF_AN_OPERATION: tuple[Invariant, ...] = (
    *AT_ANY_TIME,
    *TO_REVERT,
    mounts_back,
    one_freeze,
    family_changed_as_a_whole,
    prune_does_what_it_shows,
    exit_code_is_true,
    failed_image_as_asked,
    nothing_forgotten,
    image_as_asked,
)
"""What has to hold of every operation in the end."""

OF_A_LOST_OPERATION: tuple[Invariant, ...] = tuple(
    invariant
    for invariant in OF_AN_OPERATION
    # Another machine restores what the tags show. It does not know what was asked for: its exit
    # code is about that restoration alone, and what was half done stays so.
    if invariant not in (exit_code_is_true, nothing_forgotten, family_changed_as_a_whole)
)
"""What has to hold in the end of an operation whose journal is lost."""


def nothing_in_the_wrong_account(before: Truth, now: Truth) -> str:
    """Nothing of the other account was made, changed or removed."""
    for name in ("instances", "images", "snapshots"):
        was = {k: v for k, v in getattr(before, name).items() if v.account == NEIGHBOUR}
        found = {k: v for k, v in getattr(now, name).items() if v.account == NEIGHBOUR}
        if set(was) != set(found):
            return f"{name} of the other account: {sorted(set(was) ^ set(found))}"
    return ""


def others_untouched(before: Truth, now: Truth, sources: frozenset[str]) -> str:
    """Instances that no operation works on are as they were."""
    for identifier, was in before.instances.items():
        found = now.instances.get(identifier)
        if identifier not in sources and (found is None or found.state != was.state):
            return f"{identifier} is {found.state if found else 'gone'}, was {was.state}"
    return ""


def no_other_images_lost(before: Truth, now: Truth, may_go: frozenset[str]) -> str:
    """Images that nobody asked to delete are still there, and no unknown one was made."""
    gone = set(before.images) - set(now.images) - may_go
    return f"{', '.join(sorted(gone))} is gone" if gone else ""


def no_other_snapshots_lost(before: Truth, now: Truth, may_go: frozenset[str]) -> str:
    """Snapshots that nobody asked to delete are still there."""
    gone = set(before.snapshots) - set(now.snapshots) - may_go
    return f"{', '.join(sorted(gone))} is gone" if gone else ""


def deprecation_as_asked(before: Truth, now: Truth, may_change: frozenset[str]) -> str:
    """Images are deprecated, or no longer, only where that was asked for."""
    changed = {
        image.id
        for image in now.images.values()
        if image.id in before.images and before.images[image.id].deprecated != image.deprecated
    }
    wrong = changed - may_change
    return f"{', '.join(sorted(wrong))} changed" if wrong else ""


def sharing_as_asked(
    before: Truth, now: Truth, may_unshare: frozenset[str], may_share: frozenset[str]
) -> str:
    """Sharing begins and ends only where that was asked for."""
    for image in now.images.values():
        was = before.images.get(image.id)
        shared = was.shared_with if was else frozenset()
        lost = shared - image.shared_with
        new = image.shared_with - shared
        if (new and image.id not in may_share) or (lost and image.id not in may_unshare):
            return f"{image.id} is shared with {sorted(image.shared_with)}"
    return ""


class Story:
    """What happened in a run so far, and which invariants did not hold.

    Args:
        before: what was there before anything happened.
        runs: the operations.
        taken: how snapshots were taken; grows during the run.
        changed_untagged: instances that were changed without the tool's tag; grows as well.

    Attributes:
        meddled: what somebody else has done meanwhile.
        planted: the names of damaged files in the journal.
    """

    def __init__(
        self,
        before: Truth,
        runs: list[OperationRun],
        taken: Mapping[str, Taken],
        changed_untagged: Collection[str],
    ) -> None:
        self._before = before
        self._taken = taken
        self._changed_untagged = changed_untagged
        self._end = before
        self._closed: set[int] = set()
        self.runs = runs
        self.meddled: set[str] = set()
        self.planted: list[str] = []
        self.violations: list[Violation] = []

    def after_process(
        self, run: OperationRun, ending: Ending, now: Truth, *, resumed: bool
    ) -> None:
        """Judge what a process leaves behind of an operation that it worked on."""
        self._judge_process(run, ending, resumed=resumed)
        case = self._case(run, now)
        if not resumed:
            self._add("nothing_changed_after_exit_3", run, nothing_changed_after_exit_3(case))
        for invariant in AT_ANY_TIME:
            self._add(invariant.__name__, run, invariant(case))
        if run.open or run.lost or id(run) in self._closed:
            return
        self._closed.add(id(run))
        for invariant in TO_REVERT:
            wrong = invariant(case)
            if wrong:
                self._add("closed_with_work_left", run, f"{invariant.__name__}: {wrong}")

    def at_the_end(self, now: Truth, unfinished: bool) -> None:
        """Judge what is there when everything has come to rest."""
        self._end = now
        for run in self.runs:
            case = self._case(run, now)
            lost = run.lost and (run.rolled_back or not run.again)
            for invariant in OF_A_LOST_OPERATION if lost else OF_AN_OPERATION:
                self._add(invariant.__name__, run, invariant(case))
            if run.open or unfinished:
                self._add("nothing_left_in_the_journal", run, f"still open: {run.ending.text}")
        self._judge_the_rest(now)

    def after_another_run(self, run: OperationRun, ending: Ending, now: Truth) -> None:
        """Judge that a named operation that has succeeded is not carried out again."""
        was, found = self._end, now
        made = {*found.images, *found.instances, *found.snapshots}
        made ^= {*was.images, *was.instances, *was.snapshots}
        if ending.exit_code != 0 or made:
            detail = f"exit code {ending.exit_code} ({ending.text}{ending.crash}), {sorted(made)}"
            self._add("done_once", run, detail)

    def _judge_the_rest(self, now: Truth) -> None:
        cases = [self._case(run, now) for run in self.runs]
        sources = frozenset(case.source.id for case in cases if case.source)
        if self.meddled & {"somebody-stops", "somebody-starts"}:
            sources |= {"ins-web00001"}
        may_go = frozenset(image for case in cases for image in case.deletable_images)
        if "somebody-deletes-image" in self.meddled:
            may_go = frozenset(self._before.images)
        pruned = [r.operation for r in self.runs if isinstance(r.operation, Prune)]
        snapshots_may_go = frozenset(
            snapshot for image in may_go for snapshot in self._before.images[image].snapshot_ids
        )
        if any(operation.snapshots for operation in pruned):
            snapshots_may_go |= {ORPHAN}
        snapshots_may_go = snapshots_may_go.union(*(case.deletable_snapshots for case in cases))
        may_deprecate = frozenset(image for case in cases for image in case.deprecatable_images)
        may_unshare = frozenset(
            image
            for run in self.runs
            if isinstance(run.operation, Delete) and run.operation.unshare
            for image in run.operation.images
        )
        changed = [run.operation for run in self.runs if isinstance(run.operation, Share)]
        may_unshare |= {operation.image for operation in changed if operation.undo}
        may_share = frozenset(operation.image for operation in changed if not operation.undo)
        sharing = [case for case in cases if getattr(case.run.operation, "share", False)]
        may_share |= {image.id for case in sharing for image in case.images}
        wrong = {
            "sharing_as_asked": sharing_as_asked(self._before, now, may_unshare, may_share),
            "nothing_in_the_wrong_account": nothing_in_the_wrong_account(self._before, now),
            "others_untouched": others_untouched(self._before, now, sources),
            "no_other_images_lost": no_other_images_lost(self._before, now, may_go),
            "no_other_snapshots_lost": no_other_snapshots_lost(self._before, now, snapshots_may_go),
            "deprecation_as_asked": deprecation_as_asked(self._before, now, may_deprecate),
        }
        for name, detail in wrong.items():
            self._add(name, self.runs[0], detail)

    def _judge_process(self, run: OperationRun, ending: Ending, *, resumed: bool) -> None:
        """What a process says of itself has to make sense, and it has to end in time."""
        timeout = RESUME_SECONDS if resumed else getattr(run.operation, "timeout", LONG)
        if ending.crash:
            self._add("no_crash", run, ending.crash)
        if ending.exit_code not in (None, *EXIT_CODES):
            self._add("exit_code_of_the_contract", run, str(ending.exit_code))
        if ending.seconds > timeout + _GRACE_SECONDS:
            self._add("ends_in_time", run, f"{ending.seconds:.0f} s, timeout {timeout:.0f} s")
        alone = not run.lost and (not resumed or len(self.runs) == 1)
        if run.open and ending.exit_code and alone and not any(i in ending.text for i in run.ids):
            self._add("unfinished_is_named", run, ending.text)
        if not resumed and any(name in ending.text for name in self.planted):
            self._add("damaged_file_is_stepped_over", run, ending.text)

    def _case(self, run: OperationRun, now: Truth) -> Case:
        meddled, untagged = frozenset(self.meddled), frozenset(self._changed_untagged)
        return Case(run, self._before, now, self._taken, meddled, untagged)

    def _add(self, invariant: str, run: OperationRun, detail: str) -> None:
        known = {(one.invariant, one.kind) for one in self.violations}
        if not detail or (invariant, run.kind) in known:
            return
        closed = [v for v in self.violations if v.invariant == "closed_with_work_left"]
        if any(v.kind == run.kind and v.detail.startswith(f"{invariant}:") for v in closed):
            return
        self.violations.append(Violation(invariant, run.kind, detail))
