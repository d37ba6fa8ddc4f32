"""A program on a pseudo-terminal, and what its user sees."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from typing import IO

PATIENCE = 60.0
_ESCAPE = re.compile(r"\x1b\[(\?)?([0-9;]*)([A-Za-z])")


class TerminalProgram:
    """A process whose streams are a terminal of its own.

    Args:
        words: the command.
        environment: all of it.
        columns: how wide the terminal is.
        stdout: another place for it.
        stderr: another place for it.
    """

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        *,
        columns: int = 80,
        stdout: IO[bytes] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            list(words),
            env=dict(environment),
            stdin=slave,
            stdout=stdout or slave,
            stderr=stderr or slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self.output = ""
        self._read_to = 0

    def read_until(self, text: str) -> None:
        """Read until ``text`` has been shown since the last call."""
        while (found := self.output.find(text, self._read_to)) < 0:
            assert self._read(), f"ended without {text!r}: {self.output}"
        self._read_to = found + len(text)

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def wait(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Close the terminal's window."""
        os.close(self._master)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.wait(PATIENCE)

    @property
    def screen(self) -> list[str]:
        """The lines that the user sees in the end."""
        return screen_of(self.output)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        assert ready, self.output
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the last process has closed its end
            return False
        self.output += data.decode()
        return bool(data)


def screen_of(output: str) -> list[str]:
    """What a terminal shows of ``output``: enough of the escape codes for lines and bars."""
    lines, row, column, at = [""], 0, 0, 0
    while at < len(output):
        if match := _ESCAPE.match(output, at):
            number = int(match[2] or 1) if not match[1] and match[2].isdigit() else 1
            if match[3] == "A":
                row = max(0, row - number)
            elif match[3] == "K":
                lines[row] = "" if match[2] == "2" else lines[row][:column]
            at = match.end()
            continue
        character = output[at]
        at += 1
        if character == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif character == "\r":
            column = 0
        else:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + character + line[column + 1 :]
            column += 1
    return [line.rstrip() for line in lines]
