"""What the user asks of ``create``, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cvmimg.checks.facts import CheckRequest, Power
from cvmimg.cloud.create_image_request import create_image_request
from cvmimg.cloud.ids import DISK_ID, SNAPSHOT_ID, is_id
from cvmimg.cloud.limits import DESCRIPTION_LENGTH, NAME_LENGTH
from cvmimg.cloud.own_tags import FAMILY_TAG, OPERATION_TAG, SOURCE_TAG
from cvmimg.command_line import CommandLine
from cvmimg.durable.named import fingerprint
from cvmimg.durable.operation import Intent
from cvmimg.errors import UsageError
from cvmimg.guest.access import AccessMethod
from cvmimg.message import Message


@dataclass(frozen=True)
class CreateRequest:
    """An image that is wanted.

    Attributes:
        name: 1 to 60 characters, unused in the region.
        instance_id: the source; or empty when ``snapshot_ids`` are given.
        snapshot_ids: make it from these; one has to be of a system disk.
        description: up to 256 characters.
        family: the image's family.
        promote: the image serves its family as soon as it is ready; else it gets its family only
            when it is promoted.
        tags: the user's own tags.
        stop: shut the instance down if it runs.
        force_stop: the same, but force power-off if the graceful shutdown fails.
        online: refuse rather than shut it down.
        restart: start it again afterwards, if it ran before.
        with_data_disks: put all data disks into the image.
        data_disk_ids: put these data disks into it.
        sysprep: generalize a Windows image.
        fix_fstab: comment out the fstab lines that keep new instances from booting; restore
            them afterwards.
        require_tag: refuse to change the instance temporarily if it cannot be tagged.
        fixes: ids of checks whose findings are kept out of the image in the same way.
        replace_oldest: where the region is full, delete the oldest unused image of these first:
            ``family:NAME`` or a glob of names; empty to refuse instead.
        verify: launch an instance from the image once it is ready, and only let it serve its family
            if that passes its probes.
        skip_probes: ids of probes to skip.
        delete_on_failure: delete an image that fails them.
        copy_to: regions to copy the image to once it is ready.
        share_with: accounts to share it with then.
        keep: once the image is ready, delete unused images of its family, or without a family of
            its source instance, but for this many of the newest; None to delete none.
        skip_checks: ids and groups of checks to skip.
        fail_on: "warn" to refuse where a check warns, too.
        own_tags: tag the image with its operation and its source instance.
        operation_id: the user's name of the operation; empty for a new one.
        take_over: an earlier run of this operation, on a machine whose journal is lost, is over.
        dry_run: only check.
        wait: wait until the image can be used.
        timeout_seconds: how long to wait in all.
    """

    name: str
    instance_id: str = ""
    snapshot_ids: tuple[str, ...] = ()
    description: str = ""
    family: str = ""
    promote: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)
    stop: bool = False
    force_stop: bool = False
    online: bool = False
    restart: bool = True
    with_data_disks: bool = False
    data_disk_ids: tuple[str, ...] = ()
    sysprep: bool = False
    fix_fstab: bool = False
    fixes: tuple[str, ...] = ()
    require_tag: bool = False
    replace_oldest: str = ""
    verify: bool = False
    skip_probes: tuple[str, ...] = ()
    delete_on_failure: bool = False
    copy_to: tuple[str, ...] = ()
    share_with: tuple[str, ...] = ()
    keep: int | None = None
    skip_checks: tuple[str, ...] = ()
    fail_on: Literal["warn", "fail"] = "fail"
    own_tags: bool = True
    operation_id: str = ""
    take_over: bool = False
    dry_run: bool = False
    wait: bool = True
    timeout_seconds: float = 7200.0

    def require_valid(self) -> None:
        """Refuse a request that is invalid in itself, whatever the cloud says.

        Raises:
            UsageError: the message names the option.
        """
        _require_lengths(self)
        _require_ids(self)
        _require_compatible(self)

    @property
    def fingerprint(self) -> str:
        """A digest of what makes another request of the same name a different one."""
        without = ("operation_id", "take_over", "wait", "timeout_seconds", "require_tag")
        return fingerprint(self, without=without)

    @property
    def intent(self) -> Intent:
        """What has to be prepared for it."""
        return Intent(
            instance_ids=(self.instance_id,) if self.instance_id else (),
            operation_id=self.operation_id,
            fingerprint=self.fingerprint if self.operation_id else "",
        )

    @property
    def power(self) -> Power:
        """Whether the instance may be shut down."""
        if self.stop or self.force_stop:
            return "stop"
        return "online" if self.online else "auto"

    @property
    def fixed_checks(self) -> set[str]:
        """The ids of the checks whose findings are kept out of the image."""
        fixed = {"fstab"} if self.fix_fstab else set()
        return fixed.union(self.fixes).difference(self.skip_checks)

    def check_request(
        self, operation_id: str, access: AccessMethod, command_line: CommandLine
    ) -> CheckRequest:
        """Return what the checks need to know of the request."""
        return CheckRequest(
            instance_id=self.instance_id,
            name=self.name,
            snapshot_ids=self.snapshot_ids,
            power=self.power,
            data_disk_ids=self.data_disk_ids,
            with_data_disks=self.with_data_disks,
            description=self.description,
            family=self._served_family,
            sysprep=self.sysprep,
            tags=self._first_tags(operation_id),
            access=access,
            published=bool(self.share_with),
            command_line=command_line,
        )

    def api_request(self, operation_id: str, data_disk_ids: tuple[str, ...]) -> dict[str, Any]:
        """Return CreateImage's parameters."""
        return create_image_request(
            self.name,
            instance_id=self.instance_id,
            snapshot_ids=self.snapshot_ids,
            data_disk_ids=data_disk_ids,
            description=self.description,
            family=self._served_family,
            sysprep=self.sysprep,
            tags=self._first_tags(operation_id),
        )

    @property
    def _served_family(self) -> str:
        # An image that was deprecated once it is ready would serve its family for a moment.
        return self.family if self.promote and not self.verify else ""

    def _first_tags(self, operation_id: str) -> dict[str, str]:
        """Return the tags that CreateImage is asked for."""
        waits = self.verify and self.family and self.own_tags
        family = {FAMILY_TAG: self.family} if waits else {}
        return {**self.all_tags(operation_id), **family}

    def all_tags(self, operation_id: str) -> dict[str, str]:
        """Return the user's tags with the tool's own."""
        own: dict[str, str] = {}
        if self.own_tags:
            own[OPERATION_TAG] = operation_id
            if self.instance_id:
                own[SOURCE_TAG] = self.instance_id
            if not self.promote:
                own[FAMILY_TAG] = self.family
        return {**self.tags, **own}


