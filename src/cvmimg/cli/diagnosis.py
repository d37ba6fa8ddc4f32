"""What ``doctor`` finds on this machine, before it asks the cloud."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

from cvmimg import __version__
from cvmimg.cli.connection import credentials_of, endpoint_of, region_of
from cvmimg.cli.effective import region_setting
from cvmimg.cli.session import connect, unfinished_ids
from cvmimg.cli.settings import Invocation
from cvmimg.config import config_path, state_dir
from cvmimg.errors import CvmimgError, UsageError
from cvmimg.message import Message
from cvmimg.workflows.doctor import Diagnosis, examine

_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


def diagnose(invocation: Invocation, commands: Sequence[str]) -> Diagnosis:
    """Examine this machine, then the cloud as far as possible."""
    diagnosis = Diagnosis()
    diagnosis.passed(
        "versions", "doctor.versions", version=__version__, python=platform.python_version()
    )
    if not _examine_config(invocation, diagnosis):
        return diagnosis
    _examine_state(invocation, diagnosis)
    before = len(diagnosis.failures)
    for check, examine_it in _CONNECTION.items():
        with _noted(diagnosis, check):
            examine_it(invocation, diagnosis)
    ready = len(diagnosis.failures) == before
    _examine_proxy(invocation, diagnosis)
    if ready:
        with _noted(diagnosis, "connection"):
            _examine_cloud(invocation, commands, diagnosis)
    return diagnosis


@contextmanager
def _noted(diagnosis: Diagnosis, check: str) -> Iterator[None]:
    """Note an error as the failure of a check."""
    try:
        yield
    except CvmimgError as error:
        diagnosis.fail(check, error)


def _examine_config(invocation: Invocation, diagnosis: Diagnosis) -> bool:
    path = str(config_path(invocation.environment))
    try:
        profile = invocation.profile
        _ = invocation.settings
    except CvmimgError as error:
        diagnosis.fail("config", error)
        return False
    exists = os.path.exists(path)
    code = "doctor.config" if profile.found else "doctor.config-unused"
    name = invocation.settings.profile or "default"
    if exists:
        diagnosis.passed("config", code, path=path, profile=name)
    else:
        diagnosis.passed("config", "doctor.config-missing", path=path)
    return True


def _examine_state(invocation: Invocation, diagnosis: Diagnosis) -> None:
    folder = state_dir(invocation.environment)
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        diagnosis.fail("state", UsageError(Message("StateFolderReadOnly", folder=str(folder))))
        return
    ids: list[str] = []
    with suppress(CvmimgError):
        ids = unfinished_ids(invocation)
    if ids:
        command = invocation.command_line.command("operations", "list", "--unfinished")
        message = Message("unfinished.several", count=len(ids), command=command)
        diagnosis.warn("state", message)
    else:
        diagnosis.passed("state", "doctor.state", folder=str(folder))


def _examine_credentials(invocation: Invocation, diagnosis: Diagnosis) -> None:
    if invocation.settings.sandbox:
        diagnosis.passed("credentials", "doctor.sandbox")
        return
    found = credentials_of(invocation)
    diagnosis.passed("credentials", "doctor.credentials", source=found.source, id=found.stable_id)


def _examine_region(invocation: Invocation, diagnosis: Diagnosis) -> None:
    region = region_setting(invocation)
    if not invocation.settings.sandbox:
        region_of(invocation)
    diagnosis.passed("region", "doctor.region", region=region.value, source=region.source)


def _examine_endpoint(invocation: Invocation, diagnosis: Diagnosis) -> None:
    if invocation.settings.sandbox:
        diagnosis.passed("endpoint", "doctor.endpoint-sandbox")
        return
    endpoint = endpoint_of(invocation)
    host = endpoint.host_of("cvm", invocation.settings.region)
    diagnosis.passed("endpoint", "doctor.endpoint", url=f"{endpoint.scheme}://{host}")


def _examine_proxy(invocation: Invocation, diagnosis: Diagnosis) -> None:
    for name in _PROXIES:
        if url := invocation.environment.get(name):
            diagnosis.passed("proxy", "doctor.proxy", variable=name, url=without_login(url))
            return
    diagnosis.passed("proxy", "doctor.no-proxy")


def without_login(url: str) -> str:
    """Return a URL without the user and the password in it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _examine_cloud(invocation: Invocation, commands: Sequence[str], diagnosis: Diagnosis) -> None:
    with connect(invocation) as cloud:
        simulated = invocation.settings.sandbox or cloud.link.endpoint.loopback
        examine(cloud, commands, diagnosis, simulated=simulated)


_CONNECTION = {
    "credentials": _examine_credentials,
    "region": _examine_region,
    "endpoint": _examine_endpoint,
}
