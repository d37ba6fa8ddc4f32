"""What holds for any file whatever."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cvmimg.cli.messages import text as words
from cvmimg.errors import PreconditionFailed
from cvmimg.guest.facts import GuestFacts, parse_facts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.assessment import assess
from cvmimg.guest.fstab.lines import MARK, comment_out, parse
from cvmimg.guest.fstab.rules import Level
from cvmimg.guest.packing import Garbled
from cvmimg.guest.read import read_guest
from cvmimg.guest.text import shown
from tests.guest import machines, rootfs
from tests.guest.rootfs import ShellAccess
from tests.guest.test_corpus import MACHINES

pytestmark = pytest.mark.system

FIELDS = st.sampled_from(
    [
        b"UUID=9d9d-data", b"UUID=4c1e7bd2-root", b"/dev/vdb1", b"LABEL=x", b"/data/www", b"tmpfs",
        b"nas:/x", b"/data", b"/srv", b"/", b"none", b"ext4", b"swap", b"nfs", b"overlay",
        b"defaults", b"bind", b"nofail", b"bind,nofail", b"x-systemd.requires=/data", b"0", b"2",
        b"lowerdir=/data:/srv", b"#", b"\\040", b"\r", b"\0", b"\xff", b"", b"$(id)",
    ]
)  # fmt: skip
LINES = st.lists(FIELDS, max_size=7).map(b" ".join) | st.binary(max_size=40)
FILES = st.lists(LINES, max_size=12).map(b"\n".join)


@given(st.binary() | FILES)
def test_parsing_never_fails_and_loses_no_byte(content: bytes) -> None:
    assert b"\n".join(line.raw for line in parse(content)) == content


@given(FILES, st.sampled_from(["one-disk", "one-disk-in-image", "copy", "lvm", "units"]))
def test_assessing_never_fails_and_assesses_every_line(content: bytes, name: str) -> None:
    machine = MACHINES[name]
    facts = machines.build(machine, content)
    assessments = assess(facts, machines.cloud_disks(machine["cloud"]))
    assert [v.line for v in assessments if v.line] == list(range(1, content.count(b"\n") + 2))
    assert all(words(each.described()).isprintable() for each in assessments)


@given(FILES, st.sets(st.integers(1, 12)))
def test_commenting_out_changes_those_lines_alone(content: bytes, numbers: set[int]) -> None:
    lines = content.split(b"\n")
    changed = comment_out(content, frozenset(numbers)).split(b"\n")
    for number, (before, after) in enumerate(zip(lines, changed, strict=True), 1):
        assert after == (MARK + before if number in numbers else before)


@given(FILES)
def test_the_fix_comments_out_what_failed_and_leaves_nothing_that_fails(content: bytes) -> None:
    machine = MACHINES["one-disk"]
    disks = machines.cloud_disks(machine["cloud"])
    facts = machines.build(machine, content)
    assessments = assess(facts, disks)
    try:
        plan = fix.plan_fix(facts, assessments, "op-1")
    except PreconditionFailed:
        return  # a line of the system itself failed
    failing = {v.line for v in assessments if v.level is Level.FAIL}
    assert set(plan.lines if plan else ()) == failing
    facts.fstab = comment_out(content, frozenset(failing))
    assert all(v.level is not Level.FAIL for v in assess(facts, disks))
    assert plan is None or TypeAdapter(fix.FixPlan).validate_python(asdict(plan)) == plan


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(content=b"UUID=9d9d-data \0 ext4")
@given(content=FILES)
def test_the_scripts_write_and_restore_any_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    root = rootfs.make(tmp_path_factory.mktemp("guest"), content)
    access = ShellAccess(root)
    facts = read_guest(access)
    assert isinstance(facts, GuestFacts)
    assert facts.fstab == content
    numbers = tuple(range(1, content.count(b"\n") + 2, 2))
    if content.endswith(b"\n") or not content:
        numbers = tuple(number for number in numbers if number <= content.count(b"\n"))
    if not numbers:
        return
    plan = fix.FixPlan("op-1", numbers, _sha256(content), _sha256(_out(content, numbers)))
    fix.apply_fix(access, plan)
    assert (root / "etc/fstab").read_bytes() == _out(content, numbers)
    assert fix.restore(access, plan).state == "restored"
    assert (root / "etc/fstab").read_bytes() == content


def _out(content: bytes, numbers: tuple[int, ...]) -> bytes:
    return comment_out(content, frozenset(numbers))


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


TRIPLES = st.lists(
    st.tuples(
        st.sampled_from(
            [b"device:number", b"device:member", b"device:parent", b"file:plain", b"file:udev",
             b"file:unit", b"file:blkid", b"link:dev", b"link:path", b"link:pulled", b"x"]
        ),
        st.sampled_from([b"/etc/fstab", b"vda", b"", b"/proc/self/mountinfo", b"\xff", b"254:0"]),
        st.sampled_from([b"", b"base64:", b"base64:AAAA", b"hex:00ff", b"hex:0", b"vda", b"\xff"]),
    )
)  # fmt: skip


@given(st.binary() | TRIPLES.map(lambda ts: b"".join(b"\0".join(t) + b"\0" for t in ts)))
def test_an_answer_is_read_or_refused(answer: bytes) -> None:
    for ending in (b"", b"end\0\0\0"):
        try:
            facts = parse_facts(answer + ending)
        except Garbled:
            continue
        assess(facts, machines.cloud_disks(MACHINES["one-disk"]["cloud"]))


@given(st.text() | st.binary())
def test_what_is_shown_is_one_printable_line(text: str | bytes) -> None:
    assert shown(text).isprintable()


def test_control_and_bidi_characters_are_shown_as_escapes() -> None:
    assert shown(b"a\x1b[31mb\nc\xff\0") == "a\\x1b[31mb\\x0ac\\xff\\x00"
    assert shown("x\u202ey\u2028") == "x\\u202ey\\u2028"
    assert shown(b"x" * 1_000_000) == "x" * 160 + "… (1000000 characters)"
