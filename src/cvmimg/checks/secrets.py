"""Checks ``secrets``: what anyone who launches an instance from the image can read in it.

In an image of one's own they are warnings; in one that is shared with other accounts, failures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import in_image, warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts
from cvmimg.message import Message


def _found(kind: str, code: str, guest: GuestFacts, facts: Facts) -> CheckResult:
    """Report the paths of a kind that the image includes."""
    return _judged(in_image(guest.seen(kind), guest, facts), code, facts)


def _judged(names: Iterable[str], code: str, facts: Facts) -> CheckResult:
    """Fail with ``code`` and these names if the image is to be shared, else warn."""
    if not facts.request.published:
        return warn_if(names, code)
    result = warn_if(names, code, Status.FAIL)
    if result.status is not Status.FAIL:
        return result
    return replace(result, remedies=(*result.remedies, Message("secrets.skip")))


private_keys = partial(_found, "private-key", "PrivateKeysIncluded")
"""Find private keys of users and services."""
authorized_keys = partial(_found, "authorized-keys", "AuthorizedKeysIncluded")
"""Find keys that may log in to every new instance."""
credentials = partial(_found, "credentials", "CredentialsIncluded")
"""Find credentials of clouds, clusters, registries and databases."""
histories = partial(_found, "history", "HistoriesIncluded")
"""Find shell and database histories that Tencent Cloud does not clear."""


def passwords(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find accounts with a password, which every new instance would share."""
    return _judged(guest.seen("password"), "PasswordsIncluded", facts)
