"""The sandbox's description is the official one, and every action in it is answered."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from typing import Any

import pytest

from cvmimg.sandbox import services
from cvmimg.sandbox.wire import description, errors, limits
from cvmimg.sandbox.wire.call import ACTIONS
from tests.contract.answers import allowed_codes
from tests.support import tccli

SCRIPT = tccli.ROOT / "scripts" / "extract_api_description.py"

ALL = [
    (service, action)
    for service in description.SERVICES
    for action in description.load(service).actions
]
RULES = [(key, rule) for key in ALL for rule in limits.limits_of(*key)]


@pytest.mark.parametrize("side", ["Request", "Response"])
@pytest.mark.parametrize("service", description.SERVICES)
def test_it_matches_the_installed_tccli(service: str, side: str) -> None:
    script = runpy.run_path(str(SCRIPT))
    official = script["extract"](tccli.needs_package(), service, side)
    path = script["FILES"][side] / f"{service}.json"
    ours = json.loads(path.read_text(encoding="utf-8"))
    for each in (official, ours):
        each.pop("tccli")
    assert ours == official, "run scripts/extract_api_description.py"


def test_exactly_the_described_actions_are_answered(covered: Counter[str]) -> None:
    services.register()
    covered["actions"] = len(ALL)
    assert sorted(ACTIONS) == sorted(ALL)


@pytest.mark.parametrize(("key", "rule"), RULES, ids=repr)
def test_every_limit_has_a_parameter_and_a_code_of_its_action(
    key: tuple[str, str], rule: Any, covered: Counter[str]
) -> None:
    service = description.load(key[0])
    paths = [rule.path, *getattr(rule, "others", ())]
    for path in paths:
        struct = service.actions[key[1]]
        for name in path.split("."):
            member = struct[name]
            struct = service.objects.get(member.type, {})
    covered["limits"] += 1
    assert errors.code_of(key[1], rule.code) in allowed_codes(*key)
