"""Checks ``secrets``: what whoever starts an instance from the image can read in it.

In an image of one's own they are warnings, or notices where a sound system has them too. In one
that is shared or copied they are failures.
"""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import in_image, warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts


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
    names = guest.observed.get("password", ())
    status = Status.FAIL if facts.request.published else Status.PASS
    return warn_if(names, "PasswordsIncluded", status)


def _found(
    kind: str, code: str, guest: GuestFacts, facts: Facts, *, otherwise: Status = Status.WARN
) -> CheckResult:
    """Report the paths of a kind that the image includes.

    Args:
        kind: what was observed.
        code: of the message.
        guest: what was read.
        facts: the disks, and whether the image is shared or copied.
        otherwise: how severe they are in an image that is not.
    """
    paths = in_image(guest.observed.get(kind, ()), guest, facts)
    return warn_if(paths, code, Status.FAIL if facts.request.published else otherwise)
