"""An HTTP/1.1 server on the loopback address.

A web page could reach it under a host name that resolves to 127.0.0.1 (DNS rebinding), so the Host
header must be a name that always means this machine.
"""

from __future__ import annotations

import logging
import re
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
_PORT = re.compile(r"[0-9]{1,5}")

_IDLE_SECONDS = 75
_FINISH_SECONDS = 10
_MAX_LINE = 64 * 1024
_MAX_HEADERS = 100
_SINGLE_HEADERS = ("host", "content-length", "authorization")
_MAX_LENGTH_DIGITS = 12
_MAX_BODY = 16 * 1024 * 1024

Handle = Callable[[HttpRequest], HttpResponse]


class Server:
    """A running server, with one thread for each connection.

    Args:
        handle: answers requests.
        port: 0 for any free one.

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
        """Return the port it listens on."""
        return int(self._listener.server_address[1])

    @property
    def url(self) -> str:
        """Return the endpoint for clients, such as "http://127.0.0.1:8080"."""
        return f"http://{ADDRESS}:{self.port}"

    def stop(self) -> None:
        """Accept no more requests, finish the current ones and close."""
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
    # A program that exits without stopping its server must not wait for idle connections.
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
        """Close every connection once it has sent its current answer."""
        self.stopping.set()
        with self._changed:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            self._changed.wait_for(lambda: not self._open, timeout=_FINISH_SECONDS)

    def handle_error(self, *_: Any) -> None:
        """Log the failure of a single connection, for example of a client that disconnected."""
        log.debug("a connection failed", exc_info=True)


class _Refused(Exception):
    """The request is malformed; carries the response."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.response = HttpResponse(status, f"{reason}\n".encode(), {"Content-Type": "text/plain"})


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
        """Answer one request; return whether the connection stays open."""
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
        keep = _stays_open(head[0], request) and not response.missing
        return not response.cut and self._send(response, keep=keep)

    def _read_request(self, line: str, headers: dict[str, str]) -> HttpRequest:
        method, target, _ = _parse_request_line(line)
        if not _is_loopback(headers.get("host", "")):
            raise _Refused(
                HTTPStatus.FORBIDDEN, "The Host header must be a loopback name or address."
            )
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
    """Read the request line and headers, by lower-case name; None at the end of the stream."""
    try:
        line = _read_line(stream)
        if not line:
            return None
        headers: dict[str, str] = {}
        while header := _read_line(stream).rstrip("\r\n"):
            name, colon, value = header.partition(":")
            name = name.strip().lower()
            repeated = name in _SINGLE_HEADERS and name in headers
            if not colon or repeated or len(headers) == _MAX_HEADERS:
                raise _Refused(HTTPStatus.BAD_REQUEST, "The headers are malformed.")
            headers[name] = value.strip()
    except (TimeoutError, ConnectionError):
        return None
    return line, headers


def _read_line(stream: BufferedIOBase) -> str:
    line = stream.readline(_MAX_LINE + 1)
    if len(line) > _MAX_LINE:
        raise _Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "A header is too long.")
    return line.decode("latin-1")


def _parse_request_line(line: str) -> tuple[str, str, str]:
    words = line.split()
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[1].startswith("/"):
        raise _Refused(HTTPStatus.BAD_REQUEST, "The request line is malformed.")
    return words[0], words[1], words[2]


def _read_body(stream: BufferedIOBase, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding"):
        raise _Refused(HTTPStatus.LENGTH_REQUIRED, "A Content-Length is required.")
    length_text = headers.get("content-length", "0")
    if not length_text.isascii() or not length_text.isdigit():
        raise _Refused(HTTPStatus.BAD_REQUEST, "The Content-Length is malformed.")
    # Python refuses to convert numbers of thousands of digits.
    length = int(length_text) if len(length_text) <= _MAX_LENGTH_DIGITS else _MAX_BODY + 1
    if length > _MAX_BODY:
        raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
    body = stream.read(length)
    if len(body) < length:
        raise _Refused(HTTPStatus.BAD_REQUEST, "The body ended early.")
    return body


def _is_loopback(host: str) -> bool:
    # Given an endpoint with a scheme, tccli and the SDKs send all of it as the Host.
    name = host.lower().removeprefix("http://")
    if not name.endswith("]") and ":" in name:
        name, _, port = name.rpartition(":")
        if not _PORT.fullmatch(port):
            return False
    return name in (ADDRESS, "localhost", "[::1]") or name.endswith(".localhost")


def _stays_open(line: str, request: HttpRequest) -> bool:
    connection = request.headers.get("connection", "").lower()
    return connection != "close" and ("HTTP/1.1" in line or connection == "keep-alive")
