"""Line by line: does a new instance, which lacks the data disks, boot with this fstab?

A pure function of what was seen inside (``facts.py``) and of what the cloud has attached.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cvmimg.guest.facts import CRYPTTAB, GuestFacts
from cvmimg.guest.fstab.devices import CloudDisk, Devices
from cvmimg.guest.fstab.lines import Entry, Line, parse
from cvmimg.guest.fstab.rules import Finding, Level, Rules
from cvmimg.guest.fstab.units import Unit, read_units
from cvmimg.guest.text import shown


@dataclass(frozen=True)
class Verdict:
    """What is said of one line of fstab, or of one unit.

    Attributes:
        where: "line 7", or the path of the unit's file.
        text: what is written there, fit to be shown.
        level: whether an image with it boots.
        why: the reason, in one clause.
        devices: paths of the devices that it names, such as "/dev/vdb1".
        disks: the disks under them, with id and size where they are known.
        line: the line's number; 0 for units.
        unit: the unit's path; empty for lines.
    """

    where: str
    text: str
    level: Level
    why: str
    devices: tuple[str, ...] = ()
    disks: tuple[str, ...] = ()
    line: int = 0
    unit: str = ""

    def __str__(self) -> str:
        resolved = [", ".join(self.devices), ", ".join(self.disks)]
        return " → ".join([f"{self.where}: {self.text}", *filter(None, resolved)])


def judge(facts: GuestFacts, cloud_disks: Iterable[CloudDisk]) -> list[Verdict]:
    """Judge every line of fstab, and every unit and crypttab line that mounts or needs a disk.

    Args:
        facts: what was seen inside the instance.
        cloud_disks: the instance's disks, and which of them the image will hold.

    Returns:
        One verdict for each line of the file in order, comments too; then the units; then those
        lines of crypttab that are worth a word.
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


def _of_line(line: Line, facts: GuestFacts, rules: Rules) -> Verdict:
    where = f"line {line.number}"
    text = _entry_text(line.entry) if line.entry else shown(line.raw)
    finding = _line_finding(line, facts, rules)
    return _verdict(where, text, finding, line=line.number)


def _line_finding(line: Line, facts: GuestFacts, rules: Rules) -> Finding:
    if line.problem:
        return Finding(Level.FAIL, f"cannot be read: {line.problem}")
    if line.entry is None:
        return Finding(Level.PASS, "no entry")
    if facts.kernel not in ("", "Linux"):
        return Finding(Level.FAIL, f"cannot be read: the fstab of {shown(facts.kernel)}, not Linux")
    finding = rules.judge(line.entry)
    if line.flaw and finding.level is Level.PASS:
        return replace(finding, level=Level.WARN, why=line.flaw)
    return finding


def _of_unit(unit: Unit, rules: Rules) -> Verdict:
    path = unit.file.path
    if unit.entry is None:
        return Verdict(shown(path), unit.file.name, Level.PASS, "names no source", unit=path)
    finding = rules.judge(unit.entry)
    if finding.level is Level.FAIL and unit.file.name.endswith(".automount"):
        finding = finding.softened("mounted only when its path is used")
    elif finding.level is Level.FAIL and not unit.required:
        finding = finding.softened("nothing starts it at boot")
    return _verdict(shown(path), _entry_text(unit.entry), finding, unit=path)


def _of_crypttab(facts: GuestFacts, rules: Rules) -> Iterable[Verdict]:
    for line in facts.crypttab.decode("utf-8", "surrogateescape").split("\n"):
        fields = line.split()
        if len(fields) < 2 or fields[0].startswith("#"):
            continue
        options = fields[3].split(",") if len(fields) > 3 else []
        finding = rules.of_device(fields[1])
        if finding.on_data and not {"nofail", "noauto"} & set(options):
            finding = finding.softened("the boot waits 90 s for it, then goes on")
            yield _verdict(CRYPTTAB, shown(line), finding)


def _verdict(where: str, text: str, finding: Finding, *, line: int = 0, unit: str = "") -> Verdict:
    devices = tuple(f"/dev/{name.replace('!', '/')}" for name in finding.devices)
    return Verdict(
        where,
        text,
        finding.level,
        finding.why,
        tuple(shown(device) for device in devices),
        tuple(shown(disk) for disk in finding.disks),
        line,
        unit,
    )


def _entry_text(entry: Entry) -> str:
    return " ".join(shown(field) for field in (entry.source, entry.target, entry.fs_type))


def worst(verdicts: Sequence[Verdict]) -> Level:
    """The worst level among ``verdicts``."""
    levels = {verdict.level for verdict in verdicts}
    return next((level for level in (Level.FAIL, Level.WARN) if level in levels), Level.PASS)
