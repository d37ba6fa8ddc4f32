"""``cvmimg prune``, as it is typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")

SHANGHAI = ("prune", "--region", "ap-shanghai", "--name", "app-*", "--keep", "8")


def names(cvmimg: Run) -> list[str]:
    listed = cvmimg("list", "--region", "ap-shanghai", "-o", "json").json
    return sorted(image["name"] for image in listed)


def test_without_apply_the_plan_is_shown_and_nothing_is_changed(cvmimg: Run) -> None:
    shown = cvmimg(*SHANGHAI)
    assert shown.code == 0
    assert "app-2025-01" in shown.out
    assert "nothing was changed" in shown.err
    assert "→ cvmimg --region ap-shanghai prune --name 'app-*' --keep 8 --apply" in shown.err
    assert len(names(cvmimg)) == 10


def test_json_holds_every_decision_with_its_reasons(cvmimg: Run) -> None:
    planned = cvmimg(*SHANGHAI, "-o", "json").json
    oldest, newest = planned[-1], planned[0]
    assert oldest["image"]["name"] == "app-2025-01"
    assert (oldest["decision"], oldest["freed_gib"]) == ("delete", 50)
    assert [reason["code"] for reason in oldest["reasons"]] == ["NotAmongNewest", "Unused"]
    assert (newest["decision"], newest["freed_gib"]) == ("keep", 0)
    assert all(set(reason) == {"code", "text"} for each in planned for reason in each["reasons"])
    assert "result" not in oldest


def test_apply_deletes_what_was_shown_and_a_second_run_nothing(cvmimg: Run) -> None:
    applied = cvmimg(*SHANGHAI, "--apply", "--yes", "-o", "json")
    assert applied.code == 0
    results = {each["image"]["name"]: each["result"] for each in applied.json}
    assert [name for name, result in results.items() if result == "deleted"] == [
        "app-2025-02",
        "app-2025-01",
    ]
    assert names(cvmimg) == [f"app-2025-{number:02}" for number in range(3, 11)]
    again = cvmimg(*SHANGHAI, "--apply", "-o", "json")
    assert {each["result"] for each in again.json} == {"kept"}


def test_ids_are_those_of_what_is_deleted(cvmimg: Run) -> None:
    assert cvmimg(*SHANGHAI, "-o", "id").out.split() == ["img-full0002", "img-full0001"]


def test_apply_asks_first(cvmimg: Run) -> None:
    refused = cvmimg(*SHANGHAI, "--apply", "-o", "json")
    assert (refused.code, refused.error["code"]) == (2, "NotConfirmed")
    assert len(names(cvmimg)) == 10


def test_an_image_in_use_is_kept_and_its_users_are_named(cvmimg: Run) -> None:
    (base,) = cvmimg("prune", "--name", "base-*", "--older-than", "30d", "-o", "json").json
    assert base["decision"] == "keep"
    (reason,) = base["reasons"]
    assert reason["code"] == "KeptInUse"
    for user in ("ins-priv0001", "lt-base0001", "asc-base0001"):
        assert user in reason["text"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), "RetentionMissing"),
        (("--keep", "0"), "InvalidArgument"),
        (("--older-than", "soon"), "InvalidArgument"),
        (("--keep", "1", "--tag", "=x"), "InvalidArgument"),
    ],
)
def test_a_request_that_cannot_be_right_is_refused(
    cvmimg: Run, arguments: tuple[str, ...], code: str
) -> None:
    refused = cvmimg("prune", *arguments, "-o", "json")
    assert (refused.code, refused.error["code"]) == (2, code)
