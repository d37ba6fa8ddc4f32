"""Commands in the docs exist, with the options that they are shown with."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cvmimg.cli.app import cli
from tests.docs.pages import PAGES, ROOT, blocks, prose

_CODE = re.compile(r"`(cvmimg [^`\n]+)`")
_CALL = re.compile(r"(?:^|[\s($;|&])(cvmimg (?:\\\n|[^\n|;&<>])+)")
_LINE = re.compile(r"^(cvmimg .+)$", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s)#.*$", re.MULTILINE)
_SHELL = ("console", "shell", "sh", "bash", "yaml")


def calls(page: Path) -> Iterator[str]:
    """The commands of a page: in its sentences and in its blocks, but not in their output."""
    yield from (re.split("[|;&<>]", call)[0] for call in _CODE.findall(prose(page)))
    for block in blocks(page):
        text = block.text
        if block.language == "console":
            text = "\n".join(line[2:] for line in text.splitlines() if line.startswith("$ "))
        pattern = _CALL if block.language in _SHELL else _LINE
        found = pattern.findall(_COMMENT.sub("", text))
        yield from (call.replace("\\\n", " ") for call in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_and_option_exists(page: Path) -> None:
    assert [call for call in calls(page) if not _exists(call)] == []


def _exists(call: str) -> bool:
    try:
        words = shlex.split(call)[1:]
    except ValueError:
        words = call.split()[1:]
    command: click.Command = cli
    context = click.Context(cli, info_name="cvmimg")
    known = _options(command, context)
    for word in words:
        word = word.strip("()[],.…\"'")
        if word.startswith("-"):
            flag = word.partition("=")[0].partition("|")[0]
            if re.fullmatch(r"-{1,2}[a-z][a-z-]*", flag) and flag not in known:
                return False
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                if re.fullmatch(r"[a-z][a-z-]*", word) and not _is_value(words, word):
                    return False
                continue
            command, context = found, click.Context(found, info_name=word, parent=context)
            known |= _options(found, context)
    return True


def _is_value(words: list[str], word: str) -> bool:
    """Whether a word follows an option that takes a value, such as ``--region ap-beijing``."""
    before = words[words.index(word) - 1] if word in words[1:] else ""
    return before.startswith("-")


def _options(command: click.Command, context: click.Context) -> set[str]:
    params = command.get_params(context)
    return {flag for each in params for flag in (*each.opts, *each.secondary_opts)} | {"-vv"}
