"""What was mistyped gets a suggestion, always in the same words."""

from __future__ import annotations

from pathlib import Path

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
        ("show img-wbev1000", 4, "img-webv1000"),
        ("check ins-wbe00001", 4, "ins-web00001"),
        ("create ins-wbe00001 --name x", 4, "ins-web00001"),
        ("launch web-v1 --like ins-wbe00001", 4, "ins-web00001"),
        ("launch family:wbe", 4, "web"),
        ("family history wbe", 4, "web"),
        ("family rollback wbe", 4, "web"),
        ("policy lits", 2, "list"),
        ("sandbox rest", 2, "reset"),
        ("sandbox faults CreateImag:task-fail", 2, "CreateImage"),
        ("sandbox faults CreateImage:task-fial", 2, "CreateImage:task-fail"),
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


@pytest.mark.parametrize("line", ["show img-zzzzzzzz", "check ins-zzzzzzzz"])
def test_an_id_like_no_other_gets_no_suggestion(cvmimg: Run, line: str) -> None:
    outcome = cvmimg(*line.split(), "-o", "json")

    assert outcome.code == 4
    assert "did you mean" not in outcome.error["hint"]


def test_only_the_closest_are_suggested(cvmimg: Run) -> None:
    outcome = cvmimg("--region", "ap-guangzho", "list", "-o", "json")

    assert outcome.error["hint"] == "did you mean ap-guangzhou?"


def test_a_mistyped_region_to_copy_to_gets_a_suggestion(cvmimg: Run) -> None:
    outcome = cvmimg("copy", "web-v1", "--to", "ap-beijng", "-o", "json")

    assert outcome.code == 3
    assert "did you mean ap-beijing" in outcome.error["message"]


def test_a_mistyped_profile_or_key_of_the_config_file_gets_a_suggestion(
    cvmimg: Run, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.delenv("CVMIMG_SANDBOX")
    (tmp_path / "config.toml").write_text('[profiles.prod]\nregion = "ap-guangzhou"\n')
    profile = cvmimg("--profile", "pord", "list", "-o", "json")
    (tmp_path / "config.toml").write_text('[profiles.default]\nregoin = "ap-guangzhou"\n')
    key = cvmimg("list", "-o", "json")

    assert (profile.code, key.code) == (2, 2)
    assert profile.error["hint"] == "did you mean prod?"
    assert key.error["hint"] == "did you mean region?"
