"""share, unshare and show, as they are typed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")

NEIGHBOUR = "100000000002"


def test_show_names_the_accounts_that_an_image_is_shared_with(cvmimg: Run) -> None:
    assert cvmimg("show", "web-v1", "-o", "json").json["shared_with"] == []
    shared = cvmimg("share", "web-v1", "--with", NEIGHBOUR, "-o", "json")
    assert (shared.code, shared.json["shared_with"]) == (0, [NEIGHBOUR])
    assert shared.json == cvmimg("show", "web-v1", "-o", "json").json
    assert NEIGHBOUR in cvmimg("show", "web-v1").out
    left = cvmimg("unshare", "web-v1", "--all", "-o", "json")
    assert (left.code, left.json["shared_with"]) == (0, [])


def test_the_sharing_of_a_public_image_is_unknown(cvmimg: Run) -> None:
    (public, *_) = cvmimg("list", "--type", "public", "-o", "id").out.splitlines()
    assert cvmimg("show", public, "-o", "json").json["shared_with"] is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("share", "web-v1"), 2),
        (("share", "web-v1", "--with", "acme"), 2),
        (("share", "web-v1", "--with", "100000000001"), 3),
        (("share", "web-v9", "--with", NEIGHBOUR), 4),
        (("unshare", "web-v1"), 2),
        (("unshare", "web-v1", "--all", "--with", NEIGHBOUR), 2),
    ],
)
def test_an_impossible_request_is_refused(cvmimg: Run, words: tuple[str, ...], code: int) -> None:
    outcome = cvmimg(*words)
    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith("error:")


def test_check_is_as_strict_as_the_create_that_shares_the_image(
    cvmimg: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cvmimg.checks.secrets.in_image", lambda *_: ["/root/.ssh/id_rsa"])
    web = ("check", "--instance", "ins-web00001", "--name", "x")
    assert cvmimg(*web).code == 0
    for option, code, status in (
        (("--share-with", "100000000002"), 3, "fail"),
        (("--copy-to", "ap-beijing"), 0, "warn"),
    ):
        outcome = cvmimg(*web, *option)
        assert outcome.code == code
        assert f"secrets        {status}" in outcome.out
