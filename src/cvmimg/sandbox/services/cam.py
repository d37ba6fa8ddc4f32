"""cam: GetUserAppId."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.world import accounts


@action("cam", "GetUserAppId")
def get_user_app_id(call: Call) -> dict[str, Any]:
    """Return the ids of the caller and its account."""
    app_id = accounts.app_id(call.account)
    return {"Uin": call.account, "OwnerUin": call.account, "AppId": app_id}
