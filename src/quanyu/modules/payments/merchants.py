"""Connected merchants: secrets sealed in the table, open only where they are used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments.contracts import MerchantId
from quanyu.wechat.pay.certificates import PlatformCertificate
from quanyu.wechat.pay.client import MerchantKeys

MERCHANTS_MAX: Final = 200  # Of one brand.
_CONTEXT: Final = b"payments.secret"
_SELECT: Final = "SELECT * FROM pay_merchant"
_SAVE: Final = """
INSERT INTO pay_merchant AS m (tenant_id, id, mch_id, name, base_url, notify_key, serial_no, public_key_id,
    public_key, private_key_sealed, api_v3_key_sealed, created_at, updated_at)
VALUES (:tenant, :id, :mch_id, :name, :base_url, :notify_key, :serial_no, :public_key_id, :public_key,
    :private_key, :api_v3_key, :now, :now)
ON CONFLICT (tenant_id, mch_id) DO UPDATE SET
    name = excluded.name, base_url = excluded.base_url, serial_no = excluded.serial_no,
    public_key_id = excluded.public_key_id, public_key = excluded.public_key,
    private_key_sealed = excluded.private_key_sealed, api_v3_key_sealed = excluded.api_v3_key_sealed,
    updated_at = excluded.updated_at
RETURNING m.*
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMerchant:
    """A merchant with its secrets."""

    tenant_id: TenantId
    merchant_id: MerchantId
    name: str
    notify_key: str
    keys: MerchantKeys = field(repr=False)
    last_notice_at: datetime | None
    created_at: datetime
    updated_at: datetime


class MerchantQueries:
    """Every statement on ``pay_merchant``."""

    def __init__(self, uow: UnitOfWork, keyring: KeyRing) -> None:
        self._uow = uow
        self._keyring = keyring

    async def find(self, merchant_id: MerchantId) -> KeptMerchant | None:
        return await self._find("tenant_id = :tenant AND id = :id", {"id": merchant_id})

    async def find_by_mch_id(self, mch_id: str) -> KeptMerchant | None:
        return await self._find("tenant_id = :tenant AND mch_id = :mch_id", {"mch_id": mch_id})

    async def find_anywhere(self, notify_key: str) -> KeptMerchant | None:
        """Return the merchant with this address, of whatever brand: only for the platform role."""
        return await self._find("notify_key = :key", {"key": notify_key})

    async def list_all(self) -> tuple[KeptMerchant, ...]:
        rows = await self._uow.execute(
            "SELECT * FROM pay_merchant WHERE tenant_id = :tenant ORDER BY id LIMIT :limit",
            {"tenant": self._uow.tenant_id, "limit": MERCHANTS_MAX},
        )
        return tuple(self._open(row) for row in rows)

    async def save(self, merchant: KeptMerchant) -> KeptMerchant:
        """Insert, or replace all but id and address of the merchant with this number."""
        keys = merchant.keys
        rows = await self._uow.execute(
            _SAVE,
            {
                "tenant": merchant.tenant_id,
                "id": merchant.merchant_id,
                "mch_id": keys.mch_id,
                "name": merchant.name,
                "base_url": keys.base_url,
                "notify_key": merchant.notify_key,
                "serial_no": keys.serial_no,
                "public_key_id": keys.public_key_id,
                "public_key": keys.public_key,
                "private_key": self._keyring.seal(keys.private_key.encode(), context=_CONTEXT),
                "api_v3_key": self._keyring.seal(keys.api_v3_key.encode(), context=_CONTEXT),
                "now": merchant.updated_at,
            },
        )
        return self._open(rows.one())

    async def heard(self, merchant_id: MerchantId, at: datetime) -> None:
        """Note that the platform called; to the minute, so that it is not written all the time."""
        await self._uow.execute(
            "UPDATE pay_merchant SET last_notice_at = :at WHERE tenant_id = :tenant AND id = :id "
            "AND (last_notice_at IS NULL OR last_notice_at < CAST(:at AS timestamptz) - interval '1 minute')",
            {"tenant": self._uow.tenant_id, "id": merchant_id, "at": at},
        )

    async def _find(self, condition: str, params: dict[str, Any]) -> KeptMerchant | None:
        rows = await self._uow.execute(
            f"{_SELECT} WHERE {condition}", {"tenant": self._uow.tenant_id, **params}
        )
        row = rows.first()
        return None if row is None else self._open(row)

    def _text(self, sealed: bytes) -> str:
        return self._keyring.open(bytes(sealed), context=_CONTEXT).decode()

    def _open(self, row: Any) -> KeptMerchant:
        return KeptMerchant(
            tenant_id=TenantId(row.tenant_id),
            merchant_id=MerchantId(row.id),
            name=row.name,
            notify_key=row.notify_key,
            keys=MerchantKeys(
                mch_id=row.mch_id,
                serial_no=row.serial_no,
                private_key=self._text(row.private_key_sealed),
                api_v3_key=self._text(row.api_v3_key_sealed),
                public_key_id=row.public_key_id,
                public_key=row.public_key,
                base_url=row.base_url,
            ),
            last_notice_at=row.last_notice_at,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class PostgresCertificateStore:
    """The platform's certificates of one merchant, for all processes."""

    def __init__(self, uows: UnitOfWorkFactory, tenant_id: TenantId, merchant_id: MerchantId) -> None:
        self._uows = uows
        self._tenant_id = tenant_id
        self._merchant_id = merchant_id

    async def load(self) -> Sequence[PlatformCertificate]:
        """Return the stored certificates."""
        async with self._uows.system(self._tenant_id) as uow:
            rows = await uow.execute(
                "SELECT serial, pem, effective_at, expires_at FROM pay_certificate "
                "WHERE tenant_id = :tenant AND merchant_id = :merchant ORDER BY effective_at DESC LIMIT 50",
                {"tenant": uow.tenant_id, "merchant": self._merchant_id},
            )
            return tuple(
                PlatformCertificate(row.serial, row.pem, row.effective_at, row.expires_at) for row in rows
            )

    async def save(self, certificates: Sequence[PlatformCertificate]) -> None:
        """Add certificates; those that are stored already stay."""
        async with self._uows.system(self._tenant_id) as uow:
            for one in sorted(certificates, key=lambda one: one.serial):
                await uow.execute(
                    "INSERT INTO pay_certificate (tenant_id, merchant_id, serial, pem, effective_at, "
                    "expires_at) VALUES (:tenant, :merchant, :serial, :pem, :effective_at, :expires_at) "
                    "ON CONFLICT DO NOTHING",
                    {
                        "tenant": uow.tenant_id,
                        "merchant": self._merchant_id,
                        "serial": one.serial,
                        "pem": one.pem,
                        "effective_at": one.effective_at,
                        "expires_at": one.expires_at,
                    },
                )
