"""Check ``name``: the image's name is valid and unused in the region."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, command, hinted, passed
from cvmimg.cloud.limits import NAME_LENGTH
from cvmimg.message import Message


def check(facts: Facts) -> CheckResult:
    """Require 1 to 60 characters, and that no image of the region has the name.

    Names are compared here: the API's own filter also finds names that only contain it.
    """
    name = facts.request.name
    if name is None:
        return hinted(Status.SKIP, "NameNotGiven")
    if not 1 <= len(name) <= NAME_LENGTH:
        return CheckResult(
            Status.FAIL,
            Message("NameLength", length=len(name), limit=NAME_LENGTH),
            remedies=(Message("NameLength.hint", limit=NAME_LENGTH),),
        )
    for image in facts.images:
        if image.image_name == name:
            rename = ("update", image.image_id, "--name", "NEW-NAME")
            return CheckResult(
                Status.FAIL,
                Message("NameTaken", name=name, image=image.image_id, region=facts.region),
                remedies=(
                    Message("NameTaken.hint"),
                    Message("name.rename-other"),
                    command(facts.request.command_line.command(*rename)),
                ),
            )
    return passed("NameFree", name=name, region=facts.region)
