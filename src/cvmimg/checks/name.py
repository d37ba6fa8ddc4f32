"""Check ``name``: the image's name is valid and free in the region."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status

ID = "name"
LONGEST = 60


def check(facts: Facts) -> CheckResult:
    """Whether the name has 1 to 60 characters and no custom image of the region has it.

    Names are compared here: the API's own filter also finds names that merely contain it.
    """
    name = facts.request.name
    if name is None:
        return CheckResult(ID, Status.SKIP, "no name was given", remedy="add --name")
    if not 1 <= len(name) <= LONGEST:
        return CheckResult(
            ID,
            Status.FAIL,
            f"the name has {len(name)} characters",
            remedy=f"choose a --name of 1 to {LONGEST} characters",
        )
    for image in facts.images:
        if image.image_name == name:
            return CheckResult(
                ID,
                Status.FAIL,
                f"{image.image_id} in {facts.region} already has the name {name!r}",
                remedy="choose another --name, or give that image another one:"
                f" {facts.request.program} update {image.image_id} --name NEW-NAME",
            )
    return CheckResult(ID, Status.PASS, f"{name!r} is free in {facts.region}")
