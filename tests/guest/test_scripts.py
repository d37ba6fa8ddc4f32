"""The scripts, run for real by three shells over a root folder with real files."""

from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from cvmimg.cli.messages import text
from cvmimg.errors import CvmimgError, PreconditionFailed, TaskFailed
from cvmimg.guest import probes
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.fstab import fix
from cvmimg.guest.fstab.assessment import assess
from cvmimg.guest.fstab.devices import CloudDisk
from cvmimg.guest.fstab.fix import FixPlan, MountOutcome, RestoreOutcome
from cvmimg.guest.fstab.lines import comment_out
from cvmimg.guest.read import read_guest
from cvmimg.message import Message
from tests.guest import rootfs
from tests.guest.rootfs import FSTAB, SHELLS, ShellAccess

pytestmark = pytest.mark.system

DISKS = [CloudDisk("disk-system01", 50, is_system=True), CloudDisk("disk-data0001", 200)]
UNIT = "/etc/systemd/system/srv-my\\x2dweb.mount"


@pytest.fixture(params=SHELLS)
def access(request: pytest.FixtureRequest, tmp_path: Path) -> ShellAccess:
    rootfs.shell_command(request.param)
    return ShellAccess(rootfs.make(tmp_path), request.param)


def seen(access: ShellAccess) -> GuestFacts:
    facts = read_guest(access)
    assert isinstance(facts, GuestFacts), facts
    return facts


def planned(access: ShellAccess) -> FixPlan:
    facts = seen(access)
    plan = fix.plan_fix(facts, assess(facts, DISKS), "op-1")
    assert plan is not None
    return plan


def reason_of(error: CvmimgError) -> str:
    """The code of the guest's reason."""
    reason: Message = error.message.params["reason"]
    return reason.code


def add_unit(root: Path) -> Path:
    path = root / UNIT[1:]
    path.write_text("[Mount]\nWhat=/dev/vdb1\nWhere=/srv/my-web\n[Install]\nRequiredBy=local-fs\n")
    for kind in ("wants", "requires"):
        folder = path.parent / f"local-fs.target.{kind}"
        folder.mkdir()
        (folder / path.name).symlink_to(f"../{path.name}")
    return path


def test_sources_and_keys_of_crypttab_are_looked_for(access: ShellAccess) -> None:
    for name in ("etc/keys/root.key", "srv/secret.img"):
        (access.root / name).parent.mkdir(parents=True, exist_ok=True)
        (access.root / name).write_text("x")
    crypttab = "# /etc/none\nimage\t/srv/secret.img  /etc/keys/root.key luks\ngone /no /no luks\n"
    (access.root / "etc/crypttab").write_text(crypttab)
    paths = seen(access).paths
    assert {"/srv/secret.img", "/etc/keys/root.key"} <= paths.keys()
    assert "/no" not in paths


def test_inspection_sees_what_is_there(access: ShellAccess) -> None:
    (access.root / "data/www").mkdir()
    (access.root / "srv").symlink_to("data/www")
    (access.root / "etc/crypttab").write_text("# none\n")
    facts = seen(access)
    assert (facts.fstab, facts.kernel, facts.systemd) == (FSTAB, "Linux", True)
    assert facts.crypttab == b"# none\n"
    assert facts.devices["vdb1"].parent == "vdb"
    assert facts.devices["vdb"].serial == "disk-data0001"
    assert facts.devices["vdb1"].tags == {"UUID": "9d9d-data", "LABEL": "DATA"}
    assert facts.links["/dev/disk/by-uuid/9d9d-data"] == "../../vdb1"
    assert [mount.target for mount in facts.mounts] == [
        "/", "/proc", "/sys", "/run", "/data", "/tmp", "/srv",
    ]  # fmt: skip
    assert facts.paths == {"/data/www": "/data/www"}
    levels = {assessment.line: assessment.level.value for assessment in assess(facts, DISKS)}
    assert levels == {1: "pass", 2: "pass", 3: "fail", 4: "pass", 5: "fail"}


def test_a_mount_point_given_through_a_link_is_mounted_where_the_link_leads(
    access: ShellAccess,
) -> None:
    (access.root / "srv").symlink_to("data")
    (access.root / "etc/fstab").write_text(
        "UUID=9d9d-data /srv ext4 nofail\ntmpfs /srv/my\\040cache tmpfs\ntmpfs /gone tmpfs\n"
    )
    (access.root / "data/my cache").mkdir()
    mountinfo = access.root / "proc/self/mountinfo"
    tmpfs = "99 1 0:99 / /data/my\\040cache rw - tmpfs tmpfs rw\n"
    mountinfo.write_text(mountinfo.read_text() + tmpfs)

    facts = seen(access)

    assert probes.unmounted(facts) == (["/gone"], [])
    assert {"/data", "/data/my cache"} <= set(planned(access).mounts)
    levels = [assessment.level.value for assessment in assess(facts, DISKS)]
    assert levels[:3] == ["warn", "fail", "pass"]


