"""A session that reaches no cloud, and an operation in its journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from cvmimg.durable.journal.log import OperationLog
from cvmimg.durable.session import Session
from tests.durable.records import begin
from tests.support.clock import FakeClock
from tests.support.session import new_session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    cloud = Cloud.connect(Credentials("AKID", "key"), "ap-guangzhou", clock=FakeClock())
    return new_session(cloud, tmp_path)


@pytest.fixture
def log(session: Session) -> Iterator[OperationLog]:
    with session.journal.claim("tencentcloud", []) as claim:
        yield begin(claim)
