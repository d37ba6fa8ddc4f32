"""Whose credentials an operation runs with, so that it is continued by the same account."""

from __future__ import annotations

import hashlib

from cvmimg.cloud import sts
from cvmimg.cloud.client import Cloud
from cvmimg.durable.journal.record import Account, OperationRecord
from cvmimg.durable.session import Session
from cvmimg.errors import PreconditionFailed, Unreachable
from cvmimg.message import Message


def current_account(cloud: Cloud) -> Account:
    """Ask whose credentials these are (GetCallerIdentity); its id is empty where that is unknown.

    Raises:
        CredentialsError: the credentials are wrong or expired.
    """
    key = hashlib.sha256(cloud.credentials.stable_id.encode()).hexdigest()[:16]
    try:
        return Account(sts.account_id(cloud), key)
    except Unreachable:
        return Account("", key)


def require_same_account(session: Session, record: OperationRecord) -> None:
    """Refuse to continue as another account, to which everything that was done would look undone.

    Raises:
        PreconditionFailed: these are another account's credentials, or that is unknown.
        CredentialsError: the credentials are wrong or expired.
    """
    begun, now = record.account, current_account(session.cloud)
    if begun.id and now.id:
        if begun.id == now.id:
            return
        raise PreconditionFailed(
            Message(
                "OtherAccount",
                operation=record.id,
                account=begun.id,
                current=now.id,
                profile=record.origin.profile or "-",
            )
        )
    if begun.key == now.key or session.trust_account:
        return
    raise PreconditionFailed(
        Message(
            "AccountUnknown",
            operation=record.id,
            command=session.command("resume", record.id, "--yes"),
        )
    )
