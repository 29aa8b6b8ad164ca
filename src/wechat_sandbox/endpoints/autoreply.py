"""What the account's owner has set as automatic replies in the console."""

from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import REGISTRY, Call
from wechat_sandbox.state.autoreply import find_autoreply


@REGISTRY.get("/cgi-bin/get_current_autoreply_info", kinds=OFFICIAL)
def autoreply_info(call: Call) -> Mapping[str, object]:
    return find_autoreply(call.world, call.account).as_info()
