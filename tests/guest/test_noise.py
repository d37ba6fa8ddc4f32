"""What a guest's profile and the agent do to the output of a script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from cvmimg.guest.answer import REASONS, reason, run_script
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable, read_guest
from cvmimg.guest.script import Script, ScriptOutput, load
from cvmimg.message import Message
from tests.guest import rootfs
from tests.guest.rootfs import FSTAB, ShellAccess

pytestmark = pytest.mark.system

LIMIT = 24 * 1024


class NoisyAccess(ShellAccess):
    """A shell whose profile prints a banner, and an agent that cuts the output."""

    def __init__(self, root: Path, before: bytes = b"", after: bytes = b"") -> None:
        super().__init__(root)
        self.before, self.after = before, after

    def run(
        self, script: Script, parameters: Mapping[str, str], *, timeout_seconds: int = 60
    ) -> ScriptOutput:
        done = super().run(script, parameters, timeout_seconds=timeout_seconds)
        output = self.before + done.output + self.after
        kept = output[:LIMIT]
        return ScriptOutput(done.exit_code, kept, len(output) - len(kept))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Welcome! ", b""),
        (b"Welcome!\ncvmimg state base64:AAAA\n", b"bash: warning: setlocale\n"),
        (b"\x1b[2J\xff\0", b"\xff logout"),
    ],
    ids=["no-newline", "lines-like-ours", "bytes"],
)
def test_a_banner_and_messages_of_the_shell_do_no_harm(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    access = NoisyAccess(rootfs.make(tmp_path), before, after)
    facts = read_guest(access)
    assert isinstance(facts, GuestFacts)
    assert facts.fstab == FSTAB
    plan = {"operation": "op-1", "before": "0" * 64, "after": "1" * 64}
    assert run_script(access, load("fstab_status"), plan)["state"] == b"foreign"


def test_an_answer_that_is_cut_is_fetched_in_smaller_parts(tmp_path: Path) -> None:
    access = NoisyAccess(rootfs.make(tmp_path), before=b"#" * 15_000)
    noise = rootfs.noise(30_000)
    (access.root / "etc/fstab").write_bytes(noise + FSTAB)
    facts = read_guest(access)
    assert isinstance(facts, GuestFacts)
    assert facts.fstab == noise + FSTAB


def test_a_guest_whose_answers_never_arrive_whole_is_unreadable(tmp_path: Path) -> None:
    access = NoisyAccess(rootfs.make(tmp_path), before=b"#" * LIMIT)
    seen = read_guest(access)
    assert isinstance(seen, GuestUnreadable)
    assert (seen.reason, seen.message.code) == (Reason.GARBLED, "GuestAnswerIncomplete")
    with pytest.raises(GuestUnreachable) as caught:
        run_script(access, load("remount"), {"mounts": "-", "swaps": "0", "start": "-"})
    assert caught.value.code == "GuestAnswerIncomplete"


def test_a_reason_that_no_script_gives_is_not_shown() -> None:
    assert reason({"reason": b"\x1b[2J"}) == Message("guest.reason.unknown", path="")


def test_the_scripts_give_no_other_reasons() -> None:
    import re
    from importlib import resources

    folder = resources.files("cvmimg.guest") / "scripts"
    text = "".join(path.read_text() for path in folder.iterdir())
    given = re.findall(r"(?:finish|give_up) (?:failed|changed|lost|refused) ([a-z0-9-]+)", text)
    given += re.findall(r"note_problem ([a-z-]+)$", text, re.MULTILINE)
    assert sorted(set(given)) == sorted(REASONS)
