"""Making the platform's codes say what they should (CW-4, CW-9).

Making one cannot be repeated and counts for good. So the intent is written first, and what an unanswered
call made is looked for among the codes the platform lists, by the state they carry, before asking again.
"""

import asyncio
from datetime import timedelta
from typing import Any, Final

from prometheus_client import Counter

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import IDLE_S
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.staff.codes.finding import find_made
from quanyu.modules.staff.codes.ports import CallsOfCorps
from quanyu.modules.staff.codes.queries import LiveCodeQueries
from quanyu.modules.staff.codes.states import LiveCodeId
from quanyu.modules.staff.codes.way_queries import PACE, Phase, Wanted, Way, WayQueries
from quanyu.wechat.errors import NotSent, OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.wecom import contact_ways as calls
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("staff.codes")
_PUSHES: Final = Counter(
    "quanyu_live_code_calls_total", "Calls for live codes, by what they did and outcome", ["call", "outcome"]
)
CHECK_EVERY: Final = timedelta(hours=6)  # How long a code may have drifted unnoticed (reconciliation).
LATE_ANSWER: Final = timedelta(seconds=30)  # Real time after which a call that did not answer has ended.
_CLAIM: Final = timedelta(minutes=1)
_AT_ONCE: Final = 8
_GONE: Final = 41044  # No such config.


