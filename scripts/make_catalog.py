"""Write the catalog of codes that ``cvmimg explain`` knows, from the source.

``--check`` writes nothing, and fails if it is not as it would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from operator import attrgetter

from cvmimg.checks.registry import CHECKS
from cvmimg.cli.messages.en import TEXTS
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

from cvmimg.checks.registry import CHECKS

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
    shared: dict[str, list[str]] = defaultdict(list)
    for raised in sorted(raised_errors().values(), key=attrgetter("message")):
        exit_codes[raised.message] = exit_codes[raised.code] = raised.exit_code
        if raised.code not in TEXTS:
            shared[raised.code].append(raised.message)
    errors: dict[int, list[str]] = defaultdict(list)
    for code, number in sorted(exit_codes.items()):
        if not is_of_api(code):
            errors[number].append(code)
    sentences = {f'"{code}"': shared[code] for code in sorted(shared) if not is_of_api(code)}
    results = {f'"{check.id}"': result_codes(check) for check in CHECKS if not check.codes}
    return HEAD + "\n".join(
        [
            "_ERRORS: Mapping[int, tuple[str, ...]] = {",
            *rows({str(number): errors[number] for number in sorted(errors)}),
            "}",
            "_RESULTS: Mapping[str, tuple[str, ...]] = {",
            *rows(results),
            "}",
            "SENTENCES: Mapping[str, tuple[str, ...]] = {",
            *rows(sentences),
            "}",
            '"""By a code without a sentence of its own, those of the errors that report it."""',
            "EXIT_CODES = dict("
            "sorted((code, number) for number, codes in _ERRORS.items() for code in codes))",
            '"""By code, the exit code of every error of cvmimg\'s own."""',
            "CHECK_RESULTS = {check.id: check.codes or _RESULTS[check.id] for check in CHECKS}",
            '"""By check, the codes of what it can find."""',
            "",
        ]
    )


def is_of_api(code: str) -> bool:
    """Whether an error reports a code of the API's in the API's place."""
    return "." in code or code == "ImageQuotaLimitExceeded"


def rows(codes_of: Mapping[str, list[str]]) -> Iterator[str]:
    """The entries of a mapping to codes, formatted as ruff does."""
    for key, codes in codes_of.items():
        if len(codes) == 1:
            yield f'    {key}: ("{codes[0]}",),'
        else:
            yield f"    {key}: ("
            yield from (f'        "{code}",' for code in codes)
            yield "    ),"


if __name__ == "__main__":
    sys.exit(main())
