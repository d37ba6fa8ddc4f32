"""Check ``quota``: the region has room for one more custom image."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status, command, hinted, passed
from cvmimg.cloud.models import Image
from cvmimg.message import Message


def check(facts: Facts) -> CheckResult:
    """Compare the region's images with its quota, and name those that could be deleted."""
    used, quota = len(facts.images), facts.quota
    if quota is None:
        return hinted(Status.WARN, "QuotaUnknown", used=used, region=facts.region)
    if used < quota:
        return passed("QuotaFree", used=used, quota=quota, region=facts.region)
    return CheckResult(
        Status.FAIL,
        Message("QuotaFull", used=used, quota=quota, region=facts.region),
        *_ways_to_make_room(facts),
    )


def _ways_to_make_room(facts: Facts) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    commands = facts.request.command_line
    more = Message("quota.ask-for-more")
    if not facts.replaceable:
        see_uses = command(commands.command("delete", "IMAGE", "--dry-run"))
        return (Message("quota.all-in-use"),), (Message("quota.see-uses"), see_uses, more)
    delete = [command(commands.command("delete", image.image_id)) for image in facts.replaceable]
    return (
        (Message("quota.oldest-unused"), *map(_described, facts.replaceable)),
        (Message("quota.make-room"), *delete, Message("quota.replace-oldest"), more),
    )


def _described(image: Image) -> Message:
    created = image.created_time.date().isoformat() if image.created_time else ""
    return Message(
        "quota.image" if created else "quota.image-without-date",
        image=image.image_id,
        name=image.image_name,
        created=created,
        gib=image.image_size,
    )
