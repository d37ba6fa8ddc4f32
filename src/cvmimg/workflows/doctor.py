"""Find out whether the cloud can be used: connection, clock, account and permissions.

The findings are results of checks, as those of an instance are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.errors import locked_out
from cvmimg.cloud.ids import REGIONS
from cvmimg.cloud.models import CallerIdentity
from cvmimg.cloud.region import describe_regions
from cvmimg.cloud.sts import get_caller_identity
from cvmimg.errors import CredentialsError, CvmimgError, Unreachable, UsageError
from cvmimg.message import Message
from cvmimg.suggest import suggestion
from cvmimg.workflows.permissions import actions_of
from cvmimg.workflows.probes import Access, probe
from cvmimg.workflows.several import attempt

CLOCK_TOLERANCE_SECONDS = 300.0
"""By how much a signature's time may differ from the cloud's."""
EXPIRED_SIGNATURE = "AuthFailure.SignatureExpire"
_NOTEWORTHY_SECONDS = 30.0
_SOON_SECONDS = 900.0


@dataclass
class Diagnosis:
    """What was found.

    Attributes:
        findings: in the order in which they were made.
        failures: the error behind each finding that failed, the most basic first.
        missing: the actions that the credentials do not permit.
    """

    findings: list[CheckResult] = field(default_factory=list)
    failures: dict[str, CvmimgError] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def passed(self, finding: str, code: str, /, **params: object) -> None:
        """Add something that is in order."""
        self._add(finding, Status.PASS, Message(code, **params))

    def warn(self, finding: str, message: Message, *remedies: Message) -> None:
        """Add something that may become a problem."""
        self._add(finding, Status.WARN, message, remedies)

    def skip(self, finding: str, code: str, /, **params: object) -> None:
        """Add something that could not be found out."""
        self._add(finding, Status.SKIP, Message(code, **params))

    def fail(self, finding: str, error: CvmimgError, *details: Message) -> None:
        """Add what prevents work; its hint says what to do about it."""
        self.failures[finding] = error
        self._add(finding, Status.FAIL, error.message, details=details)

    def _add(
        self,
        finding: str,
        status: Status,
        summary: Message,
        remedies: Sequence[Message] = (),
        details: Sequence[Message] = (),
    ) -> None:
        result = CheckResult(status, summary, tuple(details), tuple(remedies), finding)
        self.findings.append(result)


def examine(
    cloud: Cloud, commands: Sequence[str], diagnosis: Diagnosis, *, simulated: bool
) -> None:
    """Examine the cloud as far as one finding allows the next.

    Args:
        cloud: with the credentials and the region of the user.
        commands: whose actions the credentials have to permit; all of cvmimg's if empty.
        diagnosis: receives the findings.
        simulated: the cloud is one whose time passes faster.
    """
    caller = attempt(partial(get_caller_identity, cloud))
    if isinstance(caller, Unreachable):
        diagnosis.fail("connection", caller)
        return
    host = cloud.link.endpoint.host_of("sts", cloud.region)
    in_process = simulated and not cloud.link.endpoint.loopback
    code = "doctor.reached-sandbox" if in_process else "doctor.reached"
    diagnosis.passed("connection", code, host=host)
    if isinstance(caller, UsageError):
        _fail_region(cloud, REGIONS, diagnosis)
        return
    expired = isinstance(caller, CvmimgError) and caller.code == EXPIRED_SIGNATURE
    if expired or not simulated:
        _examine_clock(cloud, diagnosis)
    if _examine_account(caller, diagnosis):
        _examine_expiry(cloud, diagnosis)
        _examine_region(cloud, diagnosis)
        _examine_permissions(cloud, commands, diagnosis)


def _examine_account(caller: CallerIdentity | CvmimgError, diagnosis: Diagnosis) -> bool:
    """Say whose credentials these are; return whether they can be used."""
    if isinstance(caller, CallerIdentity):
        user = Message("doctor.account", account=caller.account_id, type=caller.type)
        diagnosis.passed("account", "doctor.account-of", account=user, arn=caller.arn)
        return True
    if isinstance(caller, CredentialsError) and not locked_out(caller.code):
        diagnosis.warn("account", Message("AccountNotKnown"))
        return True
    diagnosis.fail("account", caller)
    return False


def _examine_clock(cloud: Cloud, diagnosis: Diagnosis) -> None:
    theirs = cloud.link.server_time
    if not theirs:
        diagnosis.skip("clock", "doctor.clock-unknown")
        return
    ahead = round(cloud.clock.now() - theirs)
    difference = abs(ahead)
    if difference <= _NOTEWORTHY_SECONDS:
        diagnosis.passed("clock", "doctor.clock-right", seconds=difference)
        return
    code = "ClockAhead" if ahead > 0 else "ClockBehind"
    message = Message(code, seconds=difference)
    if difference < CLOCK_TOLERANCE_SECONDS:
        diagnosis.warn("clock", message, Message("SetClock"))
    else:
        error = CredentialsError(message, hint=Message("SetClock"))
        diagnosis.fail("clock", error)


def _examine_expiry(cloud: Cloud, diagnosis: Diagnosis) -> None:
    expires_at = cloud.credentials.current(cloud).expires_at
    if expires_at is None:
        diagnosis.passed("expiry", "doctor.permanent")
        return
    left = expires_at - cloud.clock.now()
    if left < _SOON_SECONDS:
        message = Message("CredentialsExpireSoon", left=max(0.0, left))
        diagnosis.warn("expiry", message, Message("RenewCredentials"))
    else:
        diagnosis.passed("expiry", "doctor.expires", left=left)


def _examine_region(cloud: Cloud, diagnosis: Diagnosis) -> None:
    try:
        known = [region.region for region in describe_regions(cloud)]
    except CvmimgError as error:
        diagnosis.skip("regions", "doctor.regions-unknown", error=error.message)
        return
    if cloud.region in known:
        diagnosis.passed("regions", "doctor.region-exists", region=cloud.region, count=len(known))
        return
    _fail_region(cloud, known, diagnosis)


def _fail_region(cloud: Cloud, known: Sequence[str], diagnosis: Diagnosis) -> None:
    hint = suggestion(cloud.region, known, Message("CheckRegion"))
    diagnosis.fail("regions", UsageError(Message("RegionUnknown", region=cloud.region), hint=hint))


def _examine_permissions(cloud: Cloud, commands: Sequence[str], diagnosis: Diagnosis) -> None:
    actions = actions_of(commands)
    found = probe(cloud, actions)
    missing = [action for action in actions if found[action] is Access.DENIED]
    unknown = [action for action in actions if found[action] is Access.UNKNOWN]
    diagnosis.missing = missing
    if missing:
        message = Message("PermissionsMissing", count=len(missing), total=len(actions))
        error = CredentialsError(message)
        diagnosis.fail("permissions", error, *(Message("doctor.action", action=a) for a in missing))
    elif unknown:
        message = Message("PermissionsUnknown", actions=unknown)
        diagnosis.warn("permissions", message, Message("TryAgainLater"))
    else:
        diagnosis.passed("permissions", "doctor.permitted", count=len(actions))
