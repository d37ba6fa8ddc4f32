"""Write the report in docs/conformance.md from a run against the sandbox. ``--check`` compares."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from cvmimg.guest.script import digests
from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.wire.server import Server
from generated import ROOT, fill, write_or_check

PAGE = ROOT / "docs" / "conformance.md"
INSTANCE = "ins-web00001"
_SPEED = 300.0
_SECONDS = 120.0


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(speed=_SPEED, guest_scripts=digests()) as sandbox,
    ):
        done = run_against(sandbox, Path(folder))
        if done.returncode != 0:
            sys.exit(done.stdout + done.stderr)
        report = (Path(folder) / "out" / "report.md").read_text(encoding="utf-8")
    return write_or_check({PAGE: page(report)}, check=arguments.check)


def page(report: str) -> str:
    """The page with the table of a report."""
    table = "\n".join(line for line in report.splitlines() if line.startswith("|"))
    return fill(PAGE.read_text(encoding="utf-8"), "report", table)


def run_against(sandbox: Sandbox, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``scripts/conformance.py`` against a sandbox; it writes to ``folder/out``."""
    with Server(sandbox.handle) as server:
        return subprocess.run(
            command(folder),
            env=environment(sandbox, server, folder),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )


def command(folder: Path) -> list[str]:
    """Return the command of a run that does not ask."""
    script = [sys.executable, str(ROOT / "scripts" / "conformance.py"), "--yes"]
    return [*script, "--instance", INSTANCE, "--out", str(folder / "out")]


def environment(sandbox: Sandbox, server: Server, folder: Path) -> dict[str, str]:
    """Return the environment of a run against a server of a sandbox."""
    secret_id, secret_key = sandbox.credentials()
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "scripts"),
        "HOME": str(folder),
        "CVMIMG_CONFIG": os.devnull,
        "CVMIMG_STATE_DIR": str(folder / "state"),
        "CVMIMG_ENDPOINT": server.url,
        "CVMIMG_CONFORMANCE_POLL": "0.1",
        "TENCENTCLOUD_REGION": "ap-guangzhou",
        "TENCENTCLOUD_SECRET_ID": secret_id,
        "TENCENTCLOUD_SECRET_KEY": secret_key,
    }


if __name__ == "__main__":
    sys.exit(main())
