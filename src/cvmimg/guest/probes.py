"""Query a running guest: whether it has booted, its identity, and whether its services respond."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from cvmimg.guest.access import GuestAccess
from cvmimg.guest.answer import run_script, text_of
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab.lines import Entry, parse
from cvmimg.guest.packing import encode
from cvmimg.guest.script import load
from cvmimg.guest.text import shown
from cvmimg.message import Message

_STARTING = ("", "initializing", "starting")
_COMMAND_SECONDS = 600


@dataclass(frozen=True)
class BootState:
    """How far a guest has booted.

    Attributes:
        systemd: as ``systemctl is-system-running`` prints it; "none" without systemd.
        failed_units: the names of failed units.
        cloud_init: "done", "errors", "unfinished", "disabled" or "missing".
    """

    systemd: str
    failed_units: tuple[str, ...]
    cloud_init: str

    @property
    def is_finished(self) -> bool:
        """Whether everything was started, or failed to start."""
        return self.systemd not in _STARTING


@dataclass(frozen=True)
class Identity:
    """Who a guest is, as salted digests; empty where the guest does not have it."""

    machine_id: frozenset[str]
    host_keys: frozenset[str]
    hostname: frozenset[str]

    def shared_with(self, other: Identity) -> list[str]:
        """Return what both have in common: "machine-id", "host-keys", "hostname"."""
        pairs = {
            "machine-id": self.machine_id & other.machine_id,
            "host-keys": self.host_keys & other.host_keys,
            "hostname": self.hostname & other.hostname,
        }
        return [name for name, common in pairs.items() if common]


def read_boot_state(access: GuestAccess) -> BootState:
    """Ask how far the boot is.

    Raises:
        TaskFailed: the script failed.
        GuestUnreachable: the guest could not be queried.
    """
    answer = run_script(access, load("boot_state"), {})
    return BootState(
        shown(answer.get("systemd", b"").strip()),
        tuple(shown(unit) for unit in answer.get("failed", b"").split()),
        shown(answer.get("cloud-init", b"")),
    )


def read_identity(access: GuestAccess, salt: str) -> Identity:
    """Ask for the digests of machine id, SSH host keys and host name.

    Args:
        access: runs scripts in the guest.
        salt: of the digests: lower-case letters, digits and hyphens. Only digests of one salt can
            be compared.

    Raises:
        TaskFailed: the script failed.
        GuestUnreachable: the guest could not be queried.
    """
    answer = run_script(access, load("identity"), {"salt": salt})
    return Identity(
        *(
            frozenset(text_of(answer, key).split())
            for key in ("machine-id", "host-keys", "hostname")
        )
    )


def command_status(access: GuestAccess, command: str) -> int:
    """Run a shell command as root and return its exit status; its output is discarded.

    Raises:
        TaskFailed: the script failed.
        GuestUnreachable: it did not end in time, or the guest could not be queried.
    """
    parameters = {"command": encode(command)}
    answer = run_script(access, load("run_command"), parameters, timeout_seconds=_COMMAND_SECONDS)
    try:
        return int(answer["status"])
    except (KeyError, ValueError) as error:
        raise GuestUnreachable(Message("GuestAnswerMalformed"), Reason.GARBLED) from error


def http_status(access: GuestAccess, port: int, path: str) -> str:
    """Return the HTTP status of a page that the guest serves to itself.

    Returns:
        Such as "200"; "000" where nothing answers, and "no-client" without curl and wget.

    Raises:
        TaskFailed: the script failed.
        GuestUnreachable: the guest could not be queried.
    """
    answer = run_script(access, load("http_get"), {"port": str(port), "path": encode(path)})
    return shown(answer.get("status", b"")) or "000"


def unmounted(facts: GuestFacts) -> tuple[list[str], list[str]]:
    """Return what /etc/fstab defines and is not mounted: required, and with ``nofail``."""
    mounted = {posixpath.normpath(mount.target) for mount in facts.mounts}
    entries = [line.entry for line in parse(facts.fstab or b"") if line.entry]
    wanted = [entry for entry in entries if not entry.has("noauto", "auto")]
    swaps = [entry for entry in wanted if entry.is_swap]
    missing = [
        entry
        for entry in wanted
        if not entry.is_swap and facts.real_path(entry.target) not in mounted
    ]
    if len(facts.swaps) < len(swaps):
        missing += swaps
    required = [_name(entry) for entry in missing if not entry.has("nofail", "fail")]
    optional = [_name(entry) for entry in missing if entry.has("nofail", "fail")]
    return required, optional


def _name(entry: Entry) -> str:
    return shown(entry.source if entry.is_swap else entry.target)
