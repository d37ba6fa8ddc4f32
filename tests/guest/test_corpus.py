"""The corpus: real-world situations, each with the assessment of every line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvmimg.cli.messages import text
from cvmimg.guest.fstab.assessment import Assessment, assess
from cvmimg.guest.fstab.lines import parse
from tests.guest import machines

CORPUS = Path(__file__).parent / "corpus"
MACHINES = yaml.safe_load((CORPUS / "machines.yaml").read_text())
SITUATIONS = [
    pytest.param(situation, id=f"{path.stem}: {situation['name']}")
    for path in sorted(CORPUS.glob("*.yaml"))
    if path.stem != "machines"
    for situation in yaml.safe_load(path.read_text())
]


def assessed(situation: dict[str, Any]) -> tuple[bytes, list[Assessment]]:
    machine = MACHINES[situation["machine"]]
    fstab = re.sub(r"\{(\d+)\*(.)\}", lambda m: m[2] * int(m[1]), situation["fstab"])
    facts = machines.build(machine, fstab.encode())
    return fstab.encode(), assess(facts, machines.cloud_disks(machine["cloud"]))


def summary(assessment: Assessment) -> str:
    """The level and the codes, as the corpus writes them."""
    messages = filter(None, [assessment.finding.why, assessment.finding.mitigation])
    codes = (message.code.removeprefix("fstab.") for message in messages)
    return " ".join([assessment.level.value, *codes])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_line_is_assessed_as_expected(situation: dict[str, Any]) -> None:
    fstab, assessments = assessed(situation)
    lines = {each.line: each for each in assessments if each.line}
    others = [each for each in assessments if not each.line]
    asked = {line.number for line in parse(fstab) if line.entry or line.problem}
    assert asked == set(situation["expect"]), "the corpus names every line that defines something"
    for number, each in lines.items():
        assert summary(each) == situation["expect"].get(number, "pass no-entry"), each
    assert [summary(each) for each in others] == situation.get("others", [])


@pytest.mark.parametrize("situation", SITUATIONS)
def test_devices_and_disks_are_named(situation: dict[str, Any]) -> None:
    _, assessments = assessed(situation)
    lines = {each.line: each for each in assessments}
    for number, device in situation.get("device", {}).items():
        assert lines[number].finding.devices == (device.removeprefix("/dev/").replace("/", "!"),)
    for number, disks in situation.get("disks", {}).items():
        assert ", ".join(map(text, lines[number].finding.disks)) == disks
    assert situation["why"]


def test_the_corpus_is_large() -> None:
    assert len(SITUATIONS) >= 60


def test_a_line_is_shown_with_its_device_and_cloud_disk() -> None:
    machine = MACHINES["one-disk"]
    facts = machines.build(machine, b"# x\nUUID=9d9d-data  /data\text4 defaults 0 2\n")
    assessment = assess(facts, machines.cloud_disks(machine["cloud"]))[1]
    assert text(assessment.described()) == (
        "line 2: UUID=9d9d-data /data ext4 → /dev/vdb1 → disk-data0001 (200 GiB):"
        " is on a data disk missing from new instances"
    )
