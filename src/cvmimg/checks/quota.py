"""Check ``quota``: the region has a place left for one more custom image."""

from __future__ import annotations

from cvmimg.checks.facts import Facts, created
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.models import Image

ID = "quota"
ASSUMED = 10
"""Custom images a region holds where DescribeImageQuota does not say."""
_SHOWN = 3


def check(facts: Facts) -> CheckResult:
    """Whether the region's custom images are fewer than its quota; who is oldest if not."""
    used = len(facts.images)
    quota = ASSUMED if facts.quota is None else facts.quota
    source = " (assumed: the API did not say)" if facts.quota is None else ""
    summary = f"{used} of {quota} custom images used in {facts.region}{source}"
    if used < quota:
        return CheckResult(ID, Status.PASS, summary)
    oldest = sorted(facts.images, key=created)[:_SHOWN]
    return CheckResult(
        ID,
        Status.FAIL,
        summary,
        "the oldest:\n" + "\n".join(_line(image) for image in oldest),
        "free a place, if an image is not needed any more:\n"
        + "\n".join(f"{facts.request.program} delete {image.image_id}" for image in oldest)
        + "\nor ask for a higher quota in the console",
    )


def _line(image: Image) -> str:
    when = image.created_time.date().isoformat() if image.created_time else "unknown date"
    return f"{image.image_id} {image.image_name!r}, {when}, {image.image_size} GiB"
