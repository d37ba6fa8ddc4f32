"""The hosts that the sandbox answers for.

A web page could reach a server on 127.0.0.1 under a host name of its own that resolves to that
address (DNS rebinding). So the Host header must be a name that always means this machine; over TLS,
which a browser trusts only for names in the certificate, it may also be a name of Tencent Cloud.
"""

from __future__ import annotations

import re

LOOPBACK = "127.0.0.1"
METADATA = "metadata.tencentyun.com"
"""The host of the metadata service of instances."""

_PORT = re.compile(r"[0-9]{1,5}")
_LAST_PORT = 65535
_LOOPBACK_NAME = re.compile(r"([a-z0-9_-]+\.)*localhost")
_SERVICE = re.compile(r"([a-z0-9-]+\.)+tencentcloudapi\.com")


def is_loopback(host: str) -> bool:
    """Return whether a Host header names this machine, such as cvm.localhost:8080."""
    # Given an endpoint with a scheme, tccli and the SDKs send all of it as the Host.
    name = _name(host.lower().removeprefix("https://").removeprefix("http://"))
    return name in (LOOPBACK, "[::1]") or _LOOPBACK_NAME.fullmatch(name) is not None


def is_service(host: str) -> bool:
    """Return whether a Host header names a service of Tencent Cloud."""
    return _SERVICE.fullmatch(_name(host.lower())) is not None


def is_metadata(host: str) -> bool:
    """Return whether a Host header names the metadata service."""
    return _name(host.lower()) == METADATA


def _name(host: str) -> str:
    """Return the name without its port; "" if the port is malformed."""
    if host.endswith("]") or ":" not in host:
        return host
    name, _, port = host.rpartition(":")
    valid = _PORT.fullmatch(port) is not None and 0 < int(port) <= _LAST_PORT
    return name if valid else ""
