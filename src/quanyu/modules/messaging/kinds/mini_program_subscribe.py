"""Subscribe messages of a mini program: the page opens a page of it."""

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import Posting, wrong_account
from quanyu.modules.messaging.kinds.subscriptions import Subscription
from quanyu.modules.messaging.ports import SendsSubscribe


class MiniProgramSubscribe(Subscription):
    """Goes out by ``/cgi-bin/message/subscribe/send``."""

    kind = MessageKind.MINI_PROGRAM_SUBSCRIBE

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsSubscribe):
            raise wrong_account(self.kind)
        return await client.send_subscribe(posting.address, posting.payload)
