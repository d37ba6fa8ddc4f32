"""What a server may not do to us: lead elsewhere, never end. Real servers on this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cvmimg.cloud import cvm, http_session
from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.errors import CloudRefused, OutcomeUnknown, Unreachable
from tests.support.clock import FakeClock

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serve(answer: Answer) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that answers every POST so; its URL, and the headers that it has seen."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen.append(dict(self.headers))
            answer(self)

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def cloud_at(url: str) -> Cloud:
    credentials = Credentials("AKIDexample", "secret-key", "session-token")
    endpoint = Endpoint.parse(url)
    return Cloud.connect(credentials, "ap-guangzhou", endpoint=endpoint, clock=FakeClock())


def plain(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_the_session_token_stays_here(status: int) -> None:
    body = b'{"Response": {"ImageNumQuota": 1, "ImageId": "img-00000001", "RequestId": "r"}}'
    with serve(lambda handler: plain(handler, body)) as (elsewhere, seen_elsewhere):

        def redirect(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            handler.send_header("Location", f"{elsewhere}/")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

        with serve(redirect) as (url, seen):
            with pytest.raises(Unreachable) as caught:
                cvm.describe_image_quota(cloud_at(url))
            with pytest.raises(OutcomeUnknown):
                cvm.create_image(cloud_at(url), {"ImageName": "x"})

    assert caught.value.code == "UnexpectedAnswer"
    assert all(headers["X-TC-Token"] == "session-token" for headers in seen)
    assert seen_elsewhere == []


def test_an_answer_that_never_ends_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_session, "ANSWER_BYTES", 1_000_000)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * 100_000)
        except OSError:
            pass

    with serve(endless) as (url, _), pytest.raises(Unreachable) as caught:
        cvm.describe_image_quota(cloud_at(url))
    assert caught.value.code == "UnexpectedAnswer"


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_session, "ANSWER_SECONDS", -1.0)
    body = b'{"Response": {"ImageNumQuota": 1, "RequestId": "r"}}'
    with serve(lambda handler: plain(handler, body)) as (url, _), pytest.raises(Unreachable):
        cvm.describe_image_quota(cloud_at(url))


def test_an_error_counts_whatever_its_content_type_says() -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        body = b'{"Response": {"Error": {"Code": "LimitExceeded", "Message": "m"}}}'
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json; charset=utf-8")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with serve(refuse) as (url, _), pytest.raises(CloudRefused) as caught:
        cvm.describe_image_quota(cloud_at(url))
    assert caught.value.code == "LimitExceeded"
