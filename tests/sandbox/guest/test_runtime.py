"""Simulated guests: which scripts run, and that no others do."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cvmimg.sandbox.guest.root_folder import FileSystem, GuestDisk, Machine
from cvmimg.sandbox.guest.runtime import MAX_OUTPUT, NotAllowed, Runtime

FSTAB = "UUID=root / ext4 defaults 0 1\nUUID=data /data ext4 defaults 0 2\n"
SYSTEM = GuestDisk("vda", "disk-system01", 50, (FileSystem("vda1", "root"),))
DATA = GuestDisk("vdb", "disk-data0001", 200, (FileSystem("vdb1", "data"),))
MACHINE = Machine("ins-data0001", FSTAB, (SYSTEM, DATA), boot="1")


def runtime(folder: Path, *scripts: str) -> Runtime:
    return Runtime(folder / "guests", [hashlib.sha256(s.encode()).hexdigest() for s in scripts])


def run(guests: Runtime, script: str, machine: Machine = MACHINE, **parameters: str) -> str:
    ran = guests.run(machine, script.encode(), parameters, 10)
    return f"{ran.exit_code} {ran.output.decode()}"


def test_an_allowed_script_runs_in_the_guests_root(tmp_path: Path) -> None:
    script = 'cat "$CVMIMG_GUEST_ROOT/etc/fstab"; exit {{code}}'
    assert run(runtime(tmp_path, script), script, code="3") == f"3 {FSTAB}"


@pytest.mark.parametrize("script", ["id", "cat {{x}} ", "", "\0"])
def test_other_commands_are_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(NotAllowed, match="run only the scripts built into cvmimg"):
        run(runtime(tmp_path, "cat {{x}}"), script, x="y")


@pytest.mark.parametrize(
    "value", ["$(id)", "a b", "a;id", "`id`", "a\nid", "'", '"', "a|b", "x" * 16001]
)
def test_parameters_with_shell_metacharacters_are_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(NotAllowed, match="the parameter word"):
        run(runtime(tmp_path, "echo {{word}}"), "echo {{word}}", word=value)


def test_the_profiles_output_comes_first_and_counts_as_output(tmp_path: Path) -> None:
    script = "echo out; echo err >&2"
    noisy = replace(MACHINE, profile_output="Welcome!")
    assert run(runtime(tmp_path, script), script, noisy) == "0 Welcome!out\nerr\n"
    loud = replace(MACHINE, profile_output="x" * MAX_OUTPUT)
    ran = runtime(tmp_path, script).run(loud, script.encode(), {}, 10)
    assert (len(ran.output), ran.dropped) == (MAX_OUTPUT, len("out\nerr\n"))


def test_a_reset_waits_for_running_scripts(tmp_path: Path) -> None:
    script = 'echo begun >"$CVMIMG_GUEST_ROOT/data/begun"; head -c 1 "$CVMIMG_GUEST_ROOT/data/go"'
    guests = runtime(tmp_path, script, "cat {{x}}")
    with ThreadPoolExecutor() as pool:
        run(guests, "cat {{x}}", x="/dev/null")
        data = guests.root(MACHINE.instance_id) / "data"
        os.mkfifo(data / "go")
        running = pool.submit(run, guests, script)
        while not (data / "begun").exists():
            os.sched_yield()
        resetting = pool.submit(guests.reset)
        (data / "go").write_text("!")
        assert running.result() == "0 !"
        resetting.result()
    assert not guests.root(MACHINE.instance_id).exists()


def test_the_environment_contains_nothing_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENCENTCLOUD_SECRET_KEY", "secret")
    script = 'printf "%s|" "$PATH" "${HOME:-}" "${TENCENTCLOUD_SECRET_KEY:-}"'
    guests = runtime(tmp_path, script)
    assert run(guests, script) == f"0 {tmp_path}/guests/bin|||"


def test_programs_that_affect_the_host_are_not_found(tmp_path: Path) -> None:
    script = "for p in mount umount systemctl swapon reboot python3 curl dd; do type $p; done; :"
    assert "/usr" not in run(runtime(tmp_path, script), script)


def test_a_link_out_of_the_guest_prevents_all_scripts(tmp_path: Path) -> None:
    script = 'cat "$CVMIMG_GUEST_ROOT/etc/passwd"'
    guests = runtime(tmp_path, script)
    run(guests, script)
    (guests.root("ins-data0001") / "etc/passwd").symlink_to("/etc/passwd")
    with pytest.raises(NotAllowed, match="leads out"):
        run(guests, script)


@pytest.mark.parametrize("instance_id", ["../x", "/etc", "a/b", ""])
def test_an_instance_id_cannot_name_another_folder(tmp_path: Path, instance_id: str) -> None:
    with pytest.raises(ValueError, match="not an instance id"):
        runtime(tmp_path).root(instance_id)


def test_long_output_is_cut(tmp_path: Path) -> None:
    script = 'head -c 30000 /dev/zero | tr "\\0" x'
    ran = runtime(tmp_path, script).run(MACHINE, script.encode(), {}, 10)
    assert (len(ran.output), ran.dropped) == (MAX_OUTPUT, 30000 - MAX_OUTPUT)


def test_a_script_is_killed_at_its_timeout(tmp_path: Path) -> None:
    script = "while :; do :; done"
    assert runtime(tmp_path, script).run(MACHINE, script.encode(), {}, 0).timed_out


def test_a_boot_mounts_the_fstab_entries(tmp_path: Path) -> None:
    script = 'cut -d " " -f 5 "$CVMIMG_GUEST_ROOT/proc/self/mountinfo" | tr "\\n" " "'
    guests = runtime(tmp_path, script)
    assert run(guests, script) == "0 / /proc /sys /run /data "
    fstab = guests.root("ins-data0001") / "etc/fstab"
    fstab.write_text("UUID=root / ext4 defaults 0 1\n")
    assert run(guests, script) == "0 / /proc /sys /run /data ", "it takes a restart"
    assert run(guests, script, replace(MACHINE, boot="2")) == "0 / /proc /sys /run "
    assert guests.fstab(MACHINE) == "UUID=root / ext4 defaults 0 1\n"


@pytest.mark.parametrize(
    ("options", "boots"), [("defaults", False), ("nofail", True), ("noauto", True)]
)
def test_a_boot_without_the_data_disk_hangs_unless_nofail(
    tmp_path: Path, options: str, boots: bool
) -> None:
    fstab = FSTAB.replace("/data ext4 defaults", f"/data ext4 {options}")
    lacking = Machine("ins-new00001", fstab, (SYSTEM,), boot="1")
    assert runtime(tmp_path).boots(lacking) is boots
    assert runtime(tmp_path).boots(replace(lacking, disks=(SYSTEM, DATA)))
