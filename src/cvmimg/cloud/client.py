"""One client for all services: the official SDK signs and sends, this decides on retries.

Reads are retried after throttling, server errors and network errors. Changes are retried only if it
is certain that nothing was changed; otherwise ``OutcomeUnknown`` makes the caller check first.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from cvmimg.clock import Clock, SystemClock
from cvmimg.cloud.attempts import Attempts, Failure
from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.rate_limits import RateLimits
from cvmimg.errors import CvmimgError, UsageError
from cvmimg.message import Message

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    import requests
    from requests.adapters import BaseAdapter

    from cvmimg.cloud.http_session import HttpSession
    from cvmimg.cloud.shared_polls import Found, Read, Reader, SharedPolls

VERSIONS = {
    "cvm": "2017-03-12",
    "cbs": "2017-03-12",
    "vpc": "2017-03-12",
    "tat": "2020-10-28",
    "sts": "2018-08-13",
    "tag": "2018-08-13",
    "as": "2018-04-19",
    "region": "2022-06-27",
}
"""The API version of each service that the tool calls."""

_CONNECT_SECONDS, _READ_SECONDS = 10, 60
_ROOT_DOMAIN = "tencentcloudapi.com"
_SUBDOMAINS = ("intl", "internal")
_FINANCE_SUFFIX = "-fsi"
_REQUESTS: ContextVar[list[str] | None] = ContextVar("requests", default=None)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")


@dataclass(frozen=True)
class ApiCall:
    """One attempt at an API call, for the request log; holds no parameter and no secret.

    Attributes:
        milliseconds: from sending to the answer, or to the failure.
        outcome: "ok", or the code of the error.
    """

    service: str
    action: str
    region: str
    request_id: str
    milliseconds: float
    outcome: str


@dataclass(frozen=True)
class Endpoint:
    """Where the services are.

    Attributes:
        host: one host (with port) for all services, or empty for the real ones.
        scheme: "https", or "http" for a loopback host.
        root_domain: the domain under which each service has its host.
    """

    host: str = ""
    scheme: str = "https"
    root_domain: str = _ROOT_DOMAIN

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Read ``--endpoint``.

        Raises:
            UsageError: not a URL of a host, or plain http to a host that is not loopback.
        """
        try:
            parts = urlsplit(url if "//" in url else f"https://{url}")
            valid = parts.hostname and parts.scheme in ("http", "https") and parts.port != 0
        except ValueError:
            valid = False
        if not valid or parts.path not in ("", "/") or parts.query or parts.username:
            raise UsageError(Message("EndpointInvalid", url=url))
        if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
            raise UsageError(Message("EndpointInsecure", option="--endpoint", url=url))
        return cls(host=parts.netloc, scheme=parts.scheme)

    @classmethod
    def of_domain(cls, domain: str, scheme: str = "https") -> Endpoint:
        """Return the endpoint of services whose hosts are under a domain.

        Args:
            domain: such as "intl.tencentcloudapi.com", or its first label alone ("intl",
                "internal"); may have a port.
            scheme: "https", or "http" for a loopback domain.

        Raises:
            UsageError: not a domain, or plain http to one that is not loopback.
        """
        root_domain = f"{domain}.{_ROOT_DOMAIN}" if domain in _SUBDOMAINS else domain
        if not _DOMAIN.fullmatch(root_domain):
            raise UsageError(Message("DomainInvalid", domain=domain))
        if scheme not in ("http", "https"):
            raise UsageError(Message("ProtocolInvalid", protocol=scheme))
        endpoint = cls(scheme=scheme, root_domain=root_domain)
        if scheme == "http" and not endpoint.loopback:
            raise UsageError(
                Message("EndpointInsecure", option="domain", url=f"http://{root_domain}")
            )
        return endpoint

    def host_of(self, service: str, region: str) -> str:
        """Return the host (with port) of a service; finance regions have hosts of their own."""
        if self.host:
            return self.host
        parts = (service, region) if region.endswith(_FINANCE_SUFFIX) else (service,)
        return ".".join((*parts, self.root_domain))

    @property
    def loopback(self) -> bool:
        """Whether the host is this machine, which is reached without a proxy."""
        return is_loopback(urlsplit(f"//{self.host or self.root_domain}").hostname or "")


def is_loopback(host: str) -> bool:
    """Return whether ``host`` (a name or an address) can only be this machine."""
    import ipaddress

    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class CredentialsProvider(Protocol):
    """Gives the credentials of the next request; called from any thread."""

    @property
    def source(self) -> str:
        """Where the credentials come from, such as a path."""

    @property
    def stable_id(self) -> str:
        """Names whose credentials these are, the same after every renewal; not a secret."""

    def current(self, cloud: Cloud) -> Credentials:
        """Return credentials that are valid now, renewed if they were about to expire.

        Args:
            cloud: the connection that a renewal may use.

        Raises:
            CredentialsError: they have expired and cannot be renewed.
        """


