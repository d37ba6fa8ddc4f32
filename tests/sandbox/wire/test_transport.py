from __future__ import annotations

import pytest
import requests
import responses

from cvmimg.sandbox.wire.transport import SandboxAdapter, route
from tests.sandbox.wire.endpoint import Edge

URL = "https://sts.tencentcloudapi.com/"


@pytest.fixture
def session(edge: Edge) -> requests.Session:
    session = requests.Session()
    session.mount("https://", SandboxAdapter(edge.endpoint.handle, sleep=lambda _: None))
    return session


def post(edge: Edge, session: requests.Session, **options: float) -> requests.Response:
    request = edge.client.request("sts", "GetCallerIdentity", {})
    headers = {**request.headers, "host": "cvm.tencentcloudapi.com"}
    return session.post(URL, data=request.body, headers=headers, **options)  # type: ignore[arg-type]


def test_a_session_reaches_the_sandbox(edge: Edge, session: requests.Session) -> None:
    response = post(edge, session)
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["Response"]["Type"] == "RootAccount"


def test_a_cut_is_a_connection_error(edge: Edge, session: requests.Session) -> None:
    edge.endpoint.faults.add("*:cut-after")
    with pytest.raises(requests.ConnectionError):
        post(edge, session)


def test_a_truncated_body_is_an_error_of_its_own(edge: Edge, session: requests.Session) -> None:
    edge.endpoint.faults.add("*:truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        post(edge, session)


def test_latency_beyond_the_patience_is_a_timeout(edge: Edge, session: requests.Session) -> None:
    edge.endpoint.faults.add("*:latency=5:times=2")
    with pytest.raises(requests.ReadTimeout):
        post(edge, session, timeout=3)
    assert post(edge, session, timeout=6).ok


def test_responses_can_route_to_the_sandbox(edge: Edge) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        route(edge.endpoint.handle, mock)
        assert post(edge, requests.Session()).json()["Response"]["Type"] == "RootAccount"
        edge.endpoint.faults.add("*:cut-before:times=1", "*:truncate")
        with pytest.raises(requests.ConnectionError):
            post(edge, requests.Session())
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            post(edge, requests.Session())
