"""What a shell is offered: never slowly, never an error, from a cache that is short-lived."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cvmimg.cli import completions
from tests.cli.conftest import Run

pytestmark = pytest.mark.system

Offer = Callable[[str], list[str]]


@pytest.fixture
def offer(cvmimg: Run, environment: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Offer:
    """Completes a line as bash asks for it; the values that are offered."""

    def complete(line: str) -> list[str]:
        environment.setenv("_CVMIMG_COMPLETE", "bash_complete")
        environment.setenv("COMP_LINE", line)
        with pytest.raises(SystemExit) as ended:
            cvmimg()
        assert ended.value.code == 0
        captured = capfd.readouterr()
        assert captured.err == ""
        return [each.partition(",")[2] for each in captured.out.split()]

    return complete


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("cvmimg show web", ["web-v1"]),
        ("cvmimg show family:", ["web"]),
        ("cvmimg show img-web", ["img-webv1000"]),
        ("cvmimg launch --image=web", ["web-v1"]),
        ("cvmimg create leg", ["legacy-1"]),
        ("cvmimg create --instance ins-old", ["ins-old00001"]),
        ("cvmimg list --family w", ["web"]),
        ("cvmimg list --region eu-f", ["eu-frankfurt"]),
        ("cvmimg --region ap-shanghai show app-2025-1", ["app-2025-10"]),
        ("cvmimg policy cre", ["create"]),
        ("cvmimg explain NameTak", ["NameTaken"]),
        ("cvmimg rm web-v", ["web-v1"]),
        ("cvmimg rm snap-", ["snap-o83tshsd", "snap-gor2ll0l"]),
        ("cvmimg create --snapshot snap-o", ["snap-o83tshsd"]),
        ("cvmimg launch --data-snapshot snap-o", ["snap-o83tshsd"]),
        ("cvmimg snapshot dat", ["data-1"]),
        ("cvmimg show ''; rm", []),
    ],
)
@pytest.mark.usefixtures("sandbox")
def test_values_are_completed(offer: Offer, line: str, values: list[str]) -> None:
    assert offer(line) == values


@pytest.mark.parametrize("line", ["cvmimg show web", "cvmimg create we", "cvmimg resume op-"])
def test_without_credentials_nothing_is_offered(offer: Offer, line: str) -> None:
    assert offer(line) == []


def test_known_regions_are_offered_without_credentials(offer: Offer) -> None:
    assert offer("cvmimg --region eu-f") == ["eu-frankfurt"]


def test_a_broken_config_file_is_no_error(offer: Offer, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[profiles", encoding="utf-8")

    assert offer("cvmimg show web") == []


@pytest.mark.usefixtures("sandbox")
def test_what_the_cloud_answered_is_used_again_for_a_while(
    offer: Offer, environment: pytest.MonkeyPatch
) -> None:
    assert offer("cvmimg show web") == ["web-v1"]

    def fail(*_: object) -> None:
        raise AssertionError("the cloud was asked again")

    environment.setattr(completions, "_fetch", fail)
    assert offer("cvmimg show web") == ["web-v1"]

    later = time.time() + completions.FRESH_SECONDS + 1
    environment.setattr(completions.time, "time", lambda: later)
    assert offer("cvmimg show web") == ["web-v1"]


def test_a_cloud_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "CVMIMG_STATE_DIR": str(tmp_path),
            "CVMIMG_ENDPOINT": f"http://127.0.0.1:{port}",
            "TENCENTCLOUD_SECRET_ID": "id",
            "TENCENTCLOUD_SECRET_KEY": "key",
            "TENCENTCLOUD_REGION": "ap-guangzhou",
            "_CVMIMG_COMPLETE": "bash_complete",
            "COMP_LINE": "cvmimg show web",
        }

        done = subprocess.run(
            [sys.executable, "-m", "cvmimg"],
            env=variables,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,  # the network would be waited for longer
        )

    assert (done.stdout.strip(), done.stderr) == ("", "")
    (kept,) = (tmp_path / "completion").iterdir()
    assert json.loads(kept.read_text())["values"] == {}
