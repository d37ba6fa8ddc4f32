from __future__ import annotations

import pytest
import requests
import responses

from cvmimg.sandbox.wire.transport import SandboxAdapter, route
from tests.sandbox.wire.endpoint import StorelessEndpoint

URL = "https://sts.tencentcloudapi.com/"


@pytest.fixture
def session(storeless: StorelessEndpoint) -> requests.Session:
    session = requests.Session()
    session.mount("https://", SandboxAdapter(storeless.endpoint.handle, sleep=lambda _: None))
    return session


def post(
    storeless: StorelessEndpoint, session: requests.Session, **options: float
) -> requests.Response:
    request = storeless.client.request("sts", "GetCallerIdentity", {})
    headers = {**request.headers, "host": "cvm.tencentcloudapi.com"}
    return session.post(URL, data=request.body, headers=headers, **options)  # type: ignore[arg-type]


def test_a_session_reaches_the_sandbox(
    storeless: StorelessEndpoint, session: requests.Session
) -> None:
    response = post(storeless, session)
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["Response"]["Type"] == "RootAccount"


def test_a_closed_connection_is_a_connection_error(
    storeless: StorelessEndpoint, session: requests.Session
) -> None:
    storeless.endpoint.faults.add("*:cut-after")
    with pytest.raises(requests.ConnectionError):
        post(storeless, session)


def test_a_truncated_body_is_a_chunked_encoding_error(
    storeless: StorelessEndpoint, session: requests.Session
) -> None:
    storeless.endpoint.faults.add("*:truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(storeless, session)


def test_latency_beyond_the_timeout_is_a_read_timeout(
    storeless: StorelessEndpoint, session: requests.Session
) -> None:
    storeless.endpoint.faults.add("*:latency=5:times=2")
    with pytest.raises(requests.ReadTimeout):
        post(storeless, session, timeout=3)
    assert post(storeless, session, timeout=6).ok


def test_responses_can_route_to_the_sandbox(storeless: StorelessEndpoint) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        route(storeless.endpoint.handle, mock)
        assert post(storeless, requests.Session()).json()["Response"]["Type"] == "RootAccount"
        storeless.endpoint.faults.add("*:cut-before:times=1", "*:truncate")
        with pytest.raises(requests.ConnectionError):
            post(storeless, requests.Session())
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            post(storeless, requests.Session())