class WayWorker:
    """Makes, changes, checks and removes codes of the platform as rows say."""

    def __init__(self, uows: UnitOfWorkFactory, clients: CallsOfCorps) -> None:
        self._uows = uows
        self._clients = clients
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for work at once."""
        self._woken.set()

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        while not stopping.is_set():
            self._woken.clear()
            try:
                done = await self.run_once(tenant_id)
            except Exception as error:
                _log.error("staff.codes.ways_failed", exc_info=error)
                done = 0
            if not done:
                await self._rest(stopping)

    async def run_once(self, tenant_id: TenantId, code_id: LiveCodeId | None = None) -> int:
        """Work on the ways that are due (``code_id``: this code's); return how many there were."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            ways = await WayQueries(uow).claim(now=now, until=until, limit=_AT_ONCE, code_id=code_id)
        await asyncio.gather(*(self._work(tenant_id, way) for way in ways))
        return len(ways)

    async def _rest(self, stopping: asyncio.Event) -> None:
        tasks = [asyncio.ensure_future(event.wait()) for event in (stopping, self._woken)]
        await asyncio.wait(tasks, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, tenant_id: TenantId, way: Way) -> None:
        try:
            client = await self._clients.get(tenant_id, way.corp_id)
            await self._step(tenant_id, client, way)
        except (WechatError, NotFound) as error:
            await self._not_done(tenant_id, way, error)

    async def _step(self, tenant_id: TenantId, client: WeComClient, way: Way) -> None:
        match way.phase:
            case Phase.PLANNED:
                await self._make(tenant_id, client, way)
            case Phase.ASKED:
                await self._look_and_make(tenant_id, client, way)
            case Phase.LIVE if way.wanted_hash != way.actual_hash:
                await self._change(tenant_id, client, way)
            case Phase.LIVE:
                await self._check(tenant_id, client, way)
            case Phase.REMOVING:
                await self._remove(tenant_id, client, way)
            case Phase.REMOVED:
                pass

    async def _make(self, tenant_id: TenantId, client: WeComClient, way: Way) -> None:
        async with self._uows.system(tenant_id) as uow:
            asked = await WayQueries(uow).about_to_ask(way)
        if asked is None:
            return
        said = Wanted(users=asked.wanted_users, skip_verify=asked.wanted_skip_verify)
        request = calls.AddRequest(
            type=calls.SEVERAL,
            scene=calls.QR_CODE,
            skip_verify=said.skip_verify,
            state=asked.state,
            user=said.users,
            is_exclusive=asked.is_exclusive,
        )
        made = await client.call(calls.ADD, request)
        await self._keep_made(tenant_id, way, made.config_id, made.qr_code, said, how="made")

    async def _look_and_make(self, tenant_id: TenantId, client: WeComClient, way: Way) -> None:
        """Look for what an unanswered call made; only if there is nothing, ask again."""
        now = self._uows.clock.now()
        asked_at = way.asked_at or now
        settled_at = asked_at + business_span(self._uows.clock, LATE_ANSWER)
        found = await find_made(self._uows, tenant_id, client, way)
        if found:
            first, *doubles = found
            said = Wanted(users=first.user, skip_verify=first.skip_verify)
            await self._keep_made(tenant_id, way, first.config_id, first.qr_code, said, how="found")
            for double in doubles:
                await client.call(calls.DELETE, calls.ConfigId(config_id=double.config_id))
        elif now < settled_at:
            async with self._uows.system(tenant_id) as uow:
                await WayQueries(uow).not_done(way, phase=None, reason="no_answer", again_at=settled_at)
        else:
            await self._make(tenant_id, client, way)

    async def _keep_made(
        self, tenant_id: TenantId, way: Way, config_id: str, qr_code: str, said: Wanted, *, how: str
    ) -> None:
        _PUSHES.labels("add", how).inc()
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).made(
                way, config_id=config_id, qr_code=qr_code, said=said, check_at=self._check_at(uow)
            )
            details = {"config_id": config_id, "how": how, "userid": way.userid, "users": said.users}
            await LiveCodeQueries(uow).note(way.code_id, "picture_made", details)

    async def _change(self, tenant_id: TenantId, client: WeComClient, way: Way) -> None:
        said = Wanted(users=way.wanted_users, skip_verify=way.wanted_skip_verify)
        assert way.config_id is not None
        request = calls.UpdateRequest(
            config_id=way.config_id, skip_verify=said.skip_verify, state=way.state, user=said.users
        )
        await client.call(calls.UPDATE, request)
        _PUSHES.labels("update", "done").inc()
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).pushed(way, said, check_at=self._check_at(uow))
            if way.reason:
                await LiveCodeQueries(uow).note(way.code_id, "push_recovered", {"after": way.reason})

    async def _check(self, tenant_id: TenantId, client: WeComClient, way: Way) -> None:
        """Compare what the platform says with what it was told; a difference is due at once."""
        assert way.config_id is not None
        answer = await client.call(calls.GET, calls.ConfigId(config_id=way.config_id))
        there = answer.contact_way
        found = Wanted(users=there.user, skip_verify=there.skip_verify)
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).checked(way, found, check_at=self._check_at(uow))
            same = set(found.users) == set(way.actual_users) and found.skip_verify == way.actual_skip_verify
            if not same:
                _PUSHES.labels("get", "drift").inc()
                details = {"expected": way.actual_users, "found": found.users}
                await LiveCodeQueries(uow).note(way.code_id, "drift_found", details)

    async def _remove(self, tenant_id: TenantId, client: WeComClient, way: Way) -> None:
        configs = [way.config_id] if way.config_id else []
        if not configs and way.asked_at is not None:
            configs = [there.config_id for there in await find_made(self._uows, tenant_id, client, way)]
        for config_id in configs:
            await self._delete(client, config_id)
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).removed(way)
            details = {"config_id": configs[0] if configs else "", "userid": way.userid}
            await LiveCodeQueries(uow).note(way.code_id, "picture_withdrawn", details)

    async def _delete(self, client: WeComClient, config_id: str) -> None:
        try:
            await client.call(calls.DELETE, calls.ConfigId(config_id=config_id))
            _PUSHES.labels("delete", "done").inc()
        except PlatformRefusal as error:
            if error.errcode != _GONE:
                raise

    async def _not_done(self, tenant_id: TenantId, way: Way, error: WechatError | NotFound) -> None:
        is_live = way.phase is Phase.LIVE
        if is_live and isinstance(error, PlatformRefusal) and error.errcode == _GONE:
            await self._lost(tenant_id, way)
            return
        _log.warning("staff.codes.way_not_done", way_id=way.way_id, phase=way.phase, error=str(error))
        _PUSHES.labels(way.phase.value, "failed").inc()
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).not_done(
                way,
                phase=_phase_after(way, error),
                reason=_reason(error),
                again_at=_again_at(uow, way, error),
                forget_actual=is_live and isinstance(error, OutcomeUnknown),
            )
            if way.attempts == 1 and isinstance(error, PlatformRefusal) and not is_about_pace(error):
                details = {"reason": _reason(error), "users": way.wanted_users}
                await LiveCodeQueries(uow).note(way.code_id, "push_refused", details)

    async def _lost(self, tenant_id: TenantId, way: Way) -> None:
        """The config is gone at the platform: nothing can bring it back, so another one is made."""
        async with self._uows.system(tenant_id) as uow:
            ways = WayQueries(uow)
            await ways.removed(way)
            await LiveCodeQueries(uow).note(way.code_id, "picture_lost", {"config_id": way.config_id})
            if not way.userid:
                await LiveCodeQueries(uow).hasten([way.code_id])

    def _check_at(self, uow: UnitOfWork) -> Any:
        return uow.clock.now() + CHECK_EVERY


def _phase_after(way: Way, error: WechatError | NotFound) -> Phase | None:
    """What a way that was being made is now: asked only if the platform may have made it."""
    if way.phase is Phase.ASKED and not isinstance(error, PlatformRefusal):
        return None  # Looking did not work out; what an earlier call did is still not known.
    return Phase.ASKED if isinstance(error, OutcomeUnknown) else Phase.PLANNED


def _reason(error: WechatError | NotFound) -> str:
    if isinstance(error, WechatError) and is_about_pace(error):
        return PACE
    return str(error.errcode) if isinstance(error, PlatformRefusal) else error.code


def _again_at(uow: UnitOfWork, way: Way, error: WechatError | NotFound) -> Any:
    now = uow.clock.now()
    if isinstance(error, NotFound):
        return now + timedelta(hours=1)
    if isinstance(error, OutcomeUnknown | NotSent) and way.attempts <= 1:
        return now + business_span(uow.clock, timedelta(seconds=2))
    return retry_at(error, now, attempts=way.attempts)
