"""The registry: everything about the list of checks follows from it."""

from __future__ import annotations

import inspect
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import cvmimg.checks
from cvmimg.checks import registry
from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.registry import CHECKS, GROUPS, IDS, WINDOWS, Check, needs_guest, run_checks
from cvmimg.checks.result import Status
from cvmimg.cli.messages import en, text
from cvmimg.cloud.models import Instance
from cvmimg.errors import CloudRefused
from cvmimg.message import Message

NOT_CHECKS = {
    "__init__",
    "facts",
    "gather",
    "image_use",
    "observed",
    "questions",
    "registry",
    "result",
}
FACTS = Facts(
    CheckRequest(instance_id="ins-web00001", name="x"),
    "ap-guangzhou",
    instance=Instance({"InstanceId": "ins-web00001", "InstanceState": "REBOOTING"}),
    quota=10,
    refusal=CloudRefused(Message("no"), code="OperationDenied", hint=Message("Wait")),
)


def test_every_module_beside_the_registry_is_a_check_of_it() -> None:
    folder = Path(cvmimg.checks.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - NOT_CHECKS
    assert {(check.group or check.id).replace("-", "_") for check in CHECKS} == modules


def test_no_check_is_named_elsewhere_by_hand() -> None:
    """Ids are written in the registry, and where one check is treated in its own way."""
    source = Path(inspect.getfile(registry)).read_text()
    for check in CHECKS:
        assert source.count(f'Check("{check.id}"') == 1
    for path in Path(cvmimg.checks.__file__).parents[1].glob("cli/**/*.py"):
        # Probes have some of the same names, and the catalog is generated.
        if path.name not in ("en.py", "options.py", "catalog.py"):
            content = path.read_text()
            assert sum(f'"{check.id}"' in content for check in CHECKS) <= 2, path


@pytest.mark.parametrize("check", CHECKS, ids=IDS)
def test_every_check_says_what_it_is_for(check: Check) -> None:
    assert text(check.why).endswith(".")


@pytest.mark.parametrize("check", [each for each in CHECKS if each.group], ids=lambda c: c.id)
def test_every_readiness_check_says_why_and_what_it_can_find(check: Check) -> None:
    assert en.TEXTS[f"check.{check.id}.why"].endswith(".")
    assert {f"{code}{end}" for code in check.codes for end in ("", ".hint")} <= set(en.TEXTS)
    assert check.codes


def test_the_ids_load_none_of_the_checks() -> None:
    code = "import sys, cvmimg.checks.registry; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.startswith("cvmimg")}
    assert loaded == {
        "cvmimg",
        "cvmimg.checks",
        "cvmimg.checks.registry",
        "cvmimg.checks.result",
        "cvmimg.message",
    }


def test_there_is_one_result_for_each_check_in_order() -> None:
    results = run_checks(FACTS, skip=["quota"])
    assert tuple(result.id for result in results) == tuple(
        check.id for check in CHECKS if check.group != WINDOWS
    )
    skipped = next(result for result in results if result.id == "quota")
    assert (skipped.status, skipped.params) == (Status.SKIP, {"check": "quota"})


def test_a_refused_dry_run_has_no_remedy_of_its_own_beside_another_failure() -> None:
    remedies = {result.id: result.remedies for result in run_checks(FACTS)}
    assert remedies["instance"]
    assert not remedies["dry-run"]
    alone = {result.id: result.remedies for result in run_checks(FACTS, skip=["instance"])}
    assert alone["dry-run"]


def test_the_guest_is_needed_only_for_checks_that_are_not_skipped() -> None:
    assert needs_guest([])
    assert not needs_guest([check.id for check in CHECKS if check.needs_guest])


def test_every_code_in_the_source_has_a_sentence() -> None:
    import re

    pattern = re.compile(
        r"(?:Message|passed|skipped|_passed|_failed|mitigated)\(\s*\"([A-Za-z][\w.-]*)\""
    )
    root = Path(cvmimg.checks.__file__).parents[1]
    codes = {
        code
        for folder in ("checks", "guest")
        for path in (root / folder).rglob("*.py")
        for code in pattern.findall(path.read_text())
    }
    assert len(codes) > 100
    assert sorted(codes - set(en.TEXTS)) == []


def test_every_code_of_a_readiness_check_has_a_sentence_and_a_hint() -> None:
    folder = Path(cvmimg.checks.__file__).parent
    for group in GROUPS:
        source = (folder / f"{group}.py").read_text()
        codes = {code for check in CHECKS if check.group == group for code in check.codes}
        assert [code for code in codes if f'"{code}"' not in source] == []
        assert [code for code in codes if not {code, f"{code}.hint"} <= set(en.TEXTS)] == []


def test_every_warning_can_be_made_a_failure() -> None:
    unknown = replace(FACTS, quota=None)
    lenient = {result.id: result.status for result in run_checks(unknown)}
    strict = {result.id: result.status for result in run_checks(unknown, fail_on="warn")}
    assert (lenient["quota"], strict["quota"]) == (Status.WARN, Status.FAIL)
    assert {id for id in strict if strict[id] is not lenient[id]} == {"quota"}