def test_inspection_sees_units_and_what_pulls_them_in(access: ShellAccess) -> None:
    path = add_unit(access.root)
    (path.parent / f"{path.name}.d").mkdir()
    (path.parent / f"{path.name}.d/10.conf").write_text("[Mount]\nOptions=nofail\n")
    facts = seen(access)
    assert [unit.path for unit in facts.units] == [UNIT]
    assert facts.pulled == {path.name}
    assessment = assess(facts, DISKS)[-1]
    assert (assessment.unit, assessment.level.value) == (UNIT, "warn")


def test_inspection_follows_volumes_loops_and_btrfs(access: ShellAccess) -> None:
    block = access.root / "sys/class/block"
    for name, number in (("dm-0", "253:0"), ("loop0", "7:0"), ("loop1", "7:1"), ("ram0", "1:0")):
        (block / name).mkdir()
        (block / name / "dev").write_text(f"{number}\n")
    (block / "dm-0/slaves/vdb").mkdir(parents=True)
    (block / "dm-0/dm").mkdir()
    (block / "dm-0/dm/name").write_text("vg-lv\n")
    (block / "loop0/loop").mkdir()
    (block / "loop0/loop/backing_file").write_text("/data/with blank.img\n")
    (access.root / "sys/fs/btrfs/b7f5/devices/vdb1").mkdir(parents=True)
    facts = seen(access)
    assert set(facts.devices) == {"vda", "vda1", "vdb", "vdb1", "dm-0", "loop0"}
    assert facts.devices["dm-0"].members == ["vdb"]
    assert facts.devices["dm-0"].mapper_name == "vg-lv"
    assert facts.devices["loop0"].backing_file == "/data/with blank.img"
    assert facts.btrfs == {"b7f5": ["vdb1"]}


def test_inspection_changes_nothing(access: ShellAccess) -> None:
    def everything() -> dict[str, tuple[int, int]]:
        paths = (p for p in access.root.rglob("*"))
        return {str(p): (p.lstat().st_ino, p.lstat().st_mtime_ns) for p in paths}

    before = everything()
    seen(access)
    assert everything() == before


def test_a_large_file_is_fetched_in_parts(access: ShellAccess) -> None:
    noise = os.urandom(60_000).hex().encode()
    (access.root / "etc/fstab").write_bytes(b"# " + noise + b"\n" + FSTAB)
    assert seen(access).fstab == b"# " + noise + b"\n" + FSTAB
    assert len(access.runs) > 3


def test_a_system_without_base64_and_gzip_answers_too(access: ShellAccess) -> None:
    if "busybox" in access.command[0]:
        pytest.skip("busybox has both built in")
    for tool in ("base64", "gzip"):
        (access.root.parent / "bin" / tool).unlink()
    assert seen(access).fstab == FSTAB


def test_a_system_without_fstab_is_read(access: ShellAccess) -> None:
    (access.root / "etc/fstab").unlink()
    assert seen(access).fstab is None


@pytest.mark.parametrize(
    "content",
    [
        b"$(touch /tmp/x) `touch /tmp/x` ; touch /tmp/x\n",
        b"/$(id) /x none bind\n/`id` /y none bind\n/a';id;' /z none bind\n",
        b"\0\0\n" + FSTAB,
        b"\xff\xfe /x\xff ext4 \xff\n",
        b"/\\\\c /a none bind\n/\\n /b none bind\n/\\101 /c none bind\n/%s%n /d none bind\n",
        b"x" * 1_048_576,
        b"/dev/vda1 / ext4 defaults 0 1\r\n\r\n",
    ],
    ids=["commands", "paths", "nul", "not-utf-8", "escapes", "one-long-line", "crlf"],
)
def test_hostile_content_is_only_text(access: ShellAccess, content: bytes) -> None:
    (access.root / "etc/fstab").write_bytes(content)
    facts = seen(access)
    assert facts.fstab == content
    for assessment in assess(facts, DISKS):
        shown = text(assessment.described())
        assert shown.isprintable()
        assert len(shown) < 1000


