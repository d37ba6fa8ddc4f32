"""Assess an fstab line by line: does a new instance, which lacks the data disks, boot with it?

A pure function of what was read from the guest (``facts.py``) and of the attached cloud disks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cvmimg.guest.facts import CRYPTTAB, GuestFacts
from cvmimg.guest.fstab.devices import CloudDisk, Devices
from cvmimg.guest.fstab.lines import Entry, Line, parse
from cvmimg.guest.fstab.rules import Finding, Level, Rules
from cvmimg.guest.fstab.units import Unit, read_units
from cvmimg.guest.text import decoded, shown
from cvmimg.message import Message


@dataclass(frozen=True)
class Assessment:
    """The result for one line of fstab, one systemd unit, or one line of crypttab.

    Attributes:
        text: what is written there, escaped.
        finding: whether an image with it boots, and why.
        line: the number of the line of fstab; 0 for anything else.
        path: of the file, escaped.
        unit: the path of the unit; empty for lines.
    """

    text: str
    finding: Finding
    line: int = 0
    path: str = "/etc/fstab"
    unit: str = ""

    @property
    def level(self) -> Level:
        """Whether an image with it boots."""
        return self.finding.level

    @property
    def where(self) -> Message:
        """The place of the entry: a line of fstab, or a file."""
        if self.line:
            return Message("fstab.line", number=self.line)
        return Message("fstab.file-path", path=self.path)

    def described(self) -> Message:
        """Return the entry, its devices and disks, and the reason."""
        found = self.finding
        devices = [shown(f"/dev/{name.replace('!', '/')}") for name in found.devices]
        chain = [self.text, devices, list(found.disks)]
        entry = Message("fstab.entry", where=self.where, chain=list(filter(None, chain)))
        if found.mitigation is None:
            return Message("fstab.assessment", entry=entry, why=found.why)
        return Message(
            "fstab.mitigated-assessment", entry=entry, why=found.why, mitigation=found.mitigation
        )


def assess(facts: GuestFacts, cloud_disks: Iterable[CloudDisk]) -> list[Assessment]:
    """Assess every line of fstab, and every unit and crypttab line that mounts or needs a disk.

    Args:
        facts: what was read from the guest.
        cloud_disks: the instance's disks, and which of them the image will include.

    Returns:
        One assessment for each line of the file in order, comments too; then the units; then
        those lines of crypttab that deserve a warning.
    """
    disks = tuple(cloud_disks)
    lines = parse(facts.fstab or b"")
    units = read_units(facts)
    entries = [line.entry for line in lines if line.entry]
    entries += [unit.entry for unit in units if unit.entry]
    rules = Rules(facts, Devices(facts, disks), disks, entries)
    return [
        *(_of_line(line, facts, rules) for line in lines),
        *(_of_unit(unit, rules) for unit in units),
        *_of_crypttab(facts, rules),
    ]


def _of_line(line: Line, facts: GuestFacts, rules: Rules) -> Assessment:
    text = _entry_text(line.entry) if line.entry else shown(line.raw)
    return Assessment(text, _line_finding(line, facts, rules), line=line.number)


def _line_finding(line: Line, facts: GuestFacts, rules: Rules) -> Finding:
    if line.problem:
        return Finding(Level.FAIL, line.problem)
    if line.entry is None:
        return Finding(Level.PASS, Message("fstab.no-entry"))
    if facts.kernel not in ("", "Linux"):
        return Finding(Level.FAIL, Message("fstab.not-linux", kernel=shown(facts.kernel)))
    finding = rules.assess(line.entry)
    if line.flaw and finding.level is Level.PASS:
        return replace(finding, level=Level.WARN, why=line.flaw)
    return finding


def _of_unit(unit: Unit, rules: Rules) -> Assessment:
    path = unit.file.path
    if unit.entry is None:
        no_source = Finding(Level.PASS, Message("fstab.no-source"))
        return Assessment(unit.file.name, no_source, path=shown(path), unit=path)
    finding = rules.assess(unit.entry)
    if finding.level is Level.FAIL and unit.file.name.endswith(".automount"):
        finding = finding.mitigated("fstab.automount-unit")
    elif finding.level is Level.FAIL and not unit.required:
        finding = finding.mitigated("fstab.not-started")
    return Assessment(_entry_text(unit.entry), finding, path=shown(path), unit=path)


def _of_crypttab(facts: GuestFacts, rules: Rules) -> Iterable[Assessment]:
    """Assess the lines of crypttab as those of fstab; yield those that deserve a warning."""
    for line in decoded(facts.crypttab).split("\n"):
        fields = line.split()
        if len(fields) < 2 or fields[0].startswith("#"):
            continue
        key, options = [*fields[2:], "", ""][:2]
        finding = _crypt_finding(fields[1], key, tuple(options.split(",")), rules)
        if finding.level is not Level.PASS:
            yield Assessment(shown(line), finding, path=CRYPTTAB)


def _crypt_finding(source: str, key: str, options: tuple[str, ...], rules: Rules) -> Finding:
    """Assess a device of crypttab, then its key; neither keeps a system from booting forever."""
    entry = Entry(source, "none", "crypto_LUKS", options)
    finding = rules.assess(entry)
    if finding.level is Level.FAIL:
        return finding.mitigated("fstab.crypttab-timeout")
    if entry.may_be_missing:
        return Finding(Level.PASS, Message("fstab.nofail"))
    path, _, device = key.partition(":")
    if device or (path.startswith("/") and not path.startswith("/dev/")):
        found = rules.assess(Entry(device or path, "none", "key", options))
        if found.on_data:
            return found.mitigated("fstab.crypttab-key")
    return finding


def _entry_text(entry: Entry) -> str:
    return " ".join(shown(field) for field in (entry.source, entry.target, entry.fs_type))


def worst(assessments: Sequence[Assessment]) -> Level:
    """Return the most severe level among ``assessments``."""
    levels = {assessment.level for assessment in assessments}
    return next((level for level in (Level.FAIL, Level.WARN) if level in levels), Level.PASS)
