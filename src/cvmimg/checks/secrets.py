"""Checks ``secrets``: what whoever starts an instance from the image can read in it."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import report
from cvmimg.checks.result import CheckResult
from cvmimg.guest.facts import GuestFacts


def private_keys(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find private SSH keys of users."""
    return report(guest, "private-key", "PrivateKeysIncluded")


def authorized_keys(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find keys that may log in to every new instance."""
    return report(guest, "authorized-keys", "AuthorizedKeysIncluded")


def credentials(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find credentials of clouds, clusters, registries and databases."""
    return report(guest, "credentials", "CredentialsIncluded")


def histories(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find shell and database histories that Tencent Cloud does not clear."""
    return report(guest, "history", "HistoriesIncluded")


def passwords(guest: GuestFacts, _: Facts) -> CheckResult:
    """Find accounts with a password, which every new instance would share."""
    return report(guest, "password", "PasswordsIncluded")