def test_the_fix_comments_out_what_failed_and_restores_byte_for_byte(access: ShellAccess) -> None:
    file = access.root / "etc/fstab"
    file.chmod(0o640)
    os.utime(file, ns=(1_500_000_000_123_456_789, 1_500_000_000_123_456_789))
    before, inode = rootfs.metadata(file), file.stat().st_ino
    plan = planned(access)
    assert plan.lines == (3, 5)
    fix.apply_fix(access, plan)
    assert file.read_bytes() == comment_out(FSTAB, frozenset((3, 5)))
    assert rootfs.metadata(file) == before
    assert (access.root / f"etc/fstab.cvmimg-{plan.operation}").read_bytes() == FSTAB
    assert all(assessment.level.value == "pass" for assessment in assess(seen(access), DISKS))
    assert fix.restore(access, plan).state == "restored"
    assert file.read_bytes() == FSTAB
    assert (rootfs.metadata(file), file.stat().st_ino) == (before, inode)
    assert sorted(path.name for path in file.parent.iterdir()) == ["cloud", "fstab", "systemd"]


def test_every_operation_may_be_repeated(access: ShellAccess) -> None:
    add_unit(access.root)
    plan = planned(access)
    assert plan.units
    for _ in range(2):
        fix.apply_fix(access, plan)
    for _ in range(2):
        assert fix.restore(access, plan).state == "restored"
    assert (access.root / "etc/fstab").read_bytes() == FSTAB
    assert fix.restore(access, plan).mounts == MountOutcome()


@pytest.mark.parametrize("unit", [False, True])
def test_the_state_of_the_fix_can_be_read(access: ShellAccess, unit: bool) -> None:
    if unit:
        add_unit(access.root)
    plan = planned(access)
    file, backup = access.root / "etc/fstab", access.root / f"etc/fstab.cvmimg-{plan.operation}"
    assert fix.fix_state(access, plan) == "absent"
    os.link(file, backup)
    assert fix.fix_state(access, plan) == "partial", "a restore has to remove the backup"
    fix.apply_fix(access, plan)
    assert fix.fix_state(access, plan) == "applied"
    backup.unlink()
    assert fix.fix_state(access, plan) == "foreign"
    file.write_bytes(FSTAB)
    fix.restore(access, plan)
    assert fix.fix_state(access, plan) == "absent"
    file.write_bytes(b"# mine\n")
    assert fix.fix_state(access, plan) == "foreign"


def test_a_fix_of_which_only_the_lines_were_applied_is_partial(access: ShellAccess) -> None:
    add_unit(access.root)
    plan = planned(access)
    fix.apply_fix(access, replace(plan, units=()))
    assert fix.fix_state(access, plan) == "partial"
    fix.apply_fix(access, plan)
    assert fix.fix_state(access, plan) == "applied"


@pytest.mark.parametrize("unit", [False, True])
def test_a_fix_that_is_delivered_after_its_restore_does_nothing(
    access: ShellAccess, unit: bool
) -> None:
    if unit:
        (access.root / "etc/fstab").write_bytes(b"")
        add_unit(access.root)
    plan = planned(access)
    fix.apply_fix(access, plan, attempt=3)
    fix.restore(access, plan, attempt=3)
    for late in (2, 3):
        with pytest.raises(TaskFailed) as caught:
            fix.apply_fix(access, plan, attempt=late)
        assert caught.value.code == "GuestFixSuperseded"
        assert fix.fix_state(access, plan) == "absent"
    fix.apply_fix(access, plan, attempt=4)
    assert fix.fix_state(access, plan) == "applied"


def test_a_fix_of_an_older_version_is_restored(access: ShellAccess) -> None:
    plan = fix.FixPlan(
        "op-20261101-old000",
        (3,),
        sha256(FSTAB).hexdigest(),
        sha256(comment_out(FSTAB, frozenset([3]))).hexdigest(),
        mounts=("/", "/data"),
    )
    file = access.root / "etc/fstab"
    file.rename(access.root / "etc/fstab.cvmimg-op-20261101-old000")
    file.write_bytes(comment_out(FSTAB, frozenset([3])))
    assert fix.fix_state(access, plan) == "applied"
    assert fix.restore(access, plan).state == "restored"
    assert file.read_bytes() == FSTAB


def test_a_fix_that_was_never_applied_is_restored_by_doing_nothing(access: ShellAccess) -> None:
    add_unit(access.root)
    plan = planned(access)
    assert fix.restore(access, plan).state == "restored"
    assert (access.root / "etc/fstab").read_bytes() == FSTAB


