"""``configure`` asks, tests and saves; ``config show`` says where each value comes from."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cvmimg.cli.session import open_sandbox
from cvmimg.cli.settings import Invocation
from cvmimg.sandbox import Sandbox
from tests.cli.conftest import Run
from tests.support.clock import FakeClock
from tests.support.terminal import TerminalProgram

Write = Callable[[str], None]


@pytest.fixture
def served(environment: pytest.MonkeyPatch, clock: FakeClock) -> Iterator[Sandbox]:
    with open_sandbox(Invocation(clock=clock)) as sandbox:
        environment.setenv("CVMIMG_ENDPOINT", sandbox.serve().url)
        yield sandbox


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the answers through a pipe."""

    def give(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return give


def test_what_is_saved_is_used(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None], tmp_path: Path
) -> None:
    secret_id, secret_key = served.credentials()
    answer(secret_id, secret_key, "ap-shanghai")

    outcome = cvmimg("configure", "-o", "json")

    assert outcome.code == 0
    assert outcome.json["account"] == "100000000001"
    assert secret_key not in outcome.out + outcome.err
    for path in map(Path, outcome.json["files"]):
        assert path.parent == tmp_path / ".tccli"
        assert path.stat().st_mode & 0o077 == 0
    assert len(cvmimg("list", "-o", "json").json) == 10  # those of ap-shanghai


def test_keys_that_are_refused_are_not_saved(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None], tmp_path: Path
) -> None:
    answer(served.credentials()[0], "wrong", "ap-guangzhou")

    outcome = cvmimg("configure", "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (5, "AuthFailure.SignatureFailure")
    assert not (tmp_path / ".tccli").exists()


@pytest.mark.parametrize("region", ["ap-guangzou", "guangzhou"])
def test_a_region_that_does_not_exist_is_not_saved(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None], tmp_path: Path, region: str
) -> None:
    answer(*served.credentials(), region)

    outcome = cvmimg("configure", "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (2, "RegionUnknown")
    assert "ap-guangzhou" in outcome.error["hint"]
    assert not (tmp_path / ".tccli").exists()


def test_input_that_ends_early_saves_nothing(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None]
) -> None:
    answer(served.credentials()[0])

    outcome = cvmimg("configure", "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (2, "AnswerMissing")


def test_a_profile_that_exists_is_replaced_only_if_that_is_confirmed(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None], tmp_path: Path
) -> None:
    folder = tmp_path / ".tccli"
    folder.mkdir()
    old = {"secretId": "old", "secretKey": "old", "type": "oauth", "expiresAt": 1}
    (folder / "work.credential").write_text(json.dumps(old), encoding="utf-8")
    (folder / "work.configure").write_text('{"cvm": {"version": "x"}}', encoding="utf-8")
    answers = (*served.credentials(), "ap-guangzhou")

    answer(*answers)
    refused = cvmimg("configure", "--profile", "work", "-o", "json")
    answer(*answers)
    replaced = cvmimg("configure", "--profile", "work", "--yes")

    assert (refused.code, refused.error["code"]) == (2, "NotConfirmed")
    assert replaced.code == 0
    assert cvmimg("list", "--profile", "work").code == 0
    kept = json.loads((folder / "work.configure").read_text(encoding="utf-8"))
    assert kept["cvm"] == {"version": "x"}
    assert kept["_sys_param"]["region"] == "ap-guangzhou"


def test_keys_of_the_environment_that_beat_the_saved_ones_are_noted(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None], environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("TENCENTCLOUD_SECRET_ID", "AKIDother")
    environment.setenv("TENCENTCLOUD_SECRET_KEY", "other")
    answer(*served.credentials(), "ap-guangzhou")

    outcome = cvmimg("configure")

    assert outcome.code == 0
    assert "TENCENTCLOUD_SECRET_ID" in outcome.err


@pytest.mark.usefixtures("sandbox")
def test_the_sandbox_has_credentials_of_its_own(cvmimg: Run) -> None:
    assert cvmimg("configure").code == 2


def test_on_a_terminal_the_secret_key_is_not_shown(served: Sandbox, tmp_path: Path) -> None:
    secret_id, secret_key = served.credentials()
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TERM": "xterm",
        "CVMIMG_ENDPOINT": os.environ["CVMIMG_ENDPOINT"],
        "CVMIMG_STATE_DIR": str(tmp_path),
    }
    program = TerminalProgram([sys.executable, "-m", "cvmimg", "configure"], variables)

    program.read_until("Secret id: ")
    program.send(f"{secret_id}\r")
    program.read_until("Secret key (not shown): ")
    program.send(f"{secret_key}\r")
    program.read_until("Region [ap-guangzhou]: ")
    program.send("\r")

    assert program.wait() == 0
    assert secret_key not in program.output
    assert (tmp_path / ".tccli" / "default.credential").exists()


