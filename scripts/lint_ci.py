"""Check the files of CI systems against the systems' own JSON schemas."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from generated import ROOT

CHECK = Path(sys.executable).with_name("check-jsonschema")
FILES = {
    "github-actions": ["action.yml"],
    "github-workflows": [".github/workflows/*.yml", "examples/ci/github*.yml"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/[!c]*.yml"],
    "dependabot": [".github/dependabot.yml"],
    "gitlab-ci": ["examples/ci/gitlab.yml"],
}
COMPONENT = ROOT / "templates" / "cvmimg.yml"


def main() -> int:
    """Check all; return the number of kinds of files that are wrong."""
    wrong = 0
    for schema, patterns in FILES.items():
        paths = [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]
        wrong += not _is_valid(schema, paths)
    with tempfile.TemporaryDirectory() as folder:
        parts = _documents(COMPONENT, Path(folder))
        return wrong + (not _is_valid("gitlab-ci", parts))


def _documents(path: Path, folder: Path) -> list[Path]:
    """Write each document of a file as a file of its own: a component has two."""
    documents = path.read_text(encoding="utf-8").split("\n---\n")
    parts = [folder / f"{number}-{path.name}" for number in range(len(documents))]
    for part, document in zip(parts, documents, strict=True):
        part.write_text(document, encoding="utf-8")
    return parts


def _is_valid(schema: str, paths: list[Path]) -> bool:
    """Return whether the files are valid; the tool prints what is wrong."""
    command = [str(CHECK), "--builtin-schema", f"vendor.{schema}", *map(str, paths)]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