def test_a_file_changed_before_the_fix_is_left_alone(access: ShellAccess) -> None:
    plan = planned(access)
    file = access.root / "etc/fstab"
    file.write_bytes(FSTAB + b"\n# new\n")
    with pytest.raises(PreconditionFailed) as caught:
        fix.apply_fix(access, plan)
    assert caught.value.code == "GuestFileChanged"
    assert reason_of(caught.value) == "guest.reason.changed-since-read"
    assert file.read_bytes() == FSTAB + b"\n# new\n"
    assert not (access.root / f"etc/fstab.cvmimg-{plan.operation}").exists()


def test_a_file_changed_after_the_fix_is_not_overwritten(access: ShellAccess) -> None:
    plan = planned(access)
    fix.apply_fix(access, plan)
    file = access.root / "etc/fstab"
    file.write_bytes(b"# mine\n")
    outcome = fix.restore(access, plan)
    assert outcome.state == "changed"
    assert outcome.detail is not None
    assert outcome.detail.code == "guest.two-versions"
    assert outcome.detail.params["original"] == "/etc/fstab.cvmimg-op-1"
    assert file.read_bytes() == b"# mine\n"
    assert (access.root / f"etc/fstab.cvmimg-{plan.operation}").read_bytes() == FSTAB


def test_an_original_that_was_removed_is_reported(access: ShellAccess) -> None:
    plan = planned(access)
    fix.apply_fix(access, plan)
    (access.root / f"etc/fstab.cvmimg-{plan.operation}").unlink()
    assert fix.restore(access, plan).state == "lost"


def test_a_file_restored_by_hand_leaves_no_backup(access: ShellAccess) -> None:
    plan = planned(access)
    fix.apply_fix(access, plan)
    (access.root / "etc/fstab").write_bytes(FSTAB)
    assert fix.restore(access, plan).state == "restored"
    assert not (access.root / f"etc/fstab.cvmimg-{plan.operation}").exists()


@pytest.mark.parametrize("stage", ["linked", "copied"])
def test_a_fix_that_was_killed_halfway_is_completed(access: ShellAccess, stage: str) -> None:
    plan = planned(access)
    file, backup = access.root / "etc/fstab", access.root / f"etc/fstab.cvmimg-{plan.operation}"
    if stage == "linked":
        os.link(file, backup)
    else:
        backup.write_bytes(FSTAB)
    assert fix.restore(access, plan).state == "restored"
    assert file.read_bytes() == FSTAB
    assert not backup.exists()
    os.link(file, backup)
    fix.apply_fix(access, plan, attempt=2)
    assert file.read_bytes() == comment_out(FSTAB, frozenset(plan.lines))
    assert backup.read_bytes() == FSTAB


def test_a_strange_file_in_place_of_the_backup_stops_the_fix(access: ShellAccess) -> None:
    plan = planned(access)
    (access.root / f"etc/fstab.cvmimg-{plan.operation}").write_bytes(b"strange")
    with pytest.raises(TaskFailed) as caught:
        fix.apply_fix(access, plan)
    assert reason_of(caught.value) == "guest.reason.backup-exists"
    assert (access.root / "etc/fstab").read_bytes() == FSTAB


def test_a_link_at_etc_fstab_is_followed_within_the_guest(access: ShellAccess) -> None:
    file = access.root / "etc/fstab"
    file.rename(access.root / "data/fstab")
    file.symlink_to("../data/fstab")
    plan = planned(access)
    fix.apply_fix(access, plan)
    assert file.is_symlink()
    assert (access.root / "data/fstab.cvmimg-op-1").read_bytes() == FSTAB
    assert fix.restore(access, plan).state == "restored"
    assert file.read_bytes() == FSTAB


def test_a_link_that_leads_out_of_the_guest_is_not_touched(
    access: ShellAccess, tmp_path: Path
) -> None:
    plan = planned(access)
    outside = tmp_path / "outside"
    outside.write_bytes(FSTAB)
    (access.root / "etc/fstab").unlink()
    (access.root / "etc/fstab").symlink_to(outside)
    with pytest.raises(TaskFailed) as caught:
        fix.apply_fix(access, plan)
    assert reason_of(caught.value) == "guest.reason.no-fstab"
    assert outside.read_bytes() == FSTAB


