"""Variables for later jobs, one per line, as GitLab reads them from a dotenv report."""

from __future__ import annotations

from pathlib import Path

from cvmimg.cli.messages import text
from cvmimg.cli.run_report import RunReport


def variables(report: RunReport, _: Path) -> str:
    """Return one line for each output, also after a failure; lists are separated by commas."""
    message = text(report.error.message) if report.error else ""
    values = {
        "CVMIMG_IMAGE_ID": ",".join(report.image_ids),
        "CVMIMG_IMAGE_NAME": ",".join(report.image_names),
        "CVMIMG_INSTANCE_IDS": ",".join(report.instance_ids),
        "CVMIMG_OPERATION_ID": ",".join(report.operation_ids),
        "CVMIMG_FAILED_CHECKS": ",".join(report.failed_checks),
        "CVMIMG_FAILURE_REASON": report.failure_reason,
        "CVMIMG_FAILURE_MESSAGE": message,
        "CVMIMG_EXIT_CODE": str(report.exit_code),
    }
    return "".join(f"{name}={_one_line(value)}\n" for name, value in values.items())


def _one_line(value: str) -> str:
    return " ".join(value.split())
