"""Refused deliveries, counted by account, so that a wrong token or key shows where it can be put right.

The door notes in memory; a loop writes sums. A flood of forged deliveries costs one row an hour.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import Account, AccountKind
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.health.contracts import RefusedDeliveries

_log = get_logger("channels.refusals")
_WRITE_EVERY_S: Final = 2.0
_KEPT: Final = timedelta(days=7)
_SHOWN: Final = timedelta(hours=24)

# What is most likely wrong, by the reason of the door.
_WORDS: Final = {
    "bad_signature": (
        "签名不匹配：微信公众平台“服务器配置”中的 Token 与这里的不一致，或有人伪造请求",
        "signatures do not match: the Token in the platform's console differs from ours, or somebody forges",
    ),
    "wrong_padding": (
        "解密失败：微信公众平台的 EncodingAESKey 与这里的不一致",
        "decrypting fails: the EncodingAESKey in the platform's console differs from ours",
    ),
    "malformed_ciphertext": (
        "解密失败：微信公众平台的 EncodingAESKey 与这里的不一致",
        "decrypting fails: the EncodingAESKey in the platform's console differs from ours",
    ),
    "wrong_app_id": (
        "推送属于另一个 AppID：该回调地址被填到了另一个账号",
        "deliveries are for another app id: another account uses this callback address",
    ),
    "not_encrypted": (
        "推送未加密：请在微信公众平台把消息加解密方式设为“安全模式”",
        "deliveries are not encrypted: set the message mode to 安全模式 in the platform's console",
    ),
    "not_committed": (
        "未能及时存储，平台会重新投递：请查看数据库状态",
        "could not be stored in time and will be delivered again: look at the database",
    ),
}
_CORP_WORDS: Final = {
    "bad_signature": (
        "签名不匹配：企业微信管理后台“API 接收”中的 Token 与这里的不一致，或有人伪造请求",
        "signatures do not match: the Token in the console of 企业微信 differs from ours, or somebody forges",
    ),
    "wrong_padding": (
        "解密失败：企业微信管理后台的 EncodingAESKey 与这里的不一致",
        "decrypting fails: the EncodingAESKey in the console of 企业微信 differs from ours",
    ),
    "malformed_ciphertext": (
        "解密失败：企业微信管理后台的 EncodingAESKey 与这里的不一致",
        "decrypting fails: the EncodingAESKey in the console of 企业微信 differs from ours",
    ),
    "wrong_app_id": (
        "推送属于另一个企业：该回调地址被填到了另一个企业微信",
        "deliveries are for another corp: another one uses this callback address",
    ),
    "not_encrypted": (
        "请求未加密，不是企业微信的推送",
        "requests are not encrypted: 企业微信 does not send such",
    ),
}
_OTHER: Final = ("推送格式不符合微信文档", "deliveries do not have the platform's form")


class RefusalNotes:
    """Counts in memory, written by ``run``."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._noted: dict[tuple[TenantId, AccountId, str], int] = {}

    def add(self, account: Account, reason: str) -> None:
        """Note one refused delivery to an account."""
        key = (account.tenant_id, account.account_id, reason)
        self._noted[key] = self._noted.get(key, 0) + 1

    async def run(self, stopping: asyncio.Event) -> None:
        """Write sums until ``stopping`` is set, and then what is left."""
        while not stopping.is_set():
            await wait(stopping, _WRITE_EVERY_S)
            try:
                await self.write()
            except Exception as error:
                _log.warning("channels.refusals_not_written", error=type(error).__name__)

    async def write(self) -> None:
        """Write what was noted; kept in memory when that fails."""
        noted, self._noted = self._noted, {}
        try:
            for (tenant_id, account_id, reason), count in sorted(noted.items()):
                async with self._uows.system(tenant_id) as uow:
                    await _write(uow, account_id, reason, count)
        except BaseException:
            for key, count in noted.items():
                self._noted[key] = self._noted.get(key, 0) + count
            raise


async def _write(uow: UnitOfWork, account_id: AccountId, reason: str, count: int) -> None:
    now = uow.clock.now()
    await uow.execute(
        "INSERT INTO callback_refusal AS r (tenant_id, account_id, hour, reason, count, last_at) "
        "VALUES (:tenant, :account, :hour, :reason, :count, :now) "
        "ON CONFLICT (tenant_id, account_id, hour, reason) DO UPDATE "
        "SET count = r.count + excluded.count, last_at = excluded.last_at",
        {
            "tenant": uow.tenant_id,
            "account": account_id,
            "hour": now.replace(minute=0, second=0, microsecond=0),
            "reason": reason,
            "count": count,
            "now": now,
        },
    )
    await uow.execute(
        "DELETE FROM callback_refusal WHERE tenant_id = :tenant AND account_id = :account AND hour < :old",
        {"tenant": uow.tenant_id, "account": account_id, "old": now - _KEPT},
    )


async def list_refusals(
    uow: UnitOfWork,
    account_id: AccountId,
    *,
    since: datetime | None = None,
    kind: AccountKind = AccountKind.OFFICIAL_ACCOUNT,
) -> tuple[RefusedDeliveries, ...]:
    """Return what was refused since then (24 hours), the latest first."""
    rows = await uow.execute(
        "SELECT reason, sum(count) AS count, max(last_at) AS last_at FROM callback_refusal "
        "WHERE tenant_id = :tenant AND account_id = :account AND last_at >= :since "
        "GROUP BY reason ORDER BY max(last_at) DESC",
        {
            "tenant": uow.tenant_id,
            "account": account_id,
            "since": since or uow.clock.now() - _SHOWN,
        },
    )
    words = {**_WORDS, **_CORP_WORDS} if kind is AccountKind.WECOM else _WORDS
    found = []
    for row in rows:
        zh, en = words.get(row.reason, _OTHER)
        found.append(
            RefusedDeliveries(
                reason=row.reason, count=row.count, last_at=row.last_at, detail_zh=zh, detail_en=en
            )
        )
    return tuple(found)
