"""Packs the man pages into the wheel, compressed, as ``man`` reads them. Run by the build."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackManPages(BuildHookInterface[Any]):
    """Adds the pages of ``man/`` to the wheel's shared data."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compress the pages, until ``finalize``; the same page always gives the same bytes."""
        self._packed = TemporaryDirectory(prefix="cvmimg-man-")
        for page in sorted(Path(self.root, "man").glob("*.1")):
            packed = Path(self._packed.name, f"{page.name}.gz")
            packed.write_bytes(gzip.compress(page.read_bytes(), mtime=0))
            build_data["shared_data"][str(packed)] = f"share/man/man1/{packed.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the compressed pages, which the wheel now has."""
        self._packed.cleanup()
