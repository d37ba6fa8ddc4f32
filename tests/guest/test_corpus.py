"""The corpus: real-world situations, each with the verdict of every line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvmimg.guest.fstab.lines import parse
from cvmimg.guest.fstab.verdict import Verdict, judge
from tests.guest import machines

CORPUS = Path(__file__).parent / "corpus"
MACHINES = yaml.safe_load((CORPUS / "machines.yaml").read_text())
SITUATIONS = [
    pytest.param(situation, id=f"{path.stem}: {situation['name']}")
    for path in sorted(CORPUS.glob("*.yaml"))
    if path.stem != "machines"
    for situation in yaml.safe_load(path.read_text())
]


def judged(situation: dict[str, Any]) -> tuple[bytes, list[Verdict]]:
    machine = MACHINES[situation["machine"]]
    text = re.sub(r"\{(\d+)\*(.)\}", lambda m: m[2] * int(m[1]), situation["fstab"])
    facts = machines.build(machine, text.encode())
    return text.encode(), judge(facts, machines.cloud_disks(machine["cloud"]))


def agrees(verdict: Verdict, expected: str) -> bool:
    level, _, words = expected.partition(" ")
    return verdict.level.value == level and words in verdict.why


@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_line_gets_its_verdict(situation: dict[str, Any]) -> None:
    fstab, verdicts = judged(situation)
    lines = {verdict.line: verdict for verdict in verdicts if verdict.line}
    others = [verdict for verdict in verdicts if not verdict.line]
    asked = {line.number for line in parse(fstab) if line.entry or line.problem}
    assert asked == set(situation["expect"]), "the corpus names every line that asks for something"
    for number, verdict in lines.items():
        expected = situation["expect"].get(number, "pass no entry")
        assert agrees(verdict, expected), f"{verdict} is {verdict.level.value}: {verdict.why}"
    expected_others = situation.get("others", [])
    assert len(others) == len(expected_others)
    for verdict, expected in zip(others, expected_others, strict=True):
        assert agrees(verdict, expected), f"{verdict} is {verdict.level.value}: {verdict.why}"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_devices_and_disks_are_named(situation: dict[str, Any]) -> None:
    _, verdicts = judged(situation)
    lines = {verdict.line: verdict for verdict in verdicts}
    for number, device in situation.get("device", {}).items():
        assert lines[number].devices == (device,)
    for number, disks in situation.get("disks", {}).items():
        assert ", ".join(lines[number].disks) == disks
    assert situation["why"]


def test_the_corpus_is_large() -> None:
    assert len(SITUATIONS) >= 60


def test_a_line_is_shown_with_its_device_and_cloud_disk() -> None:
    machine = MACHINES["one-disk"]
    facts = machines.build(machine, b"# x\nUUID=9d9d-data  /data\text4 defaults 0 2\n")
    verdict = judge(facts, machines.cloud_disks(machine["cloud"]))[1]
    assert str(verdict) == (
        "line 2: UUID=9d9d-data /data ext4 → /dev/vdb1 → disk-data0001 (200 GiB)"
    )
