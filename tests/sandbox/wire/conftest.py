from __future__ import annotations

import pytest

from cvmimg.sandbox.wire.endpoint import Endpoint
from tests.sandbox.wire.endpoint import StorelessEndpoint
from tests.support.tc3 import Client


@pytest.fixture
def storeless() -> StorelessEndpoint:
    return StorelessEndpoint()


@pytest.fixture
def endpoint(storeless: StorelessEndpoint) -> Endpoint:
    return storeless.endpoint


@pytest.fixture
def client(storeless: StorelessEndpoint) -> Client:
    return storeless.client
