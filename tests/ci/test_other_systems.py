"""The GitLab component and the examples for CNB and Jenkins: their scripts, run by a shell."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvmimg.sandbox import OWNER
from tests.ci.conftest import Served
from tests.ci.fast_cvmimg import write_program
from tests.ci.runner import PATIENCE, ROOT
from tests.support.issuer import AUDIENCE, URL, Issuer

pytestmark = pytest.mark.system

INSTANCE = "ins-data0001"
EXAMPLES = ROOT / "examples" / "ci"
ROLE = f"qcs::cam::uin/{OWNER}:roleName/cvmimg-ci"
GITLAB = {
    "command": "create",
    "arguments": f"--instance {INSTANCE} --name 'web v2' --stop --fix-fstab",
    "region": "ap-guangzhou",
    "role-arn": ROLE,
}


class Shell:
    """Runs the scripts of a job in one folder, with cvmimg installed where they install it."""

    def __init__(self, folder: Path, served: Served, venv: str) -> None:
        self.folder = folder
        program = folder / venv / "bin" / "cvmimg"
        program.parent.mkdir(parents=True)
        write_program(program)
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CI": "true",
            "CVMIMG_CONFIG": os.devnull,
            **served.variables,
        }

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-ec", script],
            cwd=self.folder,
            env={**self.variables, **variables},
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )

    def kill_at(self, script: str, stage: str) -> None:
        """Kill all of it when a stage begins."""
        process = subprocess.Popen(
            ["sh", "-ec", script],
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr is not None
        with process.stderr as log:
            assert any(f"[{stage}]" in line for line in log)
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def gitlab_job(inputs: Mapping[str, str]) -> dict[str, Any]:
    """The component's job, as GitLab renders it."""
    text = (ROOT / "templates" / "cvmimg.yml").read_text(encoding="utf-8")
    spec, job = text.split("\n---\n")
    declared = yaml.safe_load(spec)["spec"]["inputs"]
    values = {name: each.get("default") for name, each in declared.items()} | dict(inputs)
    assert None not in values.values()
    rendered = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: values[found[1]], job)
    (only,) = yaml.safe_load(rendered).values()
    return dict(only)


@pytest.fixture
def gitlab(tmp_path: Path, served: Served) -> Shell:
    shell = Shell(tmp_path, served, ".cvmimg-venv")
    known = {"CI_PROJECT_DIR": str(tmp_path), "CI_PIPELINE_ID": "7", "CI_JOB_ID": "8"}
    known |= {"CI_JOB_NAME_SLUG": "create-image", "GITLAB_CI": "true"}
    for name, value in gitlab_job(GITLAB)["variables"].items():
        known[name] = re.sub(r"\$(\w+)", lambda found: known[found[1]], value)
    shell.variables |= known
    return shell


def script(job: Mapping[str, Any], part: str) -> str:
    return "\n".join(job[part])


def test_gitlab_makes_an_image_and_passes_it_on(gitlab: Shell, served: Served) -> None:
    job = gitlab_job(GITLAB)
    ran = gitlab.run(script(job, "script"))
    assert ran.returncode == 0, ran.stderr

    report = gitlab.folder / job["artifacts"]["reports"]["dotenv"]
    (image,) = served.images("web v2")
    assert f"CVMIMG_IMAGE_ID={image['ImageId']}\n" in report.read_text()
    assert "CVMIMG_OPERATION_ID=gl-7-create-image\n" in report.read_text()
    after = gitlab.run(script(job, "after_script"), CI_JOB_STATUS="success")
    assert (after.returncode, after.stderr) == (0, "")


