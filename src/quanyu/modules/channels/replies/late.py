"""Sending what goes out after the answer, by customer-service message.

``handed`` is committed before the call, and the platform knows no key for these messages: what a crash or
a lost answer leaves open is ``unknown`` and never sent again, so nobody gets anything twice.

They are answers, so quiet hours do not bind them. Held sending does: what waits meanwhile goes out when it is
released within ten minutes, and else is ``expired``.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.accounts import AccountQueries
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.facts import late_reply
from quanyu.modules.channels.replies.queries import LateQueries, LateReply
from quanyu.modules.channels.replies.wire import later, read_content
from quanyu.wechat.errors import NotSent, PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action

_log = get_logger("channels.late_replies")
_SENT: Final = Counter("quanyu_late_replies_total", "Replies sent after the answer, by outcome", ["outcome"])

_DELIVERIES_MAX: Final = 50
_AT_ONCE_MAX: Final = 8
_IDLE_S: Final = 1.0
_RETRY_AFTER: Final = timedelta(seconds=5)
# A conversation that has moved on for that long is not interrupted with an old answer.
_OLD: Final = timedelta(minutes=10)
_LOST_AFTER: Final = timedelta(minutes=2)


IsHeld = Callable[[UnitOfWork], Awaitable[bool]]


async def _never(_: UnitOfWork) -> bool:
    return False


class LateReplySender:
    """Sends the parts of one delivery after each other, deliveries beside each other."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: AccountClients,
        *,
        is_held: IsHeld | None = None,
    ) -> None:
        """``is_held`` tells whether the brand's sending is held: who holds it lies above this module."""
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._is_held = is_held or _never
        self._arrived = asyncio.Event()
        self._slots = asyncio.Semaphore(_AT_ONCE_MAX)

    def wake(self) -> None:
        """Look now; something was committed."""
        self._arrived.set()

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        while not stopping.is_set():
            self._arrived.clear()
            try:
                done = await self.run_once(tenant_id)
            except Exception as error:
                _log.error("channels.late_replies_failed", exc_info=error)
                done = 0
            if not done:
                await self._rest(stopping)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Send what is due; return how many parts were taken."""
        async with self._uows.system(tenant_id) as uow:
            queries = LateQueries(uow)
            lost = await queries.give_up(before=uow.clock.now() - business_span(uow.clock, _LOST_AFTER))
            claimed = await queries.claim(now=uow.clock.now(), deliveries_max=_DELIVERIES_MAX)
            held = await self._is_held(uow)
        _SENT.labels("unknown").inc(lost)
        deliveries = [
            list(parts) for _, parts in groupby(claimed, key=lambda part: (part.account_id, part.delivery))
        ]
        await asyncio.gather(*(self._deliver(tenant_id, parts, held=held) for parts in deliveries))
        return len(claimed)

    async def _deliver(self, tenant_id: TenantId, parts: Sequence[LateReply], *, held: bool) -> None:
        async with self._slots:
            if held and not self._is_old(parts[0]):
                await self._postpone(tenant_id, parts, "held")
                return
            for number, part in enumerate(parts):
                if not await self._send(tenant_id, part, following=parts[number + 1 :]):
                    return

    async def _send(self, tenant_id: TenantId, part: LateReply, *, following: Sequence[LateReply]) -> bool:
        """Send one part and write what became of it; return whether the next one may follow."""
        openid = self._keyring.open(part.openid_sealed).decode() if part.openid_sealed else ""
        if self._is_old(part):
            return await self._fail(tenant_id, [part, *following], "expired", "too_late", openid)
        if not openid:
            return await self._postpone(tenant_id, [part, *following], "openid_unknown")
        try:
            client = await self._clients.client(tenant_id, part.account_id)
            await client.send_custom(later(read_content(part.content), openid))
        except NotSent:
            return await self._postpone(tenant_id, [part, *following], "not_sent")
        except PlatformRefusal as error:
            if error.action in (Action.RETRY, Action.BACK_OFF):
                return await self._postpone(tenant_id, [part, *following], str(error.errcode))
            # What follows may be of another kind, and be allowed.
            return await self._refused(tenant_id, part, str(error.errcode), openid)
        except NotFound:
            return await self._fail(tenant_id, [part, *following], "rejected", "no_account", openid)
        except WechatError:
            # It may have arrived: sending it again could say it twice.
            await self._fail(tenant_id, [part], "unknown", "no_answer", openid)
            return await self._postpone(tenant_id, following, "after_unknown")
        await self._state(tenant_id, [part], "sent", "", openid)
        return True

    def _is_old(self, part: LateReply) -> bool:
        return self._uows.clock.now() - part.created_at > _OLD

    async def _postpone(self, tenant_id: TenantId, parts: Sequence[LateReply], reason: str) -> bool:
        async with self._uows.system(tenant_id) as uow:
            due_at = uow.clock.now() + _RETRY_AFTER
            await LateQueries(uow).settle(parts, "waiting", reason=reason, due_at=due_at)
        return False

    async def _fail(
        self, tenant_id: TenantId, parts: Sequence[LateReply], state: str, reason: str, openid: str
    ) -> bool:
        await self._state(tenant_id, parts, state, reason, openid)
        return False

    async def _refused(self, tenant_id: TenantId, part: LateReply, reason: str, openid: str) -> bool:
        await self._state(tenant_id, [part], "rejected", reason, openid)
        return True

    async def _state(
        self, tenant_id: TenantId, parts: Sequence[LateReply], state: str, reason: str, openid: str
    ) -> None:
        _SENT.labels(state).inc(len(parts))
        async with self._uows.system(tenant_id) as uow:
            await LateQueries(uow).settle(parts, state, reason=reason)
            app_id = await self._app_id(uow, parts[0].account_id)
            for part in parts:
                key = f"{part.account_id}:{part.delivery.hex()}:{part.part}"
                about = {"answered_by": part.reference, "part": part.part, "outcome": state, "reason": reason}
                uow.publish(late_reply(key, app_id, openid, about, at=uow.clock.now()))

    async def _app_id(self, uow: UnitOfWork, account_id: AccountId) -> str:
        account = await AccountQueries(uow, self._keyring).find(account_id)
        return "" if account is None else account.app_id

    async def _rest(self, stopping: asyncio.Event) -> None:
        tasks = [asyncio.ensure_future(stopping.wait()), asyncio.ensure_future(self._arrived.wait())]
        _, waiting = await asyncio.wait(tasks, timeout=_IDLE_S, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