def sources(run: Run, *options: str) -> dict[str, tuple[object, str]]:
    shown = run("config", "show", *options, "-o", "json").json
    return {each["key"]: (each["value"], each["source"]) for each in shown}


@pytest.mark.parametrize("cloud", [(), ("--sandbox",)])
def test_a_profile_that_does_not_exist_has_no_settings(
    cvmimg: Run, config: Write, cloud: tuple[str, ...]
) -> None:
    config('[profiles.prod]\nregion = "ap-shanghai"')

    outcome = cvmimg("config", "show", "--profile", "prdo", *cloud, "-o", "json")

    assert (outcome.code, outcome.error["code"]) == (2, "ProfileNotFound")
    assert "prod" in outcome.error["hint"]


def test_a_profile_with_credentials_alone_exists(
    cvmimg: Run, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / ".tccli"
    folder.mkdir()
    keys = {"secretId": "AKIDsomebody", "secretKey": "never-shown"}
    (folder / "work.credential").write_text(json.dumps(keys), encoding="utf-8")
    environment.setenv("CVMIMG_SANDBOX", "1")

    assert sources(cvmimg, "--profile", "work")["profile"] == ("work", "--profile")


def test_each_value_says_where_it_comes_from(
    cvmimg: Run, config: Write, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = '[profiles.prod]\nregion = "ap-shanghai"\nquiet = true\n'
    config(f'{settings}[profiles.prod.create]\ntimeout = "3h"')
    environment.setenv("CVMIMG_NO_COLOR", "1")
    environment.setenv("TENCENTCLOUD_SECRET_ID", "AKIDsomebody")
    environment.setenv("TENCENTCLOUD_SECRET_KEY", "never-shown")

    shown = sources(cvmimg, "--profile", "prod")

    profile = f"{tmp_path / 'config.toml'}: profiles.prod"
    assert shown["region"] == ("ap-shanghai", profile)
    assert shown["quiet"] == (True, profile)
    assert shown["create.timeout"] == ("3h", profile)
    assert shown["no_color"] == (True, "CVMIMG_NO_COLOR")
    assert shown["profile"] == ("prod", "--profile")
    assert shown["yes"] == (False, "default")
    assert shown["config"] == (str(tmp_path / "config.toml"), "CVMIMG_CONFIG")
    assert shown["credentials"] == ("AKIDsomebody", "environment")
    assert "never-shown" not in str(shown)


def test_a_flag_beats_the_environment_which_beats_a_file(
    cvmimg: Run, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / ".tccli"
    folder.mkdir()
    (folder / "default.configure").write_text('{"region": "ap-beijing"}', encoding="utf-8")
    assert sources(cvmimg)["region"] == ("ap-beijing", str(folder / "default.configure"))

    environment.setenv("TENCENTCLOUD_REGION", "ap-nanjing")
    assert sources(cvmimg)["region"] == ("ap-nanjing", "TENCENTCLOUD_REGION")

    environment.setenv("CVMIMG_REGION", "ap-tokyo")
    assert sources(cvmimg)["region"] == ("ap-tokyo", "CVMIMG_REGION")
    assert sources(cvmimg, "--region", "ap-seoul")["region"] == ("ap-seoul", "--region")


def test_a_table_shortens_paths_in_the_users_folder(cvmimg: Run, tmp_path: Path) -> None:
    path = "/config.toml"

    assert f" ~{path} " in cvmimg("config", "show").out
    assert cvmimg("config", "show", "-o", "json").json[0]["value"] == f"{tmp_path}{path}"


def test_what_is_missing_is_shown_as_missing(cvmimg: Run) -> None:
    shown = sources(cvmimg)

    assert shown["credentials"] == (None, "not found")
    assert shown["region"] == ("", "default")


def test_tccli_reads_what_was_saved(
    cvmimg: Run, served: Sandbox, answer: Callable[..., None], tmp_path: Path
) -> None:
    tccli = Path(__file__).parents[2] / ".venv-interop" / "bin" / "tccli"
    if not tccli.exists():
        pytest.skip("tccli is not installed: make peers")
    answer(*served.credentials(), "ap-guangzhou")
    assert cvmimg("configure").code == 0

    done = subprocess.run(
        [tccli, "configure", "list"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert "ap-guangzhou" in done.stdout
