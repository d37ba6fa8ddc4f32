"""TLS with a certificate authority of the sandbox's own, made by the openssl command.

The authority's certificate permits it to vouch for Tencent Cloud's API and for this machine only,
so that trusting it endangers no other connection. Its key never leaves the state folder.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

from cvmimg.file_lock import file_lock
from cvmimg.sandbox.world import regions

_DOMAIN = "tencentcloudapi.com"
_CA_DAYS, _SERVER_DAYS = "3650", "397"
_CA_CONSTRAINTS = (
    f"permitted;DNS:{_DOMAIN},permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0"
)
_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def authority(folder: Path) -> Path:
    """Return the certificate of the authority in ``folder``, created if necessary.

    Raises:
        OSError: openssl is missing or fails.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate, key = folder / "ca.pem", folder / "ca.key"
    with file_lock(folder / "ca.lock"):
        if not (certificate.exists() and key.exists()):
            _create_authority(certificate, key)
    return certificate


def server_context(folder: Path) -> ssl.SSLContext:
    """Return the context of a server, with a new certificate signed by the authority.

    Raises:
        OSError: openssl is missing or fails.
    """
    ca = authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.TemporaryDirectory() as made:
        request, key, certificate = (Path(made) / name for name in ("csr", "key", "pem"))
        extensions = Path(made) / "extensions"
        extensions.write_text(
            f"subjectAltName={','.join(_names())}\n"
            "basicConstraints=critical,CA:FALSE\n"
            "extendedKeyUsage=serverAuth\n"
        )
        _openssl(
            "req", "-new", *_NEW_KEY, "-keyout", key, "-out", request, "-subj", "/CN=cvmimg sandbox"
        )
        _openssl(
            "x509", "-req", "-in", request, "-out", certificate, "-days", _SERVER_DAYS,
            "-CA", ca, "-CAkey", ca.with_suffix(".key"), "-extfile", extensions,
            "-set_serial", str(int.from_bytes(os.urandom(15), "big")),
        )  # fmt: skip
        context.load_cert_chain(certificate, key)
    return context


def _names() -> list[str]:
    """Return the names that the server answers for; a wildcard stands for one label only."""
    parents = [_DOMAIN, *(f"{each}.{_DOMAIN}" for each in (*regions.IDS, "intl", "internal"))]
    wildcards = [f"DNS:*.{parent}" for parent in parents]
    return [*wildcards, "DNS:localhost", "DNS:*.localhost", "IP:127.0.0.1"]


def _create_authority(certificate: Path, key: Path) -> None:
    """Create the key and the certificate; each appears at once, for its owner only."""
    with tempfile.TemporaryDirectory(dir=certificate.parent) as made:
        new_key, new_certificate = Path(made) / "ca.key", Path(made) / "ca.pem"
        _openssl(
            "req", "-x509", *_NEW_KEY, "-keyout", new_key, "-out", new_certificate,
            "-days", _CA_DAYS, "-subj", "/CN=cvmimg sandbox authority",
            "-addext", "basicConstraints=critical,CA:TRUE,pathlen:0",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
            "-addext", f"nameConstraints=critical,{_CA_CONSTRAINTS}",
        )  # fmt: skip
        for new, path in ((new_key, key), (new_certificate, certificate)):
            new.chmod(0o600)
            new.replace(path)


def _openssl(*arguments: str | Path) -> None:
    found = shutil.which("openssl")
    if found is None:
        raise OSError("TLS requires the command openssl")
    done = subprocess.run([found, *arguments], capture_output=True, check=False, umask=0o077)
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise OSError(f"openssl {arguments[0]} failed: {lines[-1] if lines else done.returncode}")
