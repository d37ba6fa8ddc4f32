"""Completion in a shell: words, values and files."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    add_completion_class,
    split_arg_string,
)

from cvmimg.cli.settings import Invocation

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local response completion type value

    response=$(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDS="${COMP_WORDS[*]}" \\
        COMP_CWORD="$COMP_CWORD" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"
        case $type in
            dir) compopt -o dirnames 2>/dev/null ;;
            file) compopt -o default 2>/dev/null ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s 2>/dev/null ||
        complete -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class ColonComplete(BashComplete):
    """Completion in bash of words with a colon in them, which bash splits into several words."""

    name = "bash"
    source_template = _BASH

    def source(self) -> str:
        """Return the script; it works in every bash, so none is started to ask its version."""
        return str(self.source_template % self.source_vars())

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one to complete, and that one, as the user typed them."""
        line = os.environ.get("COMP_LINE")
        if line is None:
            return super().get_completion_args()
        words = split_arg_string(line)
        incomplete = "" if line[-1:].isspace() or not words else words.pop()
        return words[1:], incomplete

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Complete; omit the part that bash treats as separate words."""
        items = super().get_completions(args, incomplete)
        if ":" not in incomplete or "COMP_LINE" not in os.environ:
            return items
        prefix = incomplete[: incomplete.rindex(":") + 1]
        value_prefix = prefix.partition("=")[2] if prefix.startswith("-") else prefix
        for item in items:
            if item.type == "plain":
                item.value = str(item.value).removeprefix(value_prefix)
        return items


class CommaComplete(FishComplete):
    """Completion in fish of values, and with help texts, that have a comma in them."""

    name = "fish"
    source_template = FishComplete.source_template.replace("string split", "string split -m 1")


add_completion_class(ColonComplete)
add_completion_class(CommaComplete)


def complete_words(
    command: click.Command, program: str, variable: str, invocation: Invocation
) -> NoReturn:
    """Print the completions that the shell asks for, and exit; never with an error."""
    try:
        command.main([], program, complete_var=variable, obj=invocation)
    except SystemExit:
        raise
    except Exception:  # noqa: S110  whatever it is, a shell that completes must not show it
        pass
    sys.exit(0)