def test_units_are_masked_and_unmasked(access: ShellAccess) -> None:
    (access.root / "etc/fstab").write_bytes(b"")
    path = add_unit(access.root)
    original, inode = path.read_bytes(), path.stat().st_ino
    folder = path.parent
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*"))
    plan = planned(access)
    assert (plan.lines, [unit.path for unit in plan.units]) == ((), [UNIT])
    fix.apply_fix(access, plan)
    assert os.readlink(path) == "/dev/null"
    assert not (folder / "local-fs.target.requires" / path.name).is_symlink()
    assert (folder / "local-fs.target.wants" / path.name).is_symlink()
    assert fix.restore(access, plan).state == "restored"
    assert (path.read_bytes(), path.stat().st_ino) == (original, inode)
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*")) == names


def test_a_unit_changed_meanwhile_is_not_overwritten(access: ShellAccess) -> None:
    path = add_unit(access.root)
    plan = planned(access)
    fix.apply_fix(access, plan)
    path.unlink()
    path.write_text("[Mount]\n")
    outcome = fix.restore(access, plan)
    assert outcome.state == "changed"
    assert outcome.detail == Message("guest.reason.changed-meanwhile", path=UNIT)
    assert path.read_text() == "[Mount]\n"
    assert (access.root / "etc/fstab").read_bytes() == FSTAB, "the rest is put back all the same"


def test_all_is_mounted_again_after_a_restart(access: ShellAccess) -> None:
    from cvmimg.sandbox.guest import boot

    plan = planned(access)
    assert {"/data", "/srv", "/tmp", "/"} <= set(plan.mounts)
    fix.apply_fix(access, plan)
    assert boot.boot(access.root) == []
    assert "/data" not in {mount.target for mount in seen(access).mounts}
    assert fix.restore(access, plan) == RestoreOutcome("restored")
    assert "/data" in {mount.target for mount in seen(access).mounts}


def test_a_mount_that_does_not_come_back_is_reported(access: ShellAccess) -> None:
    from cvmimg.sandbox.guest import boot, root_folder

    plan = planned(access)
    root_folder.show_devices(access.root, (rootfs.SYSTEM,))
    boot.boot(access.root)
    outcome = fix.restore(access, plan).mounts
    assert outcome.missing == ("/data",)
    assert "can't find UUID=9d9d-data" in outcome.output


def test_nothing_is_mounted_where_nothing_is_missing(access: ShellAccess) -> None:
    plan = planned(access)
    mounts = access.root / "proc/self/mountinfo"
    mounts.write_text("".join(f"25 1 0:1 / {target} rw - ext4 x rw\n" for target in plan.mounts))
    before = mounts.read_bytes()
    assert fix.restore(access, plan).mounts == MountOutcome()
    assert mounts.read_bytes() == before


@pytest.mark.parametrize(
    "target", ["/my data", "/t\tab", "/back\\slash", "/d\udcff", "/daten-\u00e4"]
)
def test_a_mount_point_is_known_whatever_its_name(access: ShellAccess, target: str) -> None:
    plan = replace(planned(access), mounts=(target, "/"))
    assert fix.restore(access, plan).mounts.missing == (target,)
    escaped = "".join(f"\\{ord(c):03o}" if c in " \t\n\\" else c for c in target)
    line = f"25 1 0:1 / {escaped} rw - ext4 x rw\n".encode("utf-8", "surrogateescape")
    with (access.root / "proc/self/mountinfo").open("ab") as mounts:
        mounts.write(line)
    assert fix.restore(access, plan).mounts.missing == ()


def test_a_swap_space_that_does_not_come_back_is_reported(access: ShellAccess) -> None:
    plan = replace(planned(access), swaps=1)
    assert fix.restore(access, plan).mounts.swaps_missing == 1
    with (access.root / "proc/swaps").open("a") as swaps:
        swaps.write("/swapfile file 1048572 0 -2\n")
    assert fix.restore(access, plan).mounts.swaps_missing == 0


def test_the_longest_of_thousands_of_mount_points_are_left_out(access: ShellAccess) -> None:
    many = tuple(f"/var/lib/containers/{number:04}" for number in range(2000))
    plan = replace(planned(access), mounts=("/gone", *many))
    missing = fix.restore(access, plan).mounts.missing
    assert missing[0] == "/gone"
    assert 100 < len(missing) < len(many)


def test_a_restore_fails_if_a_script_of_it_does(access: ShellAccess) -> None:
    plan = replace(planned(access), units=(fix.UnitFix("/etc/systemd/system/a.service", "0" * 64),))
    fix.apply_fix(access, replace(plan, units=()))
    with pytest.raises(TaskFailed) as caught:
        fix.restore(access, plan)
    assert caught.value.message.code == "GuestScriptFailed"
    assert (access.root / "etc/fstab").read_bytes() == FSTAB, "the rest is restored"
