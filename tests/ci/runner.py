"""A runner of GitHub Actions, as far as an action can see it: files, variables and signals."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.ci.fast_cvmimg import write_program

ROOT = Path(__file__).parents[2]
CVMIMG = Path(sys.executable).with_name("cvmimg")
PATIENCE = 300
# The real ones are 7.5 s and 2.5 s; here the cloud and the program's clock are faster as well.
SIGTERM_AFTER, SIGKILL_AFTER = 0.3, 0.1
_ASSIGNED = re.compile(r"^([^=\n]+)<<(\S+)\n(.*?)\n?^\2\n", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    """One step that runs the action; its files are those that the runner gives it.

    Attributes:
        code: the exit code; None while it runs, negative if it was killed.
        log: the lines of its log so far.
    """

    folder: Path
    environment: Mapping[str, str]
    log: list[str] = field(default_factory=list)
    code: int | None = None
    process: subprocess.Popen[str] | None = None

    @property
    def outputs(self) -> dict[str, str]:
        return _assigned(self.folder / "output")

    @property
    def state(self) -> dict[str, str]:
        return _assigned(self.folder / "state")

    @property
    def summary(self) -> str:
        path = self.folder / "summary"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def commands(self, name: str) -> list[str]:
        """The workflow commands of this name in the log."""
        return [line for line in self.log if line.startswith((f"::{name}::", f"::{name} "))]

    def until(self, text: str) -> None:
        """Wait until a line of the log holds ``text``."""
        deadline = time.monotonic() + PATIENCE
        while not any(text in line for line in self.log):
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the step ended without {text!r}: {self.log}")
            time.sleep(0.01)

    def kill_at(self, text: str) -> None:
        """Kill all of it as soon as a line of the log holds ``text``."""
        self.until(text)
        self.kill()

    def cancel(self) -> None:
        """Cancel it as the runner does: SIGINT, SIGTERM, then SIGKILL to everything it began."""
        assert self.process is not None
        for number, seconds in ((signal.SIGINT, SIGTERM_AFTER), (signal.SIGTERM, SIGKILL_AFTER)):
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            break
        self.kill()

    def interrupt(self) -> None:
        """Send the first of these signals, and let it end by itself."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        self.wait()

    def kill(self) -> None:
        """Kill it and everything it began, as a machine that is taken away does."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()

    def wait(self) -> None:
        assert self.process is not None
        self.code = self.process.wait(PATIENCE)


class Runner:
    """A machine that runs one job.

    Args:
        folder: its folders for temporary files.
        variables: further variables of the job.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = folder
        self.temporary = folder / "temp"
        self.temporary.mkdir(parents=True)
        self.program = folder / "cvmimg"
        write_program(self.program)
        self._steps: list[Step] = []
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CI": "true",
            "CVMIMG_CONFIG": os.devnull,
            "GITHUB_ACTIONS": "true",
            "GITHUB_JOB": "image",
            "GITHUB_REPOSITORY": "shop/web",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SERVER_URL": "https://github.com",
            "RUNNER_TEMP": str(self.temporary),
            **variables,
        }

    def begin(self, **inputs: str) -> Step:
        """Begin a step that uses the action; an underscore in an input's name is a dash."""
        folder = self.folder / f"step-{len(self._steps)}"
        folder.mkdir()
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        values = {**_defaults(), "cvmimg-path": str(self.program), **given}
        environment = {
            **self.variables,
            **{f"INPUT_{name.upper()}": value for name, value in values.items()},
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STATE": str(folder / "state"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        }
        step = Step(folder, environment)
        self._steps.append(step)
        _start(step, "main", environment)
        return step

    def run(self, **inputs: str) -> Step:
        """Run a step to its end."""
        step = self.begin(**inputs)
        step.wait()
        return step

    def post(self, step: Step) -> Step:
        """Run the step's post step, as at the end of every job."""
        state = {f"STATE_{name}": value for name, value in step.state.items()}
        post = Step(step.folder, {**step.environment, **state})
        _start(post, "post", post.environment)
        post.wait()
        return post

    def cvmimg(self, *words: str) -> int:
        """Run cvmimg in a step of its own."""
        variables = {**self.variables, "CVMIMG_STATE_DIR": str(self.temporary / "state")}
        return subprocess.run(
            [self.program, *words], env=variables, check=False, timeout=PATIENCE
        ).returncode

    def lose_state(self) -> None:
        """Lose the folder with the journal."""
        shutil.rmtree(self.temporary / "cvmimg" / "state", ignore_errors=True)

    def end(self) -> None:
        """Kill whatever still runs."""
        for step in self._steps:
            step.kill()


def action() -> dict[str, Any]:
    """The action's metadata."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return content


def _defaults() -> dict[str, str]:
    return {name: value.get("default", "") for name, value in action()["inputs"].items()}


def _start(step: Step, script: str, environment: Mapping[str, str]) -> None:
    step.process = subprocess.Popen(
        ["node", str(ROOT / action()["runs"][script])],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )
    threading.Thread(target=_read, args=(step, step.process.stdout), daemon=True).start()


def _read(step: Step, stream: Any) -> None:
    with stream:
        for line in stream:
            step.log.append(line.rstrip("\n"))


def _assigned(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {name: value for name, _, value in _ASSIGNED.findall(text)}
