from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER, KeyRing


def test_a_folder_keeps_its_credentials(tmp_path: Path) -> None:
    first = KeyRing.open(tmp_path / "state").permanent(OWNER)
    assert KeyRing.open(tmp_path / "state").permanent(OWNER) == first


def test_every_folder_has_its_own_credentials(tmp_path: Path) -> None:
    one, other = KeyRing.open(tmp_path / "a"), KeyRing.open(tmp_path / "b")
    assert one.permanent(OWNER)[1] != other.permanent(OWNER)[1]


def test_accounts_have_different_credentials() -> None:
    keys = KeyRing.open(None)
    assert set(keys.permanent(OWNER)).isdisjoint(keys.permanent(NEIGHBOUR))


def test_only_its_owner_can_read_the_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        KeyRing.open(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["master.key"]


def test_a_damaged_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_bytes(b"short")
    with pytest.raises(ValueError, match="not a valid sandbox key"):
        KeyRing.open(tmp_path)
