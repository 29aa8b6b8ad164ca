"""Who speaks with a customer: the state of a conversation.

Source: developer.work.weixin.qq.com, 会话分配与消息收发 / 分配客服会话 (path 94669), read 2026.
"""

from enum import IntEnum
from typing import Final

from quanyu.wechat.calls import Answer, Request
from quanyu.wechat.wecom.declaring import ask, post


class State(IntEnum):
    """From ``ENDED`` only the customer leads on."""

    NEW = 0
    ASSISTANT = 1
    POOL = 2
    HUMAN = 3
    ENDED = 4


class StateRequest(Request, frozen=True):
    open_kfid: str
    external_userid: str


class StateAnswer(Answer, frozen=True):
    service_state: int  # A ``State``.
    servicer_userid: str = ""


class MoveRequest(Request, frozen=True, kw_only=True):
    open_kfid: str
    external_userid: str
    service_state: int  # A ``State``.
    servicer_userid: str = ""  # Needed for ``HUMAN``.


class Moved(Answer, frozen=True):
    msg_code: str = ""  # For ``messages.SEND_ON_EVENT``: 48 hours to pool and human, 20 seconds to the end.


STATE: Final = ask("/kf/service_state/get", StateRequest, StateAnswer)
MOVE: Final = post("/kf/service_state/trans", MoveRequest, Moved)
