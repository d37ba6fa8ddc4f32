from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cvmimg.sandbox.state.kinds import CLOCK
from cvmimg.sandbox.state.store import Store, StoreError, View


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(None)
    yield opened
    opened.close()


def document(identifier: str, **fields: Any) -> dict[str, Any]:
    place = {"Kind": "thing", "Account": "me", "Region": "here", "Created": 0}
    return {**place, "Id": identifier, **fields}


def put(store: Store, *documents: dict[str, Any]) -> None:
    with store.transaction(write=True) as view:
        for each in documents:
            view.put(each)


def ids(view: View, now: float = 0, **part: int) -> list[str]:
    return [each["Id"] for each in view.page("thing", "me", "here", now, **part)]


def test_a_written_document_is_read_back(store: Store) -> None:
    written = document("a", Name="Ä", Nested=[{"x": None, "y": "\udcff"}])
    put(store, written)
    with store.transaction(write=False) as view:
        assert view.get("thing", "a") == written
        assert view.get("thing", "b") is view.get("other", "a") is None


def test_a_document_replaces_its_previous_version(store: Store) -> None:
    put(store, document("a", Name="old"))
    with store.transaction(write=False) as view:
        old = view.get("thing", "a")
    put(store, document("a", Name="new"))
    with store.transaction(write=False) as view:
        new = view.get("thing", "a")
        assert [each["Id"] for each in view.named("thing", "me", "here", "new")] == ["a"]
        assert view.named("thing", "me", "here", "old") == []
    assert (old and old["Name"], new and new["Name"]) == ("old", "new")


def test_pages_list_one_region_newest_first(store: Store) -> None:
    put(store, *(document(str(number), Created=number) for number in range(5)))
    put(store, document("elsewhere", Region="there"), document("theirs", Account="them"))
    with store.transaction(write=False) as view:
        assert ids(view) == ["4", "3", "2", "1", "0"]
        assert ids(view, offset=1, limit=2) == ["3", "2"]
        assert view.count("thing", "me", "here", 0) == 5


def test_lists_and_counts_follow_the_time(store: Store) -> None:
    put(store, document("late", Listed=10), document("brief", Gone=20), document("always"))
    with store.transaction(write=False) as view:
        for now, number in ((0, 2), (9, 2), (10, 3), (19, 3), (20, 2), (5, 2), (99, 2)):
            assert len(ids(view, now)) == view.count("thing", "me", "here", now) == number
        assert len(view.all("thing", "me", "here")) == 3


def test_counts_follow_writes_and_deletes(store: Store) -> None:
    def count() -> int:
        with store.transaction(write=False) as view:
            return view.count("thing", "me", "here", 0)

    assert count() == 0
    put(store, document("a"), document("b"))
    assert count() == 2
    with store.transaction(write=True) as view:
        view.delete("thing", "a")
        assert view.count("thing", "me", "here", 0) == 1
    assert count() == 1
    with store.transaction(write=True) as view:
        view.clear()
    assert count() == 0


def test_a_failed_transaction_changes_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction(write=True) as view:
            view.put(document("a", Name="during"))
            assert names(view) == ["during"]
            raise RuntimeError

    def names(view: View) -> list[str]:
        return [each["Name"] for each in view.page("thing", "me", "here", 0)]

    put(store, document("a", Name="before"))
    with pytest.raises(RuntimeError):
        fail()
    put(store, document("b", Name="other"))
    with store.transaction(write=False) as view:
        assert sorted(names(view)) == ["before", "other"]


def test_children_are_in_order(store: Store) -> None:
    put(store, document("b", Parent="p", Created=2), document("a", Parent="p", Created=1))
    put(store, document("c", Parent="q"))
    with store.transaction(write=False) as view:
        assert [each["Id"] for each in view.children("thing", "p")] == ["a", "b"]


def test_a_view_is_consistent(store: Store) -> None:
    put(store, document("a"))
    with store.transaction(write=False) as view:
        assert ids(view) == ["a"]
        put(store, document("b"))
        assert ids(view) == ["a"]
    with store.transaction(write=False) as view:
        assert sorted(ids(view)) == ["a", "b"]


def test_concurrent_writers_lose_nothing(store: Store) -> None:
    put(store, document("sum", Value=0))

    def add(_: int) -> None:
        with store.transaction(write=True) as view:
            old = view.get("thing", "sum")
            assert old is not None
            view.put({**old, "Value": old["Value"] + 1})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
    with store.transaction(write=False) as view:
        found = view.get("thing", "sum")
    assert found is not None
    assert found["Value"] == 100


def test_two_stores_on_one_file_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.sqlite"
    one, other = Store.open(path), Store.open(path)
    put(one, document("a"))
    with other.transaction(write=False) as view:
        assert view.count("thing", "me", "here", 0) == 1
    put(one, document("b"))
    with other.transaction(write=False) as view:
        assert view.count("thing", "me", "here", 0) == 2
    one.close()
    other.close()


def test_a_temporary_store_leaves_no_file(store: Store) -> None:
    another = Store.open(None)
    put(another, document("a"))
    with store.transaction(write=False) as view:
        assert view.counts() == {}
    another.close()


def limit(store: Store, pages: int) -> None:
    """Let the database grow to this many pages, as on a full disk."""
    for connection in store._idle:
        connection.execute(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_loses_only_what_it_has_no_space_for(store: Store) -> None:
    limit(store, 1)
    with pytest.raises(StoreError, match="full"):
        put(store, document("a", Text="x" * 100_000))
    limit(store, 10_000)
    put(store, document("b"))
    with store.transaction(write=False) as view:
        assert ids(view) == ["b"]


def test_only_its_owner_can_read_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    before = os.umask(0)
    try:
        store = Store.open(folder / "state.sqlite")
        put(store, document("a"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_store_sees_a_permanent_document_and_what_is_due(tmp_path: Path) -> None:
    one, other = Store.open(tmp_path / "s"), Store.open(tmp_path / "s")
    assert other.permanent(CLOCK) is other.next_due() is None
    for speed in (1.0, 2.0):
        put(one, {**document("clock", Kind="clock", Speed=speed)}, document("a", Due=speed))
        found = other.permanent(CLOCK)
        assert (found and found["Speed"], other.next_due()) == (speed, speed)
    one.close()
    other.close()
