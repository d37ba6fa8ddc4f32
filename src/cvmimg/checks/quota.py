"""Check ``quota``: the region has a place left for one more custom image."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.models import Image

ID = "quota"


def check(facts: Facts) -> CheckResult:
    """Whether the region's custom images are fewer than its quota; what could go if not."""
    used = len(facts.images)
    source = " (assumed: the API did not say)" if facts.quota is None else ""
    summary = f"{used} of {facts.allowed} custom images used in {facts.region}{source}"
    if used < facts.allowed:
        return CheckResult(ID, Status.PASS, summary)
    if not facts.replaceable:
        return CheckResult(
            ID,
            Status.FAIL,
            summary,
            "every image is in use or shared",
            f"see what uses an image: {facts.request.program} delete IMAGE --dry-run\n"
            "or ask for a higher quota in the console",
        )
    program = facts.request.program
    return CheckResult(
        ID,
        Status.FAIL,
        summary,
        "the oldest that nothing uses:\n" + "\n".join(map(_line, facts.replaceable)),
        "free a place, if an image is not needed any more:\n"
        + "\n".join(f"{program} delete {image.image_id}" for image in facts.replaceable)
        + "\nor ask for a higher quota in the console",
    )


def _line(image: Image) -> str:
    when = image.created_time.date().isoformat() if image.created_time else "unknown date"
    return f"{image.image_id} {image.image_name!r}, {when}, {image.image_size} GiB"
