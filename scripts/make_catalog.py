"""Write the catalog of codes that ``cvmimg explain`` knows, from the source.

``--check`` writes nothing, and fails if it is not as it would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping

from cvmimg.checks.registry import CHECKS
from generated import ROOT, write_or_check
from make_docs import result_codes
from make_errors import raised_errors

CATALOG = ROOT / "src" / "cvmimg" / "cli" / "messages" / "catalog.py"
HEAD = '''\
"""The codes of errors with their exit codes, and of the results of checks.

Made by scripts/make_catalog.py from the source.
"""

from __future__ import annotations

from collections.abc import Mapping

'''


def main() -> int:
    """Write or check the catalog."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    return write_or_check({CATALOG: catalog()}, check=arguments.check)


def catalog() -> str:
    """The module."""
    exit_codes: dict[str, int] = {}
    for raised in raised_errors().values():
        exit_codes[raised.message] = exit_codes[raised.code] = raised.exit_code
    own = {code: number for code, number in exit_codes.items() if code in known()}
    results = {check.id: result_codes(check) for check in CHECKS}
    return HEAD + "\n".join(
        [
            "EXIT_CODES: Mapping[str, int] = {",
            *(f'    "{code}": {number},' for code, number in sorted(own.items())),
            "}",
            '"""By code, the exit code of every error of cvmimg\'s own."""',
            "",
            "CHECK_RESULTS: Mapping[str, tuple[str, ...]] = {",
            *rows(results),
            "}",
            '"""By check, the codes of what it can find."""',
            "",
        ]
    )


def known() -> Iterable[str]:
    """The codes that have a sentence."""
    from cvmimg.cli.messages.en import TEXTS

    return TEXTS


def entry(code: str) -> str:
    """A code in a tuple."""
    return f'"{code}",'


def rows(results: Mapping[str, list[str]]) -> Iterator[str]:
    """The entries of the results, formatted as ruff does."""
    for check, codes in results.items():
        if len(codes) < 2:
            yield f'    "{check}": ({"".join(map(entry, codes))}),'
            continue
        yield f'    "{check}": ('
        yield from (f'        "{code}",' for code in codes)
        yield "    ),"


if __name__ == "__main__":
    sys.exit(main())
