from __future__ import annotations

import pytest

from cvmimg.sandbox.wire.endpoint import Endpoint
from tests.sandbox.wire.endpoint import Edge
from tests.support.tc3 import Client


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
def endpoint(edge: Edge) -> Endpoint:
    return edge.endpoint


@pytest.fixture
def client(edge: Edge) -> Client:
    return edge.client
