"""Every link leads somewhere, and every page of the site can be reached from its navigation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_resolves(page: Path) -> None:
    assert [target for target in links(page) if not _resolves(page, target)] == []


def _resolves(page: Path, target: str) -> bool:
    if target.startswith(("https://", "http://", "mailto:")):
        return True
    path, _, anchor = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    if not found.exists():
        return False
    return not anchor or (found.suffix == ".md" and anchor in anchors(found))


def test_the_navigation_names_every_page_once() -> None:
    named = list(_pages(yaml.load((ROOT / "mkdocs.yml").read_text("utf-8"), _Loader)["nav"]))

    assert sorted(named) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def _pages(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
        return
    for entry in nav.values() if isinstance(nav, dict) else nav:
        yield from _pages(entry)


class _Loader(yaml.SafeLoader):
    """Reads mkdocs.yml, whose tags name objects of Python."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: suffix)
