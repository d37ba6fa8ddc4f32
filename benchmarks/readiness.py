"""How long the readiness script takes on a guest with many files, and how long its answer is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import median_seconds
from benchmarks.report import Row
from cvmimg.guest.script import ScriptOutput, load
from tests.guest.distributions import DISTRIBUTIONS, write
from tests.guest.rootfs import SHELLS, ShellAccess

_FILES = 200_000
_AGENT_BYTES = 24 * 1024
_ROUNDS = 3


def rows() -> Iterator[Row]:
    """Compare the slowest shell with the goal of 2 s, and the answer with the agent's limit."""
    with tempfile.TemporaryDirectory() as folder:
        root = DISTRIBUTIONS["ubuntu-22.04"].make(Path(folder))
        fill(root, _FILES)
        seconds = {shell: median_of(root, shell) for shell in SHELLS}
        size = len(run(ShellAccess(root)).output)
    shell = max(seconds, key=lambda name: seconds[name])
    taken = seconds[shell]
    what = f"Readiness script on a guest with {_FILES:,} files ({shell})"
    yield Row(what, f"{taken:.2f} s", "2 s", taken, 2)
    what = "Its answer, which the agent cuts at 24 KiB"
    yield Row(what, f"{size:,} B", f"{_AGENT_BYTES:,} B", size, _AGENT_BYTES)


def fill(root: Path, count: int) -> None:
    """Add files where a server has them: packages, a web root, mail, homes with SSH keys."""
    for user in range(200):
        write(root, f"home/user{user:03}/.ssh/authorized_keys", "ssh-ed25519 AAAA x\n")
        write(root, f"home/user{user:03}/.bash_history", "ls\n")
    folders = ("usr/share/doc", "var/www/html", "var/mail", "home/user000", "root", "etc/ssl/certs")
    each = count // len(folders)
    for folder in folders:
        for number in range(each):
            path = root / folder / f"{number // 1000:03}"
            if number % 1000 == 0:
                path.mkdir(parents=True, exist_ok=True)
            (path / f"{number:06}").touch()


def median_of(root: Path, shell: str) -> float:
    """Seconds that the whole script takes in a shell."""
    access = ShellAccess(root, shell)
    return median_seconds(partial(run, access), rounds=_ROUNDS)


def run(access: ShellAccess) -> ScriptOutput:
    """Run the script once, for the first part of its answer."""
    return access.run(load("inspect"), {"offset": "0", "size": "20000"})
