"""HTTPS, directly and through CONNECT, and what it refuses."""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cvmimg.sandbox.wire import tls
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse
from cvmimg.sandbox.wire.server import Server

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

API = "cvm.tencentcloudapi.com"


def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(200, f"{request.headers['host']}{request.path}".encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state") / "tls"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with Server(echo, tls=tls.server_context(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def trust(server: Server, folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "ca.pem"))


def ask(connection: http.client.HTTPConnection, host: str = "") -> tuple[int, str]:
    connection.request("POST", "/", body=b"{}", headers={"Host": host} if host else {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode().strip()


def direct(server: Server, trust: ssl.SSLContext, name: str, host: str) -> tuple[int, str]:
    """Ask over TLS as /etc/hosts would have it: the address is ours, the name Tencent Cloud's."""
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    with trust.wrap_socket(raw, server_hostname=name) as connection:
        client = http.client.HTTPConnection("127.0.0.1")
        client.sock = connection
        return ask(client, host)


@pytest.mark.parametrize(
    "name",
    [API, "cvm.ap-guangzhou.tencentcloudapi.com", "cvm.intl.tencentcloudapi.com", "localhost"],
)
def test_the_names_of_the_api_are_certified(
    server: Server, trust: ssl.SSLContext, name: str
) -> None:
    assert direct(server, trust, name, name) == (200, f"{name}/")


@pytest.mark.parametrize("name", [API, "cvm.ap-tokyo.tencentcloudapi.com"])
def test_a_client_reaches_it_through_connect(
    server: Server, trust: ssl.SSLContext, name: str
) -> None:
    connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=trust, timeout=5)
    connection.set_tunnel(name, 443)
    assert ask(connection) == (200, f"{name}/")
    assert ask(connection) == (200, f"{name}/"), "the connection stays open"
    connection.close()


def test_plain_http_is_served_on_the_same_port_to_loopback_names_only(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    assert ask(connection, "cvm.localhost:8080")[0] == 200
    assert ask(connection, API)[0] == 403
    connection.close()


@pytest.mark.parametrize("host", ["example.com", "tencentcloudapi.com.example.com", "evil", ""])
def test_other_hosts_are_refused_over_tls(server: Server, trust: ssl.SSLContext, host: str) -> None:
    assert direct(server, trust, API, host or "tencentcloudapi.com")[0] == 403


@pytest.mark.parametrize("target", ["example.com:443", "127.0.0.1:22", f"{API}:99999999", "x"])
def test_it_is_no_proxy_for_other_hosts(server: Server, target: str) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
        assert connection.recv(64).split()[1] == b"403"


def test_it_is_no_proxy_inside_tls(server: Server, trust: ssl.SSLContext) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain,
        trust.wrap_socket(plain, server_hostname=API) as connection,
    ):
        connection.sendall(f"CONNECT {API}:443 HTTP/1.1\r\nHost: {API}\r\n\r\n".encode())
        assert connection.recv(64).split()[1] == b"403"


def test_connect_is_refused_without_tls() -> None:
    with Server(echo) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.set_tunnel(API, 443)
        with pytest.raises(OSError, match="403"):
            connection.connect()


def test_a_client_without_the_authority_refuses_it(server: Server) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        direct(server, ssl.create_default_context(), API, API)


def test_a_broken_handshake_ends_only_its_connection(server: Server, trust: ssl.SSLContext) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(b"\x16nonsense")
        with suppress(OSError):  # the server may be faster
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1024):
                pass
    assert direct(server, trust, API, API)[0] == 200


def test_the_authority_is_kept_for_its_owner_only(folder: Path, server: Server) -> None:
    before = tls.authority(folder).read_bytes()
    tls.server_context(folder)
    assert (folder / "ca.pem").read_bytes() == before
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_authority_cannot_vouch_for_other_names(
    folder: Path, trust: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "_names", lambda: ["DNS:www.example.com"])
    with (
        Server(echo, tls=tls.server_context(folder)) as server,
        pytest.raises(ssl.SSLCertVerificationError, match="subtree"),
    ):
        direct(server, trust, "www.example.com", "www.example.com")


def test_a_missing_openssl_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OSError, match="openssl"):
        tls.authority(tmp_path / "tls")
