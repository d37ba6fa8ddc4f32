"""The sandbox over HTTP/1.1, on this machine's loopback address alone.

A page in a browser could reach it by a host name that its owner lets resolve to 127.0.0.1 (DNS
rebinding), so the Host header has to be one that always means this machine.
"""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from io import BufferedIOBase
from types import TracebackType
from typing import Any

from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"

_IDLE_SECONDS = 75
_FINISH_SECONDS = 10
_MOST_LINE = 64 * 1024
_MOST_HEADERS = 100
_MOST_BODY = 16 * 1024 * 1024

Handle = Callable[[HttpRequest], HttpResponse]


class Server:
    """A listening server; a thread a connection.

    Args:
        handle: answers a request.
        port: 0 for any that is free.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, handle: Handle, port: int = 0) -> None:
        self._listener = _Listener((ADDRESS, port), _Connection)
        self._listener.answer = handle
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """What a client takes as its endpoint, such as "http://127.0.0.1:8080"."""
        return f"http://{ADDRESS}:{self.port}"

    def stop(self) -> None:
        """Take no more requests, finish those under way, and close."""
        self._listener.shutdown()
        self._listener.end_connections()
        self._listener.server_close()
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    # A program that ends without stopping its server must not wait for idle connections.
    daemon_threads = True
    request_queue_size = 128
    answer: Handle

    def __init__(self, address: tuple[str, int], handler: type[_Connection]) -> None:
        super().__init__(address, handler)
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()

    def opened(self, connection: socket.socket) -> None:
        with self._changed:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()

    def end_connections(self) -> None:
        """Let every connection end, once it has sent what it is about to send."""
        self.stopping.set()
        with self._changed:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            self._changed.wait_for(lambda: not self._open, timeout=_FINISH_SECONDS)

    def handle_error(self, *_: Any) -> None:
        """A connection's own trouble (its client went away) is no business of the others."""
        log.debug("a connection failed", exc_info=True)


class _Refused(Exception):
    """The request cannot be read; carries the HTTP status and why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.response = HttpResponse(status, f"{why}\n".encode(), {"Content-Type": "text/plain"})


class _Connection(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    server: _Listener

    def handle(self) -> None:
        self.server.opened(self.connection)
        try:
            while not self.server.stopping.is_set() and self._exchange():
                pass
        finally:
            self.server.closed(self.connection)

    def _exchange(self) -> bool:
        """Answer one request; tell whether another may follow."""
        try:
            head = _read_head(self.rfile)
            if head is None:
                return False
            request = self._read_request(*head)
        except _Refused as refused:
            self._send(refused.response, keep=False)
            return False
        response = self.server.answer(request)
        if response.delay:
            self.server.stopping.wait(response.delay)
        keep = _keeps(head[0], request) and not response.missing
        return not response.cut and self._send(response, keep=keep)

    def _read_request(self, line: str, headers: dict[str, str]) -> HttpRequest:
        method, target, _ = _words(line)
        if not _means_this_machine(headers.get("host", "")):
            raise _Refused(HTTPStatus.FORBIDDEN, "The Host header must name this machine.")
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return HttpRequest.of(method, target, headers, _read_body(self.rfile, headers))

    def _send(self, response: HttpResponse, *, keep: bool) -> bool:
        status = HTTPStatus(response.status)
        lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines.append(f"Content-Length: {response.announced_length}")
        lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.wfile.write(head + response.sent_body)
        return keep


def _read_head(stream: BufferedIOBase) -> tuple[str, dict[str, str]] | None:
    """The request line, and the headers by name in lower case; None at the end of the stream."""
    try:
        line = _read_line(stream)
        if not line:
            return None
        headers: dict[str, str] = {}
        while header := _read_line(stream).rstrip("\r\n"):
            name, colon, value = header.partition(":")
            if not colon or len(headers) == _MOST_HEADERS:
                raise _Refused(HTTPStatus.BAD_REQUEST, "The headers cannot be read.")
            headers[name.strip().lower()] = value.strip()
    except (TimeoutError, ConnectionError):
        return None
    return line, headers


def _read_line(stream: BufferedIOBase) -> str:
    line = stream.readline(_MOST_LINE + 1)
    if len(line) > _MOST_LINE:
        raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "A header is too long.")
    return line.decode("latin-1")


def _words(line: str) -> tuple[str, str, str]:
    words = line.split()
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise _Refused(HTTPStatus.BAD_REQUEST, "This is not a request of HTTP/1.1.")
    return words[0], words[1], words[2]


def _read_body(stream: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding"):
        raise _Refused(HTTPStatus.LENGTH_REQUIRED, "The request needs a Content-Length.")
    told = headers.get("content-length", "0")
    if not told.isascii() or not told.isdigit():
        raise _Refused(HTTPStatus.BAD_REQUEST, "The Content-Length cannot be read.")
    length = int(told)
    if length > _MOST_BODY:
        raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
    body = stream.read(length)
    if len(body) < length:
        raise _Refused(HTTPStatus.BAD_REQUEST, "The body ended early.")
    return body


def _means_this_machine(host: str) -> bool:
    # tccli and the SDKs take an endpoint with its scheme, and send it as the Host.
    name = host.lower().removeprefix("http://")
    if not name.endswith("]"):
        name = name.rpartition(":")[0] or name
    return name in (ADDRESS, "localhost", "[::1]") or name.endswith(".localhost")


def _keeps(line: str, request: HttpRequest) -> bool:
    wish = request.headers.get("connection", "").lower()
    return wish != "close" and ("HTTP/1.1" in line or wish == "keep-alive")
