from __future__ import annotations

import pytest

from cvmimg.sandbox.wire import Wire
from tests.sandbox.edge.edge import Edge
from tests.support.tc3 import Client


@pytest.fixture
def edge() -> Edge:
    return Edge()


@pytest.fixture
def wire(edge: Edge) -> Wire:
    return edge.wire


@pytest.fixture
def client(edge: Edge) -> Client:
    return edge.client
