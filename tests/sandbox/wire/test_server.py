from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.server import Server
from tests.sandbox.wire.endpoint import StorelessEndpoint


def hello(request: HttpRequest) -> HttpResponse:
    expected = {"method": request.method, "path": request.path, "body": request.body.decode()}
    return HttpResponse(200, json.dumps(expected).encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(hello) as running:
        yield running


def exchange(server: Server, raw: bytes) -> bytes:
    """Send ``raw`` and return everything received until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def head(*lines: str) -> bytes:
    return "\r\n".join(("POST / HTTP/1.1", *lines, "", "")).encode()


def test_it_listens_only_on_loopback(server: Server) -> None:
    assert server._listener.socket.getsockname()[0] == "127.0.0.1"


def test_a_connection_serves_several_requests(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    sockets = set()
    for number in range(3):
        connection.request("POST", "/", body=f"number {number}")
        answer = json.loads(connection.getresponse().read())
        assert answer["body"] == f"number {number}"
        sockets.add(connection.sock)
    assert len(sockets) == 1
    connection.close()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", b"200"),
        ("127.0.0.1:8080", b"200"),
        ("localhost:1", b"200"),
        ("[::1]:8080", b"200"),
        ("cvm.localhost", b"200"),
        ("http://127.0.0.1:8080", b"200"),
        ("http://evil.example.com", b"403"),
        ("evil.example.com", b"403"),
        ("127.0.0.1.evil.example.com:80", b"403"),
        ("localhost.evil.com", b"403"),
        ("localhost:evil.com", b"403"),
        ("127.0.0.1:123456", b"403"),
        ("127.0.0.1:65536", b"403"),
        ("127.0.0.1:0", b"403"),
        ("evil.example.com#.localhost", b"403"),
        ("evil.example.com/.localhost", b"403"),
        ("\u2100.localhost", b"403"),
        ("127.0.0.1:", b"403"),
        ("", b"403"),
    ],
)
def test_the_host_header_must_be_a_loopback_name(server: Server, host: str, status: bytes) -> None:
    answer = exchange(server, head(f"Host: {host}", "Content-Length: 0"))
    assert answer.split()[1] == status


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET http://example.com/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b"403"),
        (b"GET nonsense HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
        (b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
        (head("Host: localhost", "X: a\x00b"), b"400"),
        (head("Host: localhost", "X: a\r\n Host: evil.example.com"), b"400"),
        (head("Host: localhost", "no colon"), b"400"),
        (head("Host: localhost", "Content-Length: -1"), b"400"),
        (head("Host: localhost", "Content-Length: 99999999999"), b"413"),
        (head("Host: localhost", f"Content-Length: {'9' * 5000}"), b"413"),
        (head("Host: localhost", "Content-Length: 1_0"), b"400"),
        (head("Host: localhost", "Host: evil.example.com"), b"400"),
        (head("Host: localhost", "Content-Length: 0", "Content-Length: 5"), b"400"),
        (head("Host: localhost", "Content-Length: 10") + b"short", b"400"),
        (head("Host: localhost", "Transfer-Encoding: chunked"), b"411"),
        (head("Host: localhost", "Content-Length: 0", "Transfer-Encoding:"), b"411"),
        (head("Host: localhost", "X: " + "x" * 70000), b"431"),
        (head("Host: localhost", *(f"X-{n}: 1" for n in range(200))), b"431"),
    ],
)
def test_malformed_requests_are_refused(server: Server, raw: bytes, status: bytes) -> None:
    assert exchange(server, raw).split()[1] == status


def test_a_multipart_body_is_no_malformed_header(server: Server) -> None:
    content = "Content-Type: multipart/form-data; boundary=x"
    raw = head("Host: localhost", content, "Content-Length: 2") + b"{}"
    assert exchange(server, raw).split()[1] == b"200"


def test_expect_100_continue_is_answered(server: Server) -> None:
    raw = head("Host: localhost", "Content-Length: 2", "Expect: 100-continue") + b"hi"
    answer = exchange(server, raw)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


def test_the_answer_to_head_has_no_body(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    for method in ("HEAD", "GET"):
        connection.request(method, "/")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (200, method == "GET")
    connection.close()


def test_it_closes_on_request(server: Server) -> None:
    raw = head("Host: localhost", "Connection: close", "Content-Length: 0")
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(raw)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b"Connection: close" in answer


def test_a_cut_connection_sends_nothing() -> None:
    with Server(lambda _: HttpResponse(0, b"", cut=True)) as server:
        assert exchange(server, head("Host: localhost", "Content-Length: 0")) == b""


def test_a_truncated_answer_ends_early() -> None:
    with Server(lambda _: HttpResponse(200, b"0123456789", missing=4)) as server:
        answer = exchange(server, head("Host: localhost", "Content-Length: 0"))
    assert b"Content-Length: 10\r\n" in answer
    assert answer.endswith(b"\r\n\r\n012345")


def test_stopping_finishes_current_requests_and_closes_idle_connections() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def slow(_: HttpRequest) -> HttpResponse:
        begun.set()
        may_end.wait(5)
        return HttpResponse(200, b"done")

    server = Server(slow)
    idle = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    busy = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    busy.request("POST", "/")
    begun.wait(5)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    assert idle.recv(1) == b""
    may_end.set()
    assert busy.getresponse().read() == b"done"
    stopping.join(5)
    assert not stopping.is_alive()
    idle.close()
    busy.close()


def test_a_port_in_use_raises(server: Server) -> None:
    with pytest.raises(OSError, match="in use"):
        Server(hello, server.port)


def test_many_connections_at_once(storeless: StorelessEndpoint) -> None:
    request = storeless.client.request("sts", "GetCallerIdentity", {})
    codes: list[int] = []

    def ask(port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {**request.headers, "host": "cvm.localhost"}
        for _ in range(5):
            connection.request("POST", "/", body=request.body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            codes.append(answer.status)
        connection.close()

    with Server(storeless.endpoint.handle) as server:
        threads = [threading.Thread(target=ask, args=(server.port,)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert codes == [200] * 80