def _require_lengths(request: CreateRequest) -> None:
    if not request.name:
        raise UsageError(Message("ImageNameMissing"))
    limits = [
        ("--name", request.name, NAME_LENGTH),
        ("--description", request.description, DESCRIPTION_LENGTH),
    ]
    for option, text, most in limits:
        if len(text) > most:
            raise UsageError(Message("TextTooLong", option=option, length=len(text), most=most))
    if request.timeout_seconds <= 0:
        raise UsageError(Message("TimeoutTooShort"))
    for key in request.tags:
        if key in (OPERATION_TAG, SOURCE_TAG):
            raise UsageError(Message("TagKeyReserved", key=key))


def _require_ids(request: CreateRequest) -> None:
    if bool(request.instance_id) == bool(request.snapshot_ids):
        code = "SourceTwice" if request.instance_id else "SourceMissing"
        raise UsageError(Message(code))
    named = [
        ("--snapshot", SNAPSHOT_ID, request.snapshot_ids),
        ("--data-disk", DISK_ID, request.data_disk_ids),
    ]
    for option, pattern, values in named:
        for value in values:
            if not is_id(pattern, value):
                raise UsageError(
                    Message("IdInvalid", option=option, value=value, pattern=str(pattern))
                )


def _require_compatible(request: CreateRequest) -> None:
    if not request.promote and not (request.family and request.own_tags):
        raise UsageError(Message("NoPromoteWithoutFamily"))
    if (request.copy_to or request.share_with) and not request.wait:
        option = "--copy-to" if request.copy_to else "--share-with"
        raise UsageError(Message("PublishedWithoutWait", option=option))
    if request.verify and not request.wait:
        raise UsageError(Message("VerifyWithoutWait"))
    if not request.verify and (request.delete_on_failure or request.skip_probes):
        option = "--delete-on-failure" if request.delete_on_failure else "--skip-probe"
        raise UsageError(Message("OptionNeeds", option=option, other="--verify"))
    if request.keep is not None:
        _require_countable(request)
    stops = "--stop" if request.stop else "--force-stop" if request.force_stop else ""
    conflicts: list[tuple[object, Message]] = [
        (stops and request.online, Message("StopWithOnline", option=stops)),
        (
            request.snapshot_ids
            and (stops or request.online or request.fixed_checks or request.sysprep),
            Message("SnapshotsWithoutInstance"),
        ),
        (
            request.snapshot_ids and (request.data_disk_ids or request.with_data_disks),
            Message("SnapshotsWithDataDisks"),
        ),
        (
            request.take_over and not request.operation_id,
            Message("OptionNeeds", option="--take-over", other="--operation-id"),
        ),
        (
            request.with_data_disks and request.data_disk_ids,
            Message("AllAndSomeDataDisks"),
        ),
        (
            request.fixed_checks and not request.restart,
            Message("FixWithoutRestart"),
        ),
    ]
    for conflict, message in conflicts:
        if conflict:
            raise UsageError(message)


def _require_countable(request: CreateRequest) -> None:
    """Refuse ``keep`` if it is not known which images the new one is counted with."""
    if not request.wait:
        raise UsageError(Message("KeepWithoutWait"))
    if not request.promote:
        raise UsageError(Message("KeepWithoutPromotion"))
    if not request.family and not (request.instance_id and request.own_tags):
        raise UsageError(Message("KeepWithoutGroup"))