@dataclass(frozen=True)
class Cloud:
    """Tencent Cloud, as one account sees it in one region.

    Safe to use from several threads: they share connections.

    Attributes:
        credentials: whose they are decides the account.
        region: where the calls of this object go; see ``in_region``.
        link: the connections shared by all regions.
        polls: shares the polls of several threads; None where there is one wait at a time.
    """

    credentials: CredentialsProvider
    region: str
    link: Link
    polls: SharedPolls | None = None

    @classmethod
    def connect(
        cls,
        credentials: CredentialsProvider,
        region: str,
        *,
        endpoint: Endpoint | None = None,
        adapter: BaseAdapter | None = None,
        clock: Clock | None = None,
        on_call: Callable[[ApiCall], None] | None = None,
    ) -> Cloud:
        """Return a cloud that can be called; nothing is sent yet.

        Args:
            credentials: whose they are decides the account.
            region: such as "ap-guangzhou".
            endpoint: where the services are; the real ones by default.
            adapter: carries the requests instead of the network (the sandbox's plug).
            clock: time for retries and rate limits.
            on_call: receives every attempt, for the request log; called from any thread.
        """
        return cls(
            credentials,
            region,
            Link(endpoint or Endpoint(), adapter, clock or SystemClock(), on_call),
        )

    def reader(self, kind: str, ask: Read[Found]) -> Reader[Found]:
        """Return what reads resources for one wait; see ``cloud/shared_polls.py``."""
        from cvmimg.cloud.shared_polls import OwnReader

        if self.polls is None:
            return OwnReader(ask)
        return self.polls.reader(kind, self.region, ask)

    def sharing_polls(self, pool: ThreadPoolExecutor) -> Cloud:
        """Return the same cloud, where the waits of several threads ask one question.

        Args:
            pool: runs the polls; it has to outlive the waits.
        """
        from cvmimg.cloud.shared_polls import SharedPolls

        return replace(self, polls=SharedPolls(pool, self.clock))

    def in_region(self, region: str) -> Cloud:
        """Return the same account and connections in another region."""
        return replace(self, region=region)

    @property
    def clock(self) -> Clock:
        """The clock of retries and waits."""
        return self.link.clock

    def now(self) -> float:
        """Return the time by the cloud's own clock, as of its latest answer.

        Seconds since the epoch; this machine's time before the first answer. A simulated cloud's
        time may run faster than this machine's.
        """
        return self.link.server_time or self.clock.now()

    def read(
        self, service: str, action: str, params: Mapping[str, Any], *, has: Sequence[str] = ()
    ) -> dict[str, Any]:
        """Call an action that only reads, with retries.

        Args:
            service: such as "cvm".
            action: such as "DescribeImages".
            params: the request's body.
            has: fields of which a genuine answer has at least one.

        Returns:
            The answer's ``Response`` object.

        Raises:
            CvmimgError: a type that fits the API's code; ``Unreachable`` when retries ran out.
        """
        return self._call(service, action, params, Attempts(self.link.clock), has)

    def write(
        self,
        service: str,
        action: str,
        params: Mapping[str, Any],
        *,
        repeatable: bool = False,
        has: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Call an action that changes something.

        Args:
            service: such as "cvm".
            action: such as "CreateImage".
            params: the request's body.
            repeatable: whether sending it twice changes no more than sending it once (a client
                token); it is then also retried after a lost answer.
            has: as for ``read``.

        Returns:
            The answer's ``Response`` object.

        Raises:
            OutcomeUnknown: the request may have been carried out, its answer was lost.
            CvmimgError: it was refused, or never reached the cloud.
        """
        attempts = Attempts(self.link.clock, changes=True, repeatable=repeatable)
        try:
            answer = self._call(service, action, params, attempts, has)
        except CvmimgError as error:
            _note_request(error.request_id)
            raise
        _note_request(str(answer.get("RequestId") or ""))
        return answer

    def _call(
        self,
        service: str,
        action: str,
        params: Mapping[str, Any],
        attempts: Attempts,
        has: Sequence[str],
    ) -> dict[str, Any]:
        while True:
            self.link.limits.wait(self.region, service, action)
            outcome = self.link.send(self, service, action, params, has)
            if not isinstance(outcome, Failure):
                return outcome
            if not attempts.pause_after(outcome):
                raise attempts.error_for(outcome)


@contextmanager
def noted_requests() -> Iterator[list[str]]:
    """Note the ids of the requests by which this thread changes something in the context."""
    request_ids: list[str] = []
    token = _REQUESTS.set(request_ids)
    try:
        yield request_ids
    finally:
        _REQUESTS.reset(token)


def _note_request(request_id: str) -> None:
    noted = _REQUESTS.get()
    if noted is not None and request_id:
        noted.append(request_id)


class Link:
    """The connections to the services: one HTTP session, one SDK client a service and region."""

    def __init__(
        self,
        endpoint: Endpoint,
        adapter: BaseAdapter | None,
        clock: Clock,
        on_call: Callable[[ApiCall], None] | None,
    ) -> None:
        self.endpoint = endpoint
        self.clock = clock
        self.limits = RateLimits(clock)
        self._adapter = adapter
        self._on_call = on_call
        self._lock = threading.Lock()
        self._session: HttpSession | None = None
        self._clients: dict[tuple[str, str, Credentials], Any] = {}

    @property
    def server_time(self) -> float:
        """The time of the latest answer, in seconds since the epoch; 0 before the first."""
        return self._session.server_time if self._session else 0.0

    def send(
        self, cloud: Cloud, service: str, action: str, params: Mapping[str, Any], has: Sequence[str]
    ) -> dict[str, Any] | Failure:
        """Send one request once, log it, and classify a failure."""
        started = self.clock.monotonic()
        outcome = self._send(cloud, service, action, params, has)
        if self._on_call is not None:
            milliseconds = (self.clock.monotonic() - started) * 1000
            if isinstance(outcome, Failure):
                request_id, result = outcome.request_id, outcome.code
            else:
                request_id, result = str(outcome.get("RequestId") or ""), "ok"
            self._on_call(ApiCall(service, action, cloud.region, request_id, milliseconds, result))
        return outcome

    def _send(
        self, cloud: Cloud, service: str, action: str, params: Mapping[str, Any], has: Sequence[str]
    ) -> dict[str, Any] | Failure:
        credentials = cloud.credentials.current(cloud)
        client = self._client(service, cloud.region, credentials)
        options = None if credentials.secret_id else {"SkipSign": True}
        host = self.endpoint.host_of(service, cloud.region)
        try:
            answer = client.call_json(action, dict(params), options=options)
        except Exception as error:  # the SDK lets requests', urllib3's and json's errors through
            return Failure.from_exception(error, action, host)
        response = answer.get("Response") if isinstance(answer, dict) else None
        if not isinstance(response, dict):
            return Failure.garbage(action, host)
        # The SDK passes errors over where the Content-Type is not to the letter.
        if "Error" in response:
            return Failure.from_answer(response, action, host)
        # An empty list has a count.
        if has and all(response.get(field) in (None, "") for field in has):
            return Failure.garbage(action, host)
        return response

    def _client(self, service: str, region: str, credentials: Credentials) -> Any:
        key = (service, region, credentials)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._new_client(service, region, credentials)
            return self._clients[key]

    def _new_client(self, service: str, region: str, credentials: Credentials) -> Any:
        _load_sdk()
        from tencentcloud.common.common_client import CommonClient
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile

        http = HttpProfile(
            protocol=self.endpoint.scheme,
            endpoint=self.endpoint.host_of(service, region),
            reqTimeout=(_CONNECT_SECONDS, _READ_SECONDS),
            keepAlive=True,
            certification=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE"),
        )
        client = CommonClient(
            service,
            VERSIONS[service],
            Credential(credentials.secret_id, credentials.secret_key, credentials.token or None)
            if credentials.secret_id
            else None,
            region,
            ClientProfile(httpProfile=http, language="en-US"),
        )
        # The SDK opens a session per client; sharing one keeps connections alive across clients.
        connection = client.request.conn
        connection._session = self._shared_session()
        if self.endpoint.loopback:
            connection.proxy = None
        return client

    def _shared_session(self) -> requests.Session:
        if self._session is None:
            from cvmimg.cloud.http_session import HttpSession

            self._session = HttpSession(self._adapter)
        return self._session


@cache
def _load_sdk() -> None:
    """Import the SDK in a thread of its own, which makes the first call much faster.

    CPython 3.11 and later keep the frames of a thread in chunks of 16 KiB. A loop whose calls
    cross the end of a chunk maps and unmaps memory each time, and compiling urllib3's patterns is
    such a loop if it happens as deep in the stack as a call of the API. A new thread's stack is
    empty.
    """
    thread = threading.Thread(target=import_module, args=("tencentcloud.common.common_client",))
    thread.start()
    thread.join()
