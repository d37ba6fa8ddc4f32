"""``list`` and ``show``: every format, whole, against the sandbox's first world."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from cvmimg.cli.session import open_cloud
from cvmimg.cli.settings import Invocation, Rank
from cvmimg.cloud import cvm
from cvmimg.cloud.attempts import Failure
from cvmimg.cloud.client import Cloud, Link
from tests.cli.conftest import Run
from tests.support.clock import FakeClock

pytestmark = pytest.mark.usefixtures("sandbox")

KEYS = [
    "id",
    "name",
    "state",
    "type",
    "source",
    "description",
    "family",
    "deprecated",
    "os_name",
    "platform",
    "architecture",
    "size_gib",
    "created_at",
    "region",
    "creator",
    "progress",
    "cloud_init",
    "license_type",
    "snapshots",
    "tags",
]
TABLE = """\
ID            NAME     STATE   GIB  FAMILY  OS                             CREATED (UTC)
img-webv1000  web-v1   NORMAL   50  web     Ubuntu Server 22.04 LTS 64bit  2025-03-10 02:41
img-basev001  base-v1  NORMAL   50  -       Ubuntu Server 22.04 LTS 64bit  2024-01-08 09:15
"""


def test_a_table_has_the_newest_first_and_no_escape_code(cvmimg: Run) -> None:
    outcome = cvmimg("list")

    assert (outcome.code, outcome.out, outcome.err) == (0, TABLE, "")


def test_json_is_an_array_of_the_contracts_images(cvmimg: Run) -> None:
    outcome = cvmimg("list", "-o", "json")

    newest, oldest = outcome.json
    assert list(newest) == list(oldest) == KEYS
    assert newest["created_at"] == "2025-03-10T02:41:07Z"
    assert newest["region"] == "ap-guangzhou"
    assert newest["progress"] is None
    assert newest["tags"]["cvmimg-source-instance"] == "ins-web00001"
    (snapshot,) = newest["snapshots"]
    assert list(snapshot) == ["id", "usage", "size_gib"]
    assert outcome.err == ""


def test_jsonl_is_an_image_a_line(cvmimg: Run) -> None:
    lines = cvmimg("list", "-o", "jsonl").out.splitlines()

    assert [json.loads(line)["name"] for line in lines] == ["web-v1", "base-v1"]


def test_csv_is_flat_and_has_all_keys(cvmimg: Run) -> None:
    header, newest, _ = csv.reader(io.StringIO(cvmimg("list", "-o", "csv").out))

    row = dict(zip(header, newest, strict=True))
    assert header == KEYS
    assert row["tags"] == "cvmimg-source-instance=ins-web00001;team=shop"
    assert row["deprecated"] == "false"
    assert row["snapshots"].startswith("snap-")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d"])
def test_no_cell_of_csv_is_a_formula(cvmimg: Run, start: str) -> None:
    cvmimg("update", "web-v1", f"--description={start}1+cmd|' /C calc'!A0", "--tag", "@team=-1")
    columns = ("--columns", "description,size_gib")
    _, cells, _ = csv.reader(io.StringIO(cvmimg("list", "-o", "csv", *columns).out))
    assert cells == [f"'{start}1+cmd|' /C calc'!A0", "50"]
    header, _ = csv.reader(
        io.StringIO(cvmimg("list", "-o", "csv", "--query", "[0].tags | [@]").out)
    )
    assert "'@team" in header


def test_negative_numbers_in_csv_stay_numbers(cvmimg: Run) -> None:
    found = cvmimg("list", "-o", "csv", "--no-header", "--query", "[0].[`-1`, `-0.5`, '-1']").out
    assert found.split() == ["-1", "-0.5", "'-1"]


def test_id_prints_ids_alone(cvmimg: Run) -> None:
    assert cvmimg("list", "-o", "id").out == "img-webv1000\nimg-basev001\n"


@pytest.mark.parametrize("place", ["before", "after"])
def test_options_of_every_command_stand_before_or_after_its_name(cvmimg: Run, place: str) -> None:
    words = ["-o", "id", "list"] if place == "before" else ["list", "-o", "id"]

    assert cvmimg(*words).out == "img-webv1000\nimg-basev001\n"


def test_a_flag_after_the_name_beats_one_before_it_and_the_environment(
    cvmimg: Run, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("CVMIMG_OUTPUT", "csv")

    assert cvmimg("-o", "json", "list", "-o", "id").out == "img-webv1000\nimg-basev001\n"


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("--name web-*", ["img-webv1000"]),
        ("--name web-v1", ["img-webv1000"]),
        ("--name web", []),
        ("--family web", ["img-webv1000"]),
        ("--state normal", ["img-webv1000", "img-basev001"]),
        ("--state creating", []),
        ("--tag team=shop", ["img-webv1000"]),
        ("--tag team=shop --tag team=other", []),
        ("--name base* --all-regions", ["img-basev001"]),
    ],
)
def test_filters(cvmimg: Run, words: str, ids: list[str]) -> None:
    assert cvmimg("list", *words.split(), "-o", "id").out.split() == ids


def test_all_regions_add_the_region_to_the_table(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--all-regions", "--name", "base-v1")

    assert outcome.out.splitlines()[0].startswith("REGION        ID")
    assert outcome.out.splitlines()[1].startswith("ap-guangzhou  img-basev001")


def test_an_empty_list_says_so_on_stderr_alone(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--name", "nothing")

    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "no images in ap-guangzhou\n"
    assert cvmimg("list", "--name", "nothing", "-q").err == ""
    assert cvmimg("list", "--name", "nothing", "-o", "json").out == "[]\n"


@pytest.mark.parametrize("reference", ["img-webv1000", "web-v1", "family:web"])
def test_show_finds_an_image_by_id_name_or_family(cvmimg: Run, reference: str) -> None:
    image = cvmimg("show", reference, "-o", "json").json

    assert list(image) == [*KEYS, "shared_with"]
    assert image["id"] == "img-webv1000"


def test_show_lists_all_there_is_to_know(cvmimg: Run) -> None:
    outcome = cvmimg("show", "base-v1")

    titles = [line.split("  ")[0] for line in outcome.out.splitlines()]
    assert titles == [
        "id",
        "name",
        "state",
        "description",
        "family",
        "type",
        "os",
        "size",
        "created",
        "region",
        "creator",
        "cloud-init",
        "license",
        "snapshots",
        "tags",
        "shared with",
    ]


def test_an_unknown_image_ends_with_4_and_says_what_is_like_it(cvmimg: Run) -> None:
    assert cvmimg("show", "img-missing1").code == 4
    outcome = cvmimg("show", "web-v", "-o", "json")

    assert outcome.code == 4
    assert outcome.out == ""
    assert outcome.error["exit_code"] == 4
    assert "web-v1" in outcome.error["hint"]


def test_an_unknown_region_ends_with_2(cvmimg: Run) -> None:
    outcome = cvmimg("list", "--region", "ap-atlantis", "-o", "json")

    assert outcome.code == 2
    assert outcome.error["code"] == "UnsupportedRegion"
    assert outcome.error["request_id"]


HOSTILE = "[red]x[/red]\x1b]0;owned\x07\u202eevil"
HARMLESS = "[red]x[/red]\\x1b]0;owned\\x07\\u202eevil"


@pytest.fixture
def hostile_name(sandbox: None, clock: FakeClock) -> None:
    """An image whose name holds markup, escape codes and a change of direction."""
    invocation = Invocation(clock=clock)
    invocation.note("sandbox", True, Rank.FLAG)
    with open_cloud(invocation) as cloud:
        cvm.modify_image_attribute(cloud, "img-webv1000", {"ImageName": HOSTILE})


@pytest.mark.usefixtures("hostile_name")
@pytest.mark.parametrize("words", ["list", "show img-webv1000", "list -o csv"])
@pytest.mark.parametrize("color", ["", "1"])
def test_text_from_the_cloud_moves_no_terminal(
    cvmimg: Run, environment: pytest.MonkeyPatch, words: str, color: str
) -> None:
    environment.setenv("FORCE_COLOR", color)
    environment.setenv("COLUMNS", "200")

    outcome = cvmimg(*words.split())

    assert HARMLESS in outcome.out
    assert "\x1b]" not in outcome.out
    assert "\u202e" not in outcome.out


@pytest.mark.usefixtures("hostile_name")
def test_json_holds_the_very_text_but_escaped(cvmimg: Run) -> None:
    outcome = cvmimg("show", "img-webv1000", "-o", "json")

    assert outcome.json["name"] == HOSTILE
    assert outcome.out.replace("\n", "").isprintable()


@pytest.mark.usefixtures("hostile_name")
def test_an_error_with_such_text_moves_no_terminal_either(cvmimg: Run) -> None:
    outcome = cvmimg("show", HOSTILE + "x")

    assert outcome.code == 4
    assert "\x1b" not in outcome.err


@pytest.mark.parametrize(
    ("variables", "flags", "colored"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1"}, ["--no-color"], False),
        ({"FORCE_COLOR": "1", "CVMIMG_NO_COLOR": "1"}, [], False),
    ],
)
def test_colors_are_forced_and_forbidden(
    cvmimg: Run,
    environment: pytest.MonkeyPatch,
    variables: dict[str, str],
    flags: list[str],
    colored: bool,
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)

    assert ("\x1b[" in cvmimg("list", *flags).out) is colored
    assert ("\x1b[" in cvmimg("show", "nothing", *flags).err) is colored


@pytest.mark.parametrize(
    "words", ["list --columns region", "instances --columns region", "quota", "family list"]
)
def test_a_region_that_refuses_is_named_after_what_the_others_hold(
    cvmimg: Run, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    send = Link.send

    def refused_in_shanghai(link: Link, cloud: Cloud, service: str, action: str, *more: Any) -> Any:
        if cloud.region == "ap-shanghai":
            error = {"Code": "UnauthorizedOperation", "Message": "no"}
            return Failure.from_answer({"Error": error, "RequestId": "request"}, action, "host")
        return send(link, cloud, service, action, *more)

    monkeypatch.setattr(Link, "send", refused_in_shanghai)
    outcome = cvmimg(*words.split(), "--all-regions")
    assert outcome.code == 5
    assert "ap-guangzhou" in outcome.out
    assert "ap-shanghai " not in outcome.out
    assert "ap-shanghai" in outcome.err