def test_gitlab_uses_the_token_of_the_job(gitlab: Shell, served: Served) -> None:
    issuer = Issuer("project_path:shop/web:ref_type:branch:ref:main")
    provider = {"Name": "gitlab", "IdentityUrl": URL, "ClientId": [AUDIENCE]}
    served.call("cam", "CreateOIDCConfig", **provider, IdentityKey=issuer.identity_key)
    statement = {
        "effect": "allow",
        "action": "name/sts:AssumeRoleWithWebIdentity",
        "principal": {"federated": [f"qcs::cam::uin/{OWNER}:oidc-provider/gitlab"]},
        "condition": {
            "string_equal": {"oidc:iss": [URL], "oidc:aud": [AUDIENCE]},
            "string_like": {"oidc:sub": ["project_path:shop/web:*"]},
        },
    }
    policy = json.dumps({"version": "2.0", "statement": [statement]})
    served.call("cam", "CreateRole", RoleName="cvmimg-ci", PolicyDocument=policy)
    for name in ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"):
        del gitlab.variables[name]
    job = gitlab_job(GITLAB)
    (variable,) = job["id_tokens"]
    gitlab.variables[variable] = issuer.token(aud=job["id_tokens"][variable]["aud"])

    ran = gitlab.run(script(job, "script"))
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("stage", ["stop", "image"])
def test_gitlab_restores_after_a_cancelled_job(gitlab: Shell, served: Served, stage: str) -> None:
    fstab = served.fstab(INSTANCE)
    job = gitlab_job(GITLAB)
    gitlab.kill_at(script(job, "script"), stage)
    after = gitlab.run(script(job, "after_script"), CI_JOB_STATUS="canceled")

    assert after.returncode == 0, after.stderr
    assert_restored(served, fstab)


def test_gitlab_continues_a_lost_job_that_is_retried(gitlab: Shell, served: Served) -> None:
    fstab = served.fstab(INSTANCE)
    job = gitlab_job(GITLAB)
    gitlab.kill_at(script(job, "script"), "image")
    shutil.rmtree(gitlab.folder / ".cvmimg")  # the cache is lost, too
    ran = gitlab.run(script(job, "script"))

    assert ran.returncode == 0, ran.stderr
    assert len(served.images("web v2")) == 1
    assert_restored(served, fstab)


def test_gitlab_says_that_nothing_is_to_be_restored(gitlab: Shell) -> None:
    after = gitlab.run(script(gitlab_job(GITLAB), "after_script"), CI_JOB_STATUS="failed")
    assert (after.returncode, after.stdout) == (0, "Nothing to restore.\n")


def cnb_scripts() -> dict[str, str]:
    (pipeline,) = yaml.safe_load((EXAMPLES / "cnb.yml").read_text())["main"]["tag_push"]
    return {step["name"]: step["script"] for step in (*pipeline["stages"], *pipeline["endStages"])}


def jenkins_scripts() -> dict[str, str]:
    text = (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
    blocks = re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
    install, image, restore = (block.replace("\\\\", "\\") for block in blocks)
    launch = re.search(r"sh '(\.venv[^\n]*)'\n", text)
    assert install
    assert launch
    return {"create the image": image, "launch": launch[1], "restore": restore}


SYSTEMS = {
    "cnb": (cnb_scripts, {"CNB_BUILD_ID": "cnb-1a2", "CNB_BRANCH": "v2"}),
    "jenkins": (jenkins_scripts, {"OPERATION": "jenkins-web-7", "IMAGE_NAME": "web-v2"}),
}


@pytest.fixture(params=SYSTEMS)
def example(
    request: pytest.FixtureRequest, tmp_path: Path, served: Served
) -> tuple[Shell, dict[str, str]]:
    scripts, variables = SYSTEMS[request.param]
    shell = Shell(tmp_path, served, ".venv")
    shell.variables |= {"CVMIMG_YES": "1", "CVMIMG_STATE_DIR": ".cvmimg", **variables}
    named = {name: each.replace("ins-1a2b3c4d", INSTANCE) for name, each in scripts().items()}
    return shell, named


def test_an_example_makes_an_image_and_launches_it(
    example: tuple[Shell, dict[str, str]], served: Served
) -> None:
    shell, scripts = example
    before = served.instances()
    for name in ("create the image", "launch", "restore"):
        ran = shell.run(scripts[name])
        assert ran.returncode == 0, (name, ran.stderr)
    assert len(served.images("web-v2")) == 1
    assert len(served.instances() - before) == 3


def test_an_example_restores_what_a_killed_build_left(
    example: tuple[Shell, dict[str, str]], served: Served
) -> None:
    shell, scripts = example
    fstab = served.fstab(INSTANCE)
    shell.kill_at(scripts["create the image"], "image")
    ran = shell.run(scripts["restore"])
    assert ran.returncode == 0, ran.stderr
    assert_restored(served, fstab)


def assert_restored(served: Served, fstab: str) -> None:
    instance = served.instance(INSTANCE)
    assert (instance["InstanceState"], instance["Tags"]) == ("RUNNING", [])
    assert served.fstab(INSTANCE) == fstab
    assert served.backups(INSTANCE) == []
