"""Files with the result for other programs; the format follows from the file's name."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cvmimg.cli.messages import text
from cvmimg.cli.output_files import (
    dotenv,
    markdown_summary,
    packer_manifest,
    terraform_variables,
)
from cvmimg.cli.run_report import RunReport
from cvmimg.message import Message

_FORMATS: dict[str, Callable[[RunReport, Path], str | None]] = {
    ".tfvars.json": terraform_variables.as_json,
    ".tfvars": terraform_variables.as_hcl,
    ".json": packer_manifest.manifest,
    ".env": dotenv.variables,
    ".md": markdown_summary.summary,
}
"""By suffix, the function that makes the text of a file (None if there is nothing to write)."""


def write_output_files(report: RunReport, paths: Sequence[Path]) -> None:
    """Write each file; one that cannot be written is noted; the exit code stays."""
    for path in paths:
        make = next(make for suffix, make in _FORMATS.items() if path.name.endswith(suffix))
        try:
            content = make(report, path)
            if content is not None:
                path.write_text(content, encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            note = Message("OutputFileNotWritten", path=str(path), reason=reason)
            sys.stderr.write(f"note: {text(note)}\n")
