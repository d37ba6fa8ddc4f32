"""Write docs/coverage.md, what the sandbox simulates by action. ``--check`` only compares."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping

import error_codes
from cvmimg.sandbox import services
from cvmimg.sandbox.wire import description, limits
from cvmimg.sandbox.wire.description import Struct
from generated import ROOT, write_or_check

SEEN = ROOT / "tests" / "interop" / "seen.json"
"""The actions that each client was seen calling; see tests/interop/conftest.py."""

HEAD = """\
<!-- Made by scripts/make_coverage.py from the sandbox and from tests/interop/seen.json. -->

# What the sandbox covers

{actions} actions of {services} services. All others return InvalidAction.

- **Parameters**: how many the official description lists for a request, at every depth. All of them
  are checked: unknown names, missing ones and wrong types are refused.
- **Limits**: how many of the limits that the description states in prose are checked as well, such
  as counts, lengths and ranges.
- **Errors**: how many error codes of its own the action returns; they are listed below each
  table. Every action also returns those for the signature, the parameters and the rate limits.
- **Seen with**: third-party clients that call it successfully in `tests/interop`, unmodified.
"""


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    return write_or_check({ROOT / "docs" / "coverage.md": page()}, check=arguments.check)


def page() -> str:
    """Return the whole page."""
    services.register()
    clients: dict[str, list[str]] = {}
    for client, actions in json.loads(SEEN.read_text(encoding="utf-8")).items():
        for action in actions:
            clients.setdefault(action, []).append(client)
    loaded = [description.load(name) for name in description.SERVICES]
    count = sum(len(service.actions) for service in loaded)
    head = HEAD.format(actions=count, services=len(loaded))
    parts = [line for service in loaded for line in section(service, clients)]
    return "\n".join([head, *parts])


def section(service: description.Service, clients: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the lines about one service."""
    yield f"## {service.name} {service.version}"
    yield ""
    yield "| action | parameters | limits | errors | seen with |"
    yield "|---|---|---|---|---|"
    errors = {
        action: [c for c in error_codes.of_action(service.name, action) if c != "MissingParameter"]
        for action in sorted(service.actions)
    }
    for action, codes in errors.items():
        parameters = _count(service.actions[action], service.objects)
        checked = len(limits.limits_of(service.name, action))
        seen = ", ".join(sorted(clients.get(f"{service.name}.{action}", ())))
        yield f"| {action} | {parameters} | {checked} | {len(codes)} | {seen} |"
    yield ""
    for action, codes in errors.items():
        if codes:
            yield f"- **{action}**: {', '.join(f'`{code}`' for code in codes)}"
    yield ""


def _count(struct: Struct, objects: Mapping[str, Struct], above: tuple[str, ...] = ()) -> int:
    """Return the number of members at every depth."""
    return sum(
        1
        + (
            _count(objects[m.type], objects, (*above, m.type))
            if _is_new(m.type, objects, above)
            else 0
        )
        for m in struct.values()
    )


def _is_new(name: str, objects: Mapping[str, Struct], above: tuple[str, ...]) -> bool:
    return name in objects and name not in above


if __name__ == "__main__":
    sys.exit(main())
