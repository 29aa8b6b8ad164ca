"""The door's ``Responder`` for mini programs: hand messages over to customer service, if the account says."""

from typing import Final

from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.replies.responder import Spoken
from quanyu.wechat.official_account.messages import Callback, Message
from quanyu.wechat.official_account.replies import Reply, TransferReply

_HAND_OVER: Final = Spoken("hand_over", b'{"by":"hand_over"}', ())


class HandOver:
    """Without it, a message that reaches us does not reach the staff in the platform's own console."""

    def __init__(self) -> None:
        self._hands_over: dict[AccountId, bool] = {}

    async def prepare(self, account: Account) -> None:
        """Remember what the account says."""
        self._hands_over[account.account_id] = account.hands_over

    def decide(self, account_id: AccountId, callback: Callback) -> Spoken | None:
        """Hand over whatever a person wrote; events need no answer."""
        is_message = isinstance(callback, Message)
        return _HAND_OVER if is_message and self._hands_over.get(account_id) else None

    def read(self, record: bytes) -> Reply:
        """Return the hand-over."""
        return TransferReply()
