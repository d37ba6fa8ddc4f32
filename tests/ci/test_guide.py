"""What the guide offers to paste works."""

from __future__ import annotations

import json
import re
import textwrap
from typing import Any

import click
import pytest

from cvmimg import __version__
from cvmimg.cli.commands import create, launch
from cvmimg.sandbox import OWNER
from tests.ci.conftest import Served
from tests.ci.runner import ROOT, Runner, action
from tests.support.issuer import AUDIENCE, PROVIDER, URL, Issuer

pytestmark = pytest.mark.system

GUIDE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def policies() -> list[dict[str, Any]]:
    blocks = re.findall(r"^ *```json\n(.*?)^ *```", GUIDE, re.MULTILINE | re.DOTALL)
    return [json.loads(textwrap.dedent(block)) for block in blocks]


def test_the_trust_policy_accepts_the_jobs_of_one_branch(runner: Runner, served: Served) -> None:
    document = json.dumps(policies()[0]).replace("OWNER/REPOSITORY", "shop/web")
    issuer = Issuer()
    provider = {"Name": PROVIDER, "IdentityUrl": URL, "ClientId": [AUDIENCE]}
    served.call("cam", "CreateOIDCConfig", **provider, IdentityKey=issuer.identity_key)
    served.call("cam", "CreateRole", RoleName="cvmimg-ci", PolicyDocument=document)
    role = f"qcs::cam::uin/{OWNER}:roleName/cvmimg-ci"
    inputs = {"command": "create", "instance": "ins-web00001", "name": "v2", "dry_run": "true"}

    with issuer.served() as variables:
        runner.variables |= variables
        assert runner.run(**inputs, role_arn=role).code == 0
    other = Issuer("repo:shop/web:pull_request")
    with other.served() as variables:
        runner.variables |= variables
        assert runner.run(**inputs, role_arn=role).code == 5


def test_the_policy_permits_all_that_an_image_and_its_restoration_need(
    runner: Runner, served: Served
) -> None:
    permitted = set(policies()[1]["statement"][0]["action"])
    runner.variables["CVMIMG_VERBOSE"] = "1"
    inputs = {"instance": "ins-data0001", "stop": "true", "fix_fstab": "true"}
    step = runner.begin(command="create", name="v2", **inputs)
    step.until("[image]")
    step.kill()
    runner.lose_state()
    post = runner.post(step)

    assert post.code == 0, post.log
    assert called(step.log + post.log) - {"sts:GetCallerIdentity"} <= permitted


def called(log: list[str]) -> set[str]:
    """The API actions that the log of the requests names."""
    words = [line.split() for line in log if line.startswith("api ")]
    return {f"{service}:{name}" for _, service, name, *_ in words if not service.isdigit()}


def test_the_examples_name_the_current_version() -> None:
    for name, reference in (("github.yml", "cvmimg@v"), ("gitlab.yml", "cvmimg@")):
        text = (ROOT / "examples" / "ci" / name).read_text(encoding="utf-8")
        assert text.count(f"{reference}{__version__}\n") == 2


def test_every_option_is_an_input() -> None:
    options = {
        option.opts[0].removeprefix("--")
        for command in (create.command, launch.command)
        for option in command.params
        if isinstance(option, click.Option) and option.expose_value
    }
    assert options <= set(action()["inputs"])
