"""The pytest plugin, used as in another project."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.system

pytest_plugins = ["pytester"]

TESTS = """
import os
import pytest
from tencentcloud.common.common_client import CommonClient
from tencentcloud.common.credential import EnvironmentVariableCredential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

def ask(action, **profile):
    credential = EnvironmentVariableCredential().get_credential()
    profile = ClientProfile(httpProfile=HttpProfile(**profile))
    region = os.environ["TENCENTCLOUD_REGION"]
    client = CommonClient("cvm", "2017-03-12", credential, region, profile)
    return client.call_json(action, {})["Response"]

def test_over_http(tencent_sandbox_server):
    assert ask("DescribeImageQuota", endpoint=tencent_sandbox_server.url)["ImageNumQuota"] == 10

def test_in_process(tencent_sandbox_responses):
    assert ask("DescribeImageQuota")["ImageNumQuota"] == 10

class TestOptions:
    @pytest.fixture
    def tencent_sandbox_options(self):
        return {"speed": 7}

    def test_options(self, tencent_sandbox):
        assert tencent_sandbox.status()["speed"] == 7
"""


def test_the_fixtures_work_in_another_project(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["cvmimg.sandbox.pytest_plugin"]')
    pytester.makepyfile(TESTS)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=3)
