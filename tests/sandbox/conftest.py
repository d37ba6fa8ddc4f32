from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.cloud import Cloud


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    made = Cloud()
    with made.sandbox:
        yield made
