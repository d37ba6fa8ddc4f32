"""What was mistyped gets a suggestion, always in the same words."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.mark.parametrize(
    ("line", "code", "name"),
    [
        ("lst", 2, "list"),
        ("list --stat NORMAL", 2, "--state"),
        ("list --sort nam", 2, "name"),
        ("show web-v11", 4, "web-v1"),
        ("instances --image wev-v1", 4, "web-v1"),
        ("check --instance web1", 4, "web-1"),
        ("--region ap-guangzou list", 2, "ap-guangzhou"),
    ],
)
def test_a_mistyped_word_gets_a_suggestion(cvmimg: Run, line: str, code: int, name: str) -> None:
    outcome = cvmimg(*line.split(), "-o", "json")

    assert outcome.code == code
    hint = outcome.error["hint"]
    assert hint.startswith("did you mean ")
    assert name in hint


def test_a_name_like_no_other_gets_the_usual_hint(cvmimg: Run) -> None:
    outcome = cvmimg("show", "zzzzzz", "-o", "json")

    assert outcome.code == 4
    assert "cvmimg list" in outcome.error["hint"]
