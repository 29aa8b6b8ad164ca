"""The door for notifications of 微信支付: verified, committed, then answered; anything else is answered FAIL.

The platform delivers again after every answer but success, so what is not committed is never confirmed.
"""

import asyncio
import json
from typing import Any, Final

from prometheus_client import Counter

from quanyu.infra.asgi import BodyRefused, answer, read_body
from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.payments.clients import PayClients
from quanyu.modules.payments.merchants import KeptMerchant, MerchantQueries
from quanyu.modules.payments.notices import Notices
from quanyu.wechat.errors import WechatError
from quanyu.wechat.pay.errors import NoticeRefusal, NoticeRefused
from quanyu.wechat.pay.notifications import BODY_BYTES_MAX, open_notification

_log = get_logger("payments.door")
PATH: Final = "/callbacks/pay"
# The platform waits for five seconds; what is not committed by then must not be answered as if it were.
COMMIT_TIMEOUT_S: Final = 4.0
_TAKEN: Final = Counter("quanyu_pay_notices_total", "Notifications of 微信支付 by outcome", ["outcome"])
_REFUSED: Final = Counter(
    "quanyu_pay_notices_refused_total", "Notifications of 微信支付 not taken, by reason", ["reason"]
)
_SUCCESS: Final = b'{"code":"SUCCESS","message":"\xe6\x88\x90\xe5\x8a\x9f"}'
_STATUS: Final = {NoticeRefusal.MALFORMED: 400}


class _Refused(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class PayNoticeDoor:
    """Serves ``POST /callbacks/pay/{notify_key}``, a bare ASGI application."""

    def __init__(
        self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: PayClients, notices: Notices
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._notices = notices

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one delivery."""
        try:
            outcome = await self._take(scope, receive)
        except _Refused as error:
            _REFUSED.labels(error.reason).inc()
            body = json.dumps({"code": "FAIL", "message": str(error)}, ensure_ascii=False).encode()
            await answer(send, error.status, body, "application/json")
            return
        _TAKEN.labels(outcome).inc()
        await answer(send, 200, _SUCCESS, "application/json")

    async def _take(self, scope: Any, receive: Any) -> str:
        if scope["method"] != "POST":
            raise _Refused(405, "method_not_allowed", "POST")
        try:
            body = await read_body(receive, scope["headers"], BODY_BYTES_MAX)
        except BodyRefused as error:
            raise _Refused(error.status, error.reason, str(error)) from error
        merchant = await self._find(scope["path"].rpartition("/")[2])
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            return await self._commit(merchant, headers, body)
        except NoticeRefused as error:
            status = _STATUS.get(error.reason, 401)
            raise _Refused(status, error.reason.value, error.message) from error
        except WechatError as error:
            _log.warning("payments.notice_unverifiable", error=str(error))
            raise _Refused(500, "unverifiable", "cannot be verified now; deliver again") from error

    async def _commit(self, merchant: KeptMerchant, headers: dict[str, str], body: bytes) -> str:
        client = self._clients.of(merchant)
        notice = await open_notification(
            headers,
            body,
            keys=client.keys,
            api_v3_key=merchant.keys.api_v3_key,
            clock=self._uows.clock,
        )
        try:
            async with asyncio.timeout(COMMIT_TIMEOUT_S), self._uows.system(merchant.tenant_id) as uow:
                return await self._notices.take(uow, merchant, notice)
        except WechatError:
            raise
        except Exception as error:
            _log.error("payments.notice_not_committed", exc_info=error)
            raise _Refused(500, "not_committed", "not stored; deliver again") from error

    async def _find(self, notify_key: str) -> KeptMerchant:
        merchant = None
        if 1 <= len(notify_key) <= 64:
            # The brand is known only by the merchant, so the look-up comes before any.
            async with self._uows.system(TenantId(0)) as uow:
                merchant = await MerchantQueries(uow, self._keyring).find_anywhere(notify_key)
        if merchant is None:
            raise _Refused(404, "unknown_merchant", "no merchant has this address")
        return merchant
