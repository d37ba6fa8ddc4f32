"""A cloud whose answers are written by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from cvmimg.cloud.client import Cloud
from tests.support.api import ScriptedApi, scripted_cloud


@pytest.fixture
def api() -> Iterator[ScriptedApi]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield ScriptedApi(wire)


@pytest.fixture
def cloud() -> Cloud:
    return scripted_cloud()
