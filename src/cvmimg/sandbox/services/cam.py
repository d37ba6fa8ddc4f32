"""cam: GetUserAppId."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.wire.call import Call, action

_FIRST_APP_ID = 1_250_000_000


@action("cam", "GetUserAppId")
def get_user_app_id(call: Call) -> dict[str, Any]:
    """Return the ids of the caller and its account."""
    app_id = _FIRST_APP_ID + int(call.account) % 1_000_000
    return {"Uin": call.account, "OwnerUin": call.account, "AppId": app_id}
