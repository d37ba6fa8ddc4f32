"""User data that gives new instances their own identity at their first boot.

cloud-init runs it once for each instance, after the network is up; together with the user's own
user data it is a multi-part message, whose parts cloud-init handles in order.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from importlib import resources

from cvmimg.cloud.limits import USER_DATA_BYTES
from cvmimg.errors import UsageError
from cvmimg.message import Message

_KINDS = (
    (b"#cloud-config", "cloud-config"),
    (b"#!", "x-shellscript"),
    (b"#cloud-boothook", "cloud-boothook"),
    (b"#include-once", "x-include-once-url"),
    (b"#include", "x-include-url"),
    (b"#part-handler", "part-handler"),
    (b"## template: jinja", "jinja2"),
)
"""The first bytes of user data, and what cloud-init calls such a part."""
_BOUNDARY = "cvmimg-user-data"


def with_fixes(user_data: str | None, fixes: Collection[str]) -> str | None:
    """Return user data that fixes what these checks find, and then does what the user's does.

    Args:
        user_data: the user's own, in base64; None if there is none.
        fixes: ids of checks whose fix is "launch".

    Returns:
        User data in base64.

    Raises:
        UsageError: the user's own is of a kind that cannot be combined, or both are too large.
    """
    if not fixes:
        return user_data
    functions = sorted(name.replace("-", "_") for name in fixes)
    text = (resources.files("cvmimg.workflows.launch") / "first_boot.sh").read_text("utf-8")
    script = text + "\n" + "".join(f"fix_{name}\n" for name in functions)
    content = script.encode()
    if user_data is not None:
        content = _combined(script, base64.b64decode(user_data))
    if len(content) > USER_DATA_BYTES:
        raise UsageError(Message("FixesTooLarge", size=len(content), most=USER_DATA_BYTES))
    return base64.b64encode(content).decode()


def _combined(script: str, user_data: bytes) -> bytes:
    kind = next((kind for start, kind in _KINDS if user_data.startswith(start)), "")
    try:
        own = user_data.decode()
    except UnicodeDecodeError:
        kind = ""
    if not kind:
        raise UsageError(Message("UserDataNotCombinable"))
    message = MIMEMultipart(boundary=_BOUNDARY)
    message.attach(MIMEText(script, "x-shellscript", "us-ascii"))
    message.attach(MIMEText(own, kind, "utf-8"))
    return message.as_bytes()
