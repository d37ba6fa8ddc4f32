"""The action uses the identity of the job: no key is stored anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.sandbox import OWNER
from tests.ci.conftest import Served
from tests.ci.runner import Runner, Step
from tests.support.issuer import AUDIENCE, PROVIDER, URL, Issuer, trust_policy

pytestmark = pytest.mark.system

ROLE = f"qcs::cam::uin/{OWNER}:roleName/cvmimg-ci"
CREATE = {"command": "create", "instance": "ins-web00001", "name": "web-v2", "role_arn": ROLE}


@pytest.fixture
def issuer(runner: Runner, served: Served) -> Iterator[Issuer]:
    """The identity provider, known to the account, and a job that may ask it for tokens."""
    made = Issuer()
    provider = {"Name": PROVIDER, "IdentityUrl": URL, "ClientId": [AUDIENCE]}
    served.call("cam", "CreateOIDCConfig", **provider, IdentityKey=made.identity_key)
    served.call("cam", "CreateRole", RoleName="cvmimg-ci", PolicyDocument=trust_policy(OWNER))
    with made.served() as variables:
        runner.variables |= variables
        yield made


def test_the_token_of_the_run_is_exchanged(runner: Runner, issuer: Issuer) -> None:
    for name in ("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"):
        del runner.variables[name]
    step = runner.run(**CREATE)
    assert step.code == 0, step.log
    assert issuer.requests == [f"/?v=1&audience={AUDIENCE}"]
    assert_no_secret(step)


def test_a_key_that_lies_about_is_not_used(runner: Runner, issuer: Issuer) -> None:
    runner.variables |= {"TENCENTCLOUD_SECRET_KEY": "wrong", "TENCENTCLOUD_TOKEN": "wrong"}
    assert runner.run(**CREATE).code == 0
    assert issuer.requests


def test_the_post_step_gets_a_token_of_its_own(runner: Runner, issuer: Issuer) -> None:
    step = runner.begin(**{**CREATE, "instance": "ins-old00001"}, stop="true")
    step.until("[stop]")
    step.kill()
    post = runner.post(step)
    assert post.code == 0, post.log
    assert len(issuer.requests) == 2
    assert_no_secret(post)


@pytest.mark.parametrize("inputs", [{"provider_id": "other"}, {"audience": "other"}])
def test_a_token_that_is_not_accepted_is_a_failure_of_the_credentials(
    runner: Runner, issuer: Issuer, inputs: dict[str, str]
) -> None:
    step = runner.run(**{**CREATE, **inputs})
    assert (step.code, step.outputs["failure-reason"]) == (5, "credentials")
    assert issuer.requests


def test_a_job_of_another_branch_is_refused(runner: Runner, issuer: Issuer, served: Served) -> None:
    policy = trust_policy(OWNER, subject="repo:shop/web:environment:production")
    served.call("cam", "UpdateAssumeRolePolicy", RoleName="cvmimg-ci", PolicyDocument=policy)
    step = runner.run(**CREATE)
    assert (step.code, step.outputs["failure-reason"]) == (5, "credentials")
    assert "UnauthorizedOperation" in "\n".join(step.log)


def test_without_the_permission_the_error_names_it(runner: Runner) -> None:
    step = runner.run(**CREATE)
    assert (step.code, step.outputs["failure-reason"]) == (5, "credentials")
    assert "id-token: write" in "\n".join(step.log)


def assert_no_secret(step: Step) -> None:
    """Assert that neither the token nor a key is in the log, the files or the journal."""
    files = [path for path in step.folder.parent.rglob("*") if path.is_file()]
    texts = ["\n".join(step.log), *(path.read_text(errors="replace") for path in files)]
    assert not any("eyJ" in text or "runner-token" in text for text in texts)
