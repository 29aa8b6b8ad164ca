"""Keeping the registry of message templates equal to what the platform lists for an account."""

import re
from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.messaging.contracts import Channel, MessageKind, TemplateRecord
from quanyu.modules.messaging.service import Messaging
from quanyu.wechat.calls import Nothing
from quanyu.wechat.client import PlatformClient
from quanyu.wechat.common import notice_templates
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.template_messages import Template

_FIELD: Final = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")
# A line of a notice's text: the keyword as people read it, then its field.
_NAMED: Final = re.compile(r"^\s*(.*?)[:：]?\s*\{\{\s*(\w+)\.DATA\s*\}\}", re.MULTILINE)
_LONG_TERM: Final = 3
_NO_RIGHT: Final = frozenset({48001, 48003})  # The account may not use subscription notices.


class TemplateSync:
    """Asks the platform for an account's templates."""

    def __init__(self, uows: UnitOfWorkFactory, clients: AccountClients, messaging: Messaging) -> None:
        self._uows = uows
        self._clients = clients
        self._messaging = messaging

    async def run(self, tenant_id: TenantId, account_id: AccountId) -> tuple[TemplateRecord, ...]:
        """Fetch and keep the account's templates; what is no longer listed is withdrawn. Idempotent.

        Raises:
            UnknownAccount, PlatformRefusal, TransportError
        """
        client = await self._clients.any(tenant_id, account_id)
        if isinstance(client, OfficialAccountClient):
            own = [_template(account_id, one) for one in await client.templates()]
            noticed = [_notice(account_id, one, Channel.OFFICIAL_ACCOUNT) for one in await _notices(client)]
            records = tuple(own + noticed)
        else:
            listed = (await client.call(notice_templates.LIST, Nothing())).data
            records = tuple(_notice(account_id, one, Channel.MINI_PROGRAM) for one in listed)
        async with self._uows.app(tenant_id) as uow:
            await self._messaging.replace_templates(uow, account_id, records)
        return records


async def _notices(client: PlatformClient) -> Sequence[notice_templates.NoticeTemplate]:
    """Return an official account's notices; one that may not use them has none."""
    try:
        return (await client.call(notice_templates.LIST, Nothing())).data
    except PlatformRefusal as error:
        if error.errcode in _NO_RIGHT:
            return ()
        raise


def _template(account_id: AccountId, listed: Template) -> TemplateRecord:
    return TemplateRecord(
        account_id=account_id,
        template_id=listed.template_id,
        title=listed.title,
        fields=tuple(dict.fromkeys(_FIELD.findall(listed.content))),
        names=_names(listed.content),
    )


def _notice(
    account_id: AccountId, listed: notice_templates.NoticeTemplate, channel: Channel
) -> TemplateRecord:
    return TemplateRecord(
        account_id=account_id,
        channel=channel,
        template_id=listed.priTmplId,
        title=listed.title,
        fields=tuple(dict.fromkeys(_FIELD.findall(listed.content))),
        message_kind=_KINDS[channel],
        names=_names(listed.content),
        choices={one.keywordCode: one.enumValueList for one in listed.keywordEnumValueList},
        long_term=listed.type == _LONG_TERM,
    )


_KINDS: Final = {
    Channel.OFFICIAL_ACCOUNT: MessageKind.OFFICIAL_ACCOUNT_NOTICE,
    Channel.MINI_PROGRAM: MessageKind.MINI_PROGRAM_SUBSCRIBE,
}


def _names(content: str) -> dict[str, str]:
    return {field: name for name, field in _NAMED.findall(content) if name}
