"""Keys that sign requests. Where they are found is ``cloud/find_credentials.py``."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """A secret id with its key, and the token of temporary ones.

    Attributes:
        secret_id: names the key; may be shown. Empty for requests that are not signed.
        secret_key: never shown, logged or stored.
        token: for temporary credentials (STS), else empty; never shown.
        source: where they were found, such as a path.
        expires_at: when temporary ones end, in seconds since the epoch; None if not known.
    """

    secret_id: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    source: str = "given"
    expires_at: float | None = None

    @property
    def stable_id(self) -> str:
        """The secret id."""
        return self.secret_id

    def current(self, _: object) -> Credentials:
        """Return the keys themselves: these never change."""
        return self


ANONYMOUS = Credentials("", "", source="nobody")
"""For the few actions that are sent without a signature."""
