"""Subscription notices of an official account: the page is a web address."""

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import Posting, wrong_account
from quanyu.modules.messaging.kinds.subscriptions import Subscription
from quanyu.modules.messaging.ports import SendsNotices


class OfficialAccountNotice(Subscription):
    """Goes out by ``/cgi-bin/message/subscribe/bizsend``; the platform tells no id for these."""

    kind = MessageKind.OFFICIAL_ACCOUNT_NOTICE

    async def call(self, client: object, posting: Posting) -> str:
        if not isinstance(client, SendsNotices):
            raise wrong_account(self.kind)
        return await client.send_notice(posting.address, posting.payload)
