"""cam: GetUserAppId."""

from __future__ import annotations

from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.world import accounts


@action("cam", "GetUserAppId")
def get_user_app_id(call: Call) -> Answer:
    """Return the ids of the caller and its account."""
    app_id = accounts.app_id(call.account)
    return {"Uin": call.account, "OwnerUin": call.account, "AppId": app_id}
