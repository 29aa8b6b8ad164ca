"""What may be answered to a mini program's callback: nothing, or that a human shall take over.

Source: developers.weixin.qq.com, 小程序客服消息转发 (read 2026).
"""

from datetime import datetime

import msgspec

from quanyu.wechat.official_account.messages import Callback
from quanyu.wechat.official_account.replies import NO_REPLY, TransferReply, Wire, render_reply

__all__ = ["NO_REPLY", "render_transfer"]


def render_transfer(*, to: Callback, at: datetime, wire: Wire) -> str:
    """Write the hand-over to customer service, not yet encrypted."""
    if wire is Wire.XML:
        return render_reply(TransferReply(), to=to, at=at)
    return msgspec.json.encode(
        {
            "ToUserName": to.FromUserName,
            "FromUserName": to.ToUserName,
            "CreateTime": int(at.timestamp()),
            "MsgType": TransferReply().kind,
        }
    ).decode()
