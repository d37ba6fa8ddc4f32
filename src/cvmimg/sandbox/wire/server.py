"""An HTTP/1.1 server on the loopback address.

With TLS, one port serves three kinds of clients: plain HTTP to a loopback host, HTTPS, and HTTPS
through a proxy (CONNECT). Nothing is ever forwarded: what a client asks of a host that the sandbox
does not answer for is refused.
"""

from __future__ import annotations

import logging
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from email import errors
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from cvmimg.sandbox.wire import hosts
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse

log = logging.getLogger(__name__)

_IDLE_SECONDS = 75
_FINISH_SECONDS = 10
_SINGLE_HEADERS = ("host", "content-length", "authorization")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OF_BODIES = (
    errors.NoBoundaryInMultipartDefect,
    errors.StartBoundaryNotFoundDefect,
    errors.CloseBoundaryNotFoundDefect,
    errors.MultipartInvariantViolationDefect,
    errors.InvalidMultipartContentTransferEncodingDefect,
)
"""What the standard library misses in a body, which it has not read."""
_MAX_LENGTH_DIGITS = 12
_MAX_BODY = 64 * 1024 * 1024
_TLS_HANDSHAKE = b"\x16"
"""The first byte of a TLS connection."""

Handle = Callable[[HttpRequest], HttpResponse]


class Server:
    """A running server, with one thread for each connection.

    Args:
        handle: answers requests.
        port: 0 for any free one.
        tls: serves HTTPS as well, with this context.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, handle: Handle, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._listener = _Listener((hosts.LOOPBACK, port), _Connection)
        self._listener.answer = handle
        self._listener.tls = tls
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
        return f"http://{hosts.LOOPBACK}:{self.port}"

    def stop(self) -> None:
        """Accept no more requests, finish the current ones and close."""
        self._listener.shutdown()
        self._listener.end_connections()
        self._listener.server_close()
        self._thread.join()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    # A program that exits without stopping its server must not wait for idle connections.
    daemon_threads = True
    request_queue_size = 128
    answer: Handle
    tls: ssl.SSLContext | None

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
        self.response = HttpResponse.text(status, f"{reason}\n")


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"
    error_content_type = "text/plain"
    error_message_format = "%(message)s\n"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    server: _Listener

    def handle(self) -> None:
        accepted = self.request
        self.server.opened(accepted)
        try:
            tls = self.server.tls
            if tls and accepted.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE:
                self._start_tls(tls)
            super().handle()
        except (ConnectionError, TimeoutError, ssl.SSLError):
            log.debug("a connection ended early", exc_info=True)
        finally:
            self.server.closed(accepted)
            if self.request is not accepted:
                self.request.close()

    def answer(self) -> None:
        """Answer a request of any method."""
        try:
            request = self._read_request()
        except _Refused as refused:
            self._send(refused.response, keep=False)
            return
        response = self.server.answer(request)
        if response.delay:
            self.server.stopping.wait(response.delay)
        if response.cut:
            self.close_connection = True
        else:
            self._send(response, keep=not (self.close_connection or response.missing))
        if self.server.stopping.is_set():
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

    def do_CONNECT(self) -> None:
        """Serve TLS on this connection, as the host that the client named."""
        tls = self.server.tls
        if tls is None or self._is_encrypted() or not hosts.is_service(self.path):
            refused = _Refused(HTTPStatus.FORBIDDEN, "The sandbox is no proxy for this host.")
            self._send(refused.response, keep=False)
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.close_connection = False
        self._start_tls(tls)

    def log_message(self, format: str, *args: Any) -> None:
        """Log what the standard library would print."""
        log.debug(format, *args)

    def _start_tls(self, tls: ssl.SSLContext) -> None:
        self.request = tls.wrap_socket(self.request.dup(), server_side=True)
        self.setup()

    def _read_request(self) -> HttpRequest:
        headers = {name.lower(): value.strip() for name, value in self.headers.items()}
        if self._is_malformed(headers):
            raise _Refused(HTTPStatus.BAD_REQUEST, "The headers are malformed.")
        target = self._target(headers)
        return HttpRequest.of(self.command, target, headers, self._read_body(headers))

    def _is_malformed(self, headers: dict[str, str]) -> bool:
        """Return whether a header is unreadable, ambiguous or continued on another line."""
        return (
            any(not isinstance(each, _OF_BODIES) for each in self.headers.defects)
            or any(len(self.headers.get_all(name, ())) > 1 for name in _SINGLE_HEADERS)
            or any(_CONTROL.search(value) for value in headers.values())
        )

    def _target(self, headers: dict[str, str]) -> str:
        """Return the path and query of the request, whose host must be known."""
        try:
            url = urlsplit(self.path) if self.path.startswith("http://") else None
        except ValueError as error:  # such as an IPv6 address that does not end
            raise _Refused(HTTPStatus.BAD_REQUEST, "The request line is malformed.") from error
        host = headers.get("host", "")
        if not self._is_known(url.netloc if url else host):
            raise _Refused(
                HTTPStatus.FORBIDDEN, "The Host header must be a loopback name or address."
            )
        if url is None and not self.path.startswith("/"):
            raise _Refused(HTTPStatus.BAD_REQUEST, "The request line is malformed.")
        if url is None:
            return self.path
        headers["host"] = url.netloc
        return (url.path or "/") + (f"?{url.query}" if url.query else "")

    def _is_known(self, host: str) -> bool:
        if self._is_encrypted() and hosts.is_service(host):
            return True
        return hosts.is_loopback(host) or hosts.is_metadata(host)

    def _is_encrypted(self) -> bool:
        return isinstance(self.connection, ssl.SSLSocket)

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" in headers:
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "A Content-Length is required.")
        length_text = headers.get("content-length", "0")
        if not length_text.isascii() or not length_text.isdigit():
            raise _Refused(HTTPStatus.BAD_REQUEST, "The Content-Length is malformed.")
        # Python refuses to convert numbers of thousands of digits.
        length = int(length_text) if len(length_text) <= _MAX_LENGTH_DIGITS else _MAX_BODY + 1
        if length > _MAX_BODY:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
        body = self.rfile.read(length)
        if len(body) < length:
            raise _Refused(HTTPStatus.BAD_REQUEST, "The body ended early.")
        return body

    def _send(self, response: HttpResponse, *, keep: bool) -> None:
        self.close_connection = not keep
        status = HTTPStatus(response.status)
        lines = [f"HTTP/1.1 {status.value} {status.phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        lines.append(f"Content-Length: {len(response.body)}")
        lines.append(f"Connection: {'keep-alive' if keep else 'close'}")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.wfile.write(head if self.command == "HEAD" else head + response.sent_body)
