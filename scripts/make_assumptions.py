"""Write docs/assumptions.md from the list in the code. ``--check`` only compares."""

from __future__ import annotations

import argparse
import sys

from assumptions import ASSUMPTIONS, Assumption, Certainty
from generated import ROOT, write_or_check

HEAD = """\
<!-- Made by scripts/make_assumptions.py from scripts/assumptions.py. -->

# Assumptions

cvmimg has not been run against the real Tencent Cloud yet. It is built on the official API
description, on the error tables of the SDKs, and on what other clients do.
This page lists everything that it assumes without a recorded response, how certain that is, and
what happens if it is wrong.

`make conformance` runs the steps named here against an account; see [Conformance](conformance.md).
"""


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    return write_or_check({ROOT / "docs" / "assumptions.md": page()}, check=arguments.check)


def page() -> str:
    """The whole page."""
    sections = [section(certainty) for certainty in Certainty]
    return "\n".join([HEAD, *sections])


def section(certainty: Certainty) -> str:
    """The assumptions of one certainty."""
    parts = [f"## {certainty.value[0].upper()}{certainty.value[1:]}", ""]
    for assumption in ASSUMPTIONS:
        if assumption.certainty is certainty:
            parts += entry(assumption)
    return "\n".join(parts)


def entry(assumption: Assumption) -> list[str]:
    """One assumption."""
    used_by = ", ".join(f"`{name}`" for name in assumption.used_by)
    lines = [
        f"### {assumption.id}",
        "",
        assumption.belief,
        "",
        f"- **If wrong:** {assumption.if_wrong}",
        f"- **Used by:** {used_by}",
    ]
    if assumption.settled_by:
        lines.append(f"- **Settled by:** step `{assumption.settled_by}` of the conformance run")
    return [*lines, ""]


if __name__ == "__main__":
    sys.exit(main())
