"""What contributors are offered works: hooks, make targets, packages and decisions."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from scripts.screens import SCREENS

from cvmimg.cli.commands import HELP
from tests.docs.pages import DOCS, PAGES, ROOT, blocks, prose

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_every_hook_runs_a_tool_of_the_project() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]]

    assert {repo["repo"] for repo in config["repos"]} == {"local"}
    for entry in entries:
        program, *words = shlex.split(entry)
        assert program.startswith(".venv/bin/") or (program == "make" and set(words) <= TARGETS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_exists(page: Path) -> None:
    text = "\n".join([prose(page), *(block.text for block in blocks(page))])
    named = set(re.findall(r"(?:`|^\$ )make ([a-z-]+)", text, re.MULTILINE))

    assert named <= TARGETS


def test_every_decision_says_when_why_and_instead_of_what() -> None:
    pages = [page for page in (DOCS / "decisions").glob("*.md") if page.name != "index.md"]
    index = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")

    assert len(pages) >= 5
    for page in pages:
        text = page.read_text(encoding="utf-8")
        titles = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert titles == ["Context", "Decision", "Consequences", "Alternatives"], page.name
        assert re.search(r"^Decided on \d{4}-\d\d-\d\d\. ", text, re.MULTILINE), page.name
        assert f"]({page.name})" in index


def test_every_command_has_a_screen() -> None:
    assert set(HELP) <= {screen.command for screen in SCREENS}
