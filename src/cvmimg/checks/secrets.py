"""Checks ``secrets``: what whoever starts an instance from the image can read in it.

In an image of one's own they are warnings, or notices where a sound system has them too. In one
that is shared or copied they are failures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import in_image, warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message


def private_keys(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find private keys of users and services."""
    return _found("private-key", "PrivateKeysIncluded", guest, facts)


def authorized_keys(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Notice keys that may log in to every new instance."""
    kind, code = "authorized-keys", "AuthorizedKeysIncluded"
    return _found(kind, code, guest, facts, otherwise=Status.PASS)


def credentials(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find credentials of clouds, clusters, registries and databases."""
    return _found("credentials", "CredentialsIncluded", guest, facts)


def histories(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find shell and database histories that Tencent Cloud does not clear."""
    return _found("history", "HistoriesIncluded", guest, facts)


def passwords(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Notice accounts with a password, which every new instance would share."""
    return _judged(guest.observed.get("password", ()), "PasswordsIncluded", facts, Status.PASS)


def _found(
    kind: str, code: str, guest: GuestFacts, facts: Facts, *, otherwise: Status = Status.WARN
) -> CheckResult:
    """Report the paths of a kind that the image includes."""
    return _judged(in_image(guest.observed.get(kind, ()), guest, facts), code, facts, otherwise)


def _judged(names: Iterable[str], code: str, facts: Facts, otherwise: Status) -> CheckResult:
    """Fail with ``code`` and these names if the image is shared or copied, else ``otherwise``."""
    if not facts.request.published:
        return warn_if(names, code, otherwise)
    result = warn_if(names, code, Status.FAIL)
    if result.status is not Status.FAIL:
        return result
    return replace(result, remedies=(*result.remedies, Message("secrets.skip")))
