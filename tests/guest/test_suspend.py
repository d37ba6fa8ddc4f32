"""Settings that are suspended while an image is created (create --fix), in three shells."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvmimg.errors import TaskFailed
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.fix import FixPlan
from cvmimg.guest.read import read_guest
from tests.guest import rootfs
from tests.guest.distributions import write
from tests.guest.rootfs import SHELLS, ShellAccess

pytestmark = pytest.mark.system

CHATTR = """#!/bin/sh
mkdir -p "$CVMIMG_GUEST_ROOT/attributes"
name="$CVMIMG_GUEST_ROOT/attributes/${2##*/}"
case $1 in +i) : >"$name" ;; -i) rm -f "$name" ;; esac
"""
LSATTR = """#!/bin/sh
shift
for path; do
    if [ -e "$CVMIMG_GUEST_ROOT/attributes/${path##*/}" ]; then echo "----i--------e-- $path"
    else echo "-------------e-- $path"; fi
done
"""


@pytest.fixture(params=SHELLS)
def access(request: pytest.FixtureRequest, tmp_path: Path) -> ShellAccess:
    root = rootfs.make(tmp_path, b"UUID=4c1e7bd2-root / ext4 defaults 0 1\n")
    for tool in ("chattr", "lsattr"):
        write(root, f"usr/bin/{tool}", CHATTR if tool == "chattr" else LSATTR)
    for name in ("passwd", "shadow"):
        write(root, f"etc/{name}", "root:x:0:0::/root:/bin/sh\n")
        write(root, f"attributes/{name}", "")
    write(root, ".autorelabel", "")
    return ShellAccess(root, request.param)


def facts(access: ShellAccess) -> GuestFacts:
    found = read_guest(access)
    assert isinstance(found, GuestFacts)
    return found


def observed(access: ShellAccess) -> list[str]:
    found = facts(access).observed
    return sorted([*found.get("immutable", ()), *found.get("relabel-pending", ())])


def planned(access: ShellAccess) -> FixPlan:
    plan = fix.plan_fix(facts(access), [], "op-1", observed(access))
    assert plan is not None
    return plan


def test_they_are_suspended_and_reinstated(access: ShellAccess) -> None:
    before = observed(access)
    assert before == ["/.autorelabel", "/etc/passwd", "/etc/shadow"]
    plan = planned(access)
    assert fix.fix_state(access, plan) == "absent"
    fix.apply_fix(access, plan)
    fix.apply_fix(access, plan)
    assert (observed(access), fix.fix_state(access, plan)) == ([], "applied")
    assert fix.restore(access, plan).state == "restored"
    assert fix.restore(access, plan).state == "restored"
    assert (observed(access), fix.fix_state(access, plan)) == (before, "absent")
    assert not [path for path in (access.root / "etc").iterdir() if "cvmimg" in path.name]


def test_a_part_is_completed_or_reverted(access: ShellAccess) -> None:
    plan = planned(access)
    fix.apply_fix(access, plan)
    write(access.root, "attributes/passwd", "")
    assert fix.fix_state(access, plan) == "partial"
    fix.apply_fix(access, plan)
    assert fix.fix_state(access, plan) == "applied"


def test_another_machine_reinstates_what_the_guest_records(access: ShellAccess) -> None:
    before = observed(access)
    fix.apply_fix(access, planned(access))
    nothing = "0" * 64
    found = FixPlan("op-1", (), nothing, nothing, found=True)
    fix.restore(access, found)
    assert observed(access) == before


def test_an_attempt_that_arrives_late_does_nothing(access: ShellAccess) -> None:
    plan = planned(access)
    fix.apply_fix(access, plan)
    fix.restore(access, plan, attempt=1)
    with pytest.raises(TaskFailed):
        fix.apply_fix(access, plan, attempt=1)
    assert len(observed(access)) == 3


def test_a_record_that_names_other_files_changes_none(access: ShellAccess) -> None:
    plan = planned(access)
    write(access.root, "etc/cvmimg-op-1.suspended", "/etc/hosts\n$(reboot)\n/etc/../etc/passwd\n")
    fix.apply_fix(access, plan)
    assert len(observed(access)) == 3
