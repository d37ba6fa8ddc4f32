"""Fixtures for the tests of projects that talk to Tencent Cloud.

Enable it in the conftest.py at the root of the tests:

    pytest_plugins = ["cvmimg.sandbox.pytest_plugin"]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from cvmimg.sandbox.sandbox import Sandbox
    from cvmimg.sandbox.wire.server import Server


@pytest.fixture
def tencent_sandbox_options() -> dict[str, Any]:
    """Return the arguments of ``Sandbox``; override it to change the speed, world or faults."""
    return {}


@pytest.fixture
def tencent_sandbox(tencent_sandbox_options: dict[str, Any]) -> Iterator[Sandbox]:
    """Provide a new sandbox for one test."""
    from cvmimg.sandbox.sandbox import Sandbox

    with Sandbox(**tencent_sandbox_options) as sandbox:
        yield sandbox


@pytest.fixture
def tencent_sandbox_environment(
    tencent_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Set the environment variables with the sandbox's credentials."""
    secret_id, secret_key = tencent_sandbox.credentials()
    environment = {
        "TENCENTCLOUD_SECRET_ID": secret_id,
        "TENCENTCLOUD_SECRET_KEY": secret_key,
        "TENCENTCLOUD_REGION": "ap-guangzhou",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
def tencent_sandbox_server(
    tencent_sandbox: Sandbox,
    tencent_sandbox_environment: dict[str, str],  # noqa: ARG001 - sets the variables
) -> Server:
    """Serve the sandbox over HTTP; ``.url`` is the endpoint."""
    return tencent_sandbox.serve()


@pytest.fixture
def tencent_sandbox_responses(
    tencent_sandbox: Sandbox,
    tencent_sandbox_environment: dict[str, str],  # noqa: ARG001 - sets the variables
) -> Iterator[Sandbox]:
    """Route requests for Tencent Cloud's hosts to the sandbox, inside this process.

    Requires the package responses.
    """
    import responses

    from cvmimg.sandbox.wire.transport import route

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        route(tencent_sandbox.handle, mock)
        yield tencent_sandbox
