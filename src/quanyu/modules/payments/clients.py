"""The clients of connected merchants, made once and kept while their keys stay."""

import time
from dataclasses import dataclass
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments.contracts import MerchantId
from quanyu.modules.payments.errors import UnknownMerchant
from quanyu.modules.payments.merchants import KeptMerchant, MerchantQueries, PostgresCertificateStore
from quanyu.wechat.pay.client import PayClient
from quanyu.wechat.transport import Transport

_LOOK_AGAIN_S: Final = 30.0  # Another process may have replaced the keys.


@dataclass(slots=True)
class _Kept:
    client: PayClient
    merchant: KeptMerchant
    looked_at_s: float


class PayClients:
    """Gives the client of a merchant."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, transport: Transport) -> None:
        self._uows = uows
        self._keyring = keyring
        self._transport = transport
        self._kept: dict[tuple[TenantId, MerchantId], _Kept] = {}

    async def client(self, tenant_id: TenantId, merchant_id: MerchantId) -> tuple[PayClient, KeptMerchant]:
        """Return a merchant and its client.

        Raises:
            UnknownMerchant: the brand has no such merchant.
        """
        kept = self._kept.get((tenant_id, merchant_id))
        now_s = time.monotonic()
        if kept is not None and now_s - kept.looked_at_s < _LOOK_AGAIN_S:
            return kept.client, kept.merchant
        async with self._uows.system(tenant_id) as uow:
            merchant = await MerchantQueries(uow, self._keyring).find(merchant_id)
        if merchant is None:
            self.forget(tenant_id, merchant_id)
            raise UnknownMerchant(f"no connected merchant {merchant_id}", message_zh="没有这个商户号")
        return self.of(merchant), merchant

    def of(self, merchant: KeptMerchant) -> PayClient:
        """Return the client of a merchant that was just read."""
        place = (merchant.tenant_id, merchant.merchant_id)
        kept = self._kept.get(place)
        if kept is None or kept.merchant.keys != merchant.keys:
            kept = _Kept(self.make(merchant), merchant, 0.0)
            self._kept[place] = kept
        kept.merchant, kept.looked_at_s = merchant, time.monotonic()
        return kept.client

    def make(self, merchant: KeptMerchant) -> PayClient:
        """Return a client that nobody else uses, as checks need it."""
        store = PostgresCertificateStore(self._uows, merchant.tenant_id, merchant.merchant_id)
        return PayClient(self._transport, merchant.keys, store, self._uows.clock)

    def forget(self, tenant_id: TenantId, merchant_id: MerchantId) -> None:
        """Drop the kept client; after its keys changed."""
        self._kept.pop((tenant_id, merchant_id), None)
