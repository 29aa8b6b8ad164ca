"""The model's settings, its connection check, and asking it with every token counted."""

import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.flows.drafting.model import queries
from quanyu.flows.drafting.model.contracts import ModelCheck, ModelSettings, ModelView, SaveModel, UsageRow
from quanyu.flows.drafting.model.errors import ModelFailed, NoModel
from quanyu.flows.drafting.model.ports import Provider, Reply, Said
from quanyu.flows.drafting.model.queries import KeptModel
from quanyu.flows.drafting.model.words import REASONS
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.tenants.service import Tenants

_USAGE_DAYS: Final = 30
_MILLION: Final = Decimal(1_000_000)
_CHECK: Final = (Said("user", 'Answer with the JSON object {"ok": true} and nothing else.'),)
_CHECK_SCHEMA: Final = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}


class ModelDesk:
    """The use cases of a brand's model. It is asked with no transaction open."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, tenants: Tenants, provider: Provider
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._tenants = tenants
        self._provider = provider

    async def settings(self, uow: UnitOfWork) -> ModelSettings:
        """Return the chosen model and what was used of it."""
        kept = await queries.find_model(uow, self._keyring)
        since = await self._today(uow) - timedelta(days=_USAGE_DAYS - 1)
        return ModelSettings(
            model=None if kept is None else _view(kept), usage=await queries.list_usage(uow, since)
        )

    async def save(self, uow: UnitOfWork, command: SaveModel) -> ModelSettings:
        """Choose a model. Without a key in the command the present one stays, unless the address changes.

        A key is never sent to another address than the one it was given for.
        """
        kept = await queries.find_model(uow, self._keyring)
        key = command.api_key
        if key is None:
            key = kept.api_key if kept is not None and kept.base_url == command.base_url else ""
        await queries.save_model(uow, self._keyring, command, api_key=key)
        return await self.settings(uow)

    async def remove(self, uow: UnitOfWork) -> None:
        """Draft by rules alone from now on."""
        await queries.delete_model(uow)

    async def find(self, tenant_id: TenantId) -> KeptModel | None:
        """Return the brand's model."""
        async with self._uows.app(tenant_id) as uow:
            return await queries.find_model(uow, self._keyring)

    async def check(self, tenant_id: TenantId) -> ModelCheck:
        """Ask the model something small.

        Raises:
            NoModel: none is chosen.
        """
        model = await self.find(tenant_id)
        if model is None:
            raise NoModel("no model is chosen", message_zh="还没有设置模型")
        began = time.monotonic()
        try:
            await self.ask(tenant_id, model, _CHECK, _CHECK_SCHEMA, what="check")
        except ModelFailed as error:
            zh, en = REASONS[error.reason]
            return ModelCheck(ok=False, took_ms=_since(began), zh=zh, en=en)
        return ModelCheck(ok=True, took_ms=_since(began), zh="模型可用", en="The model answers")

    async def ask(
        self,
        tenant_id: TenantId,
        model: KeptModel,
        said: Sequence[Said],
        schema: Mapping[str, Any],
        *,
        what: str,
    ) -> Reply:
        """Ask the model once and count what it took, also when it failed.

        Raises:
            ModelFailed: nothing usable came back, or the day's tokens are used up.
        """
        async with self._uows.app(tenant_id) as uow:
            day = await self._today(uow)
            if 0 < model.daily_tokens_max <= await queries.tokens_of(uow, day):
                raise ModelFailed("daily_limit")
        try:
            reply = await self._provider.ask(model, said, schema)
        except ModelFailed:
            await self._count(tenant_id, model, day, what, None)
            raise
        await self._count(tenant_id, model, day, what, reply)
        return reply

    async def _count(
        self, tenant_id: TenantId, model: KeptModel, day: date, what: str, reply: Reply | None
    ) -> None:
        tokens_in, tokens_out = (reply.tokens_in, reply.tokens_out) if reply else (0, 0)
        row = UsageRow(
            day=day,
            what=what,
            calls=1,
            failures=0 if reply else 1,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=(tokens_in * model.price_in + tokens_out * model.price_out) / _MILLION,
        )
        async with self._uows.app(tenant_id) as uow:
            await queries.count_call(uow, row)

    async def _today(self, uow: UnitOfWork) -> date:
        brand = await self._tenants.get_brand(uow)
        return uow.clock.now().astimezone(ZoneInfo(brand.time_zone)).date()


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _view(kept: KeptModel) -> ModelView:
    return ModelView(
        base_url=kept.base_url,
        model=kept.model,
        has_key=bool(kept.api_key),
        timeout_s=kept.timeout_s,
        price_in=kept.price_in,
        price_out=kept.price_out,
        currency=kept.currency,
        daily_tokens_max=kept.daily_tokens_max,
        updated_at=kept.updated_at,
    )
