"""Keeping the registry of message templates equal to what the platform lists for an account."""

import re
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.messaging.contracts import TemplateRecord
from quanyu.modules.messaging.service import Messaging

_FIELD: Final = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


class TemplateSync:
    """Asks the platform for an account's templates."""

    def __init__(self, uows: UnitOfWorkFactory, clients: AccountClients, messaging: Messaging) -> None:
        self._uows = uows
        self._clients = clients
        self._messaging = messaging

    async def run(self, tenant_id: TenantId, account_id: AccountId) -> tuple[TemplateRecord, ...]:
        """Fetch and keep the account's templates; what is no longer listed is withdrawn. Idempotent."""
        client = await self._clients.client(tenant_id, account_id)
        listed = await client.templates()
        records = tuple(
            TemplateRecord(
                account_id=account_id,
                template_id=template.template_id,
                title=template.title,
                fields=tuple(dict.fromkeys(_FIELD.findall(template.content))),
            )
            for template in listed
        )
        async with self._uows.app(tenant_id) as uow:
            await self._messaging.replace_templates(uow, account_id, records)
        return records
