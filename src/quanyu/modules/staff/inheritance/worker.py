"""Carrying customers over: intents first, then the call; what is not known is asked, never assumed.

An item becomes ``submitted`` in a commit of its own before the platform is called. If the process dies in
between, or no answer comes, the claim runs out and the platform is asked how the customer stands.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.inheritance import facts, rules
from quanyu.modules.staff.inheritance.contracts import ItemState, Kind
from quanyu.modules.staff.inheritance.group_worker import GroupWorker
from quanyu.modules.staff.inheritance.queries.items import Item, ItemQueries, Settling, Work
from quanyu.modules.staff.inheritance.queries.plans import PlanQueries
from quanyu.modules.staff.inheritance.reasons import Reason
from quanyu.modules.staff.inheritance.rules import Found, Step, Verdict
from quanyu.wechat.errors import OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import inheritance as calls
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("staff.inheritance")
_ENDED: Final = Counter(
    "quanyu_inheritance_customers_total", "Customers passed on, by how it ended", ["state"]
)
_WORK_MAX: Final = 20
CLAIM: Final = timedelta(minutes=2)
_POLLED_MAX: Final = 5_000
_PAGES_MAX: Final = 200
_ATTEMPTS_MAX: Final = 20

Decide = Callable[[Item, Found | None, datetime], Verdict]


class InheritanceWorker:
    """Submits planned transfers, settles doubtful ones and asks how the waiting ones ended."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: CorpClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._groups = GroupWorker(uows, clients)

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.inheritance_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do what is due; return how many items were touched."""
        touched = 0
        for state, act in (
            (ItemState.SUBMITTED, self._look),
            (ItemState.PLANNED, self._submit),
            (ItemState.WAITING, self._poll),
        ):
            async with self._uows.system(tenant_id) as uow:
                due = await ItemQueries(uow).due(state, limit=_WORK_MAX)
            for work in due:
                touched += await act(tenant_id, work)
        touched += await self._groups.run_once(tenant_id)
        if touched:
            await self._finish(tenant_id)
        return touched

    async def _finish(self, tenant_id: TenantId) -> None:
        async with self._uows.system(tenant_id) as uow:
            for plan in await PlanQueries(uow).finish():
                uow.publish(facts.ended(plan, at=uow.clock.now()))

    async def _submit(self, tenant_id: TenantId, work: Work) -> int:
        """Start up to 100 transfers with one call."""
        items = await self._claim(
            tenant_id, work, ItemState.PLANNED, ItemState.SUBMITTED, calls.CUSTOMERS_MAX
        )
        client = await self._client(tenant_id, work, items)
        if client is None:
            return len(items)
        names = {self._open(item): item for item in items}
        try:
            answer = await self._start(client, work, tuple(names))
        except WechatError as error:
            await self._not_started(tenant_id, work, items, error)
            return len(items)
        codes = {one.external_userid: one.errcode for one in answer.customer}
        verdicts = {
            # One that the answer leaves out is looked after: it may have started.
            item: _started(item, codes[name], work) if name in codes else Verdict(Step.LOOK)
            for name, item in names.items()
        }
        known = {item: codes.get(name, 0) for name, item in names.items()}
        await self._settle(tenant_id, work, verdicts, known)
        return len(items)

    async def _start(self, client: WeComClient, work: Work, names: tuple[str, ...]) -> calls.TransferAnswer:
        if work.kind is Kind.RESIGNED:
            resigned = calls.ResignedTransferRequest(
                handover_userid=work.handover, takeover_userid=work.taker, external_userid=names
            )
            return await client.call(calls.RESIGNED_TRANSFER, resigned)
        request = calls.TransferRequest(
            handover_userid=work.handover,
            takeover_userid=work.taker,
            external_userid=names,
            transfer_success_msg=work.message,
        )
        return await client.call(calls.TRANSFER, request)

    async def _not_started(
        self, tenant_id: TenantId, work: Work, items: Sequence[Item], error: WechatError
    ) -> None:
        if isinstance(error, OutcomeUnknown):
            await self._settle(tenant_id, work, dict.fromkeys(items, Verdict(Step.LOOK)), {}, error)
            return
        if isinstance(error, PlatformRefusal) and error.action not in (
            Action.RETRY,
            Action.BACK_OFF,
            Action.QUOTA,
        ):
            verdicts = {item: _started(item, error.errcode, work) for item in items}
            await self._settle(tenant_id, work, verdicts, dict.fromkeys(items, error.errcode))
            return
        await self._settle(tenant_id, work, dict.fromkeys(items, Verdict(Step.AGAIN, error.code)), {}, error)

    async def _look(self, tenant_id: TenantId, work: Work) -> int:
        """Ask how customers stand whose transfer may or may not have started."""
        items = await self._claim(tenant_id, work, ItemState.SUBMITTED, ItemState.SUBMITTED, _POLLED_MAX)
        async with self._uows.system(tenant_id) as uow:
            before = await ItemQueries(uow).ended_before(work, [item.token for item in items])

        def decide(item: Item, found: Found | None, now: datetime) -> Verdict:
            return rules.after_look(
                found,
                intended_at=item.intended_at or now,
                code=item.code,
                ended_before=item.token in before,
            )

        return await self._ask(tenant_id, work, items, decide)

    async def _poll(self, tenant_id: TenantId, work: Work) -> int:
        """Ask how transfers ended whose 24 hours have passed, or of which something was heard."""
        items = await self._claim(tenant_id, work, ItemState.WAITING, ItemState.WAITING, _POLLED_MAX)

        def decide(item: Item, found: Found | None, now: datetime) -> Verdict:
            return rules.after_poll(
                found, submitted_at=item.submitted_at or now, now=now, has_next=_has_next(item, work)
            )

        return await self._ask(tenant_id, work, items, decide)

    async def _ask(self, tenant_id: TenantId, work: Work, items: Sequence[Item], decide: Decide) -> int:
        client = await self._client(tenant_id, work, items)
        if client is None:
            return len(items)
        try:
            found = await _results(client, work)
        except WechatError as error:
            # The claim runs out and the platform is asked again; it has been told nothing new.
            _log.warning("staff.inheritance_result_unknown", plan=work.plan, error=error.code)
            await self._note(tenant_id, work, error)
            return len(items)
        now = self._uows.clock.now()
        verdicts = {item: decide(item, found.get(self._open(item)), now) for item in items}
        await self._settle(tenant_id, work, verdicts, {item: item.code for item in items})
        return len(items)

    async def _client(self, tenant_id: TenantId, work: Work, items: Sequence[Item]) -> WeComClient | None:
        if not items:
            return None
        try:
            return await self._clients.get(tenant_id, work.corp_id)
        except NotFound:
            await self._settle(tenant_id, work, dict.fromkeys(items, Verdict(Step.FAIL, Reason.NO_CORP)), {})
            return None

    async def _claim(
        self, tenant_id: TenantId, work: Work, state: ItemState, to: ItemState, limit: int
    ) -> tuple[Item, ...]:
        async with self._uows.system(tenant_id) as uow:
            until = uow.clock.now() + business_span(uow.clock, CLAIM)
            return await ItemQueries(uow).claim(work, state=state, to=to, until=until, limit=limit)

    async def _settle(
        self,
        tenant_id: TenantId,
        work: Work,
        verdicts: Mapping[Item, Verdict],
        codes: Mapping[Item, int],
        error: WechatError | None = None,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            settlings = {
                item: _settling(item, verdict, work, codes.get(item, 0), now, error)
                for item, verdict in verdicts.items()
            }
            queries, plans = ItemQueries(uow), PlanQueries(uow)
            fresh = await queries.settle(work.plan, list(settlings.values()))
            await plans.note_trouble(work.plan, "" if error is None else error.code)
            corp = (await Corps().ids_by_corp_id(uow)).items()
            app_id = next((app_id for app_id, corp_id in corp if corp_id == work.corp_id), "")
            for item, settling in settlings.items():
                if item.token in fresh and settling.state not in (ItemState.PLANNED, ItemState.SUBMITTED):
                    _ENDED.labels(settling.state).inc()
                    about = facts.Passing(work, app_id, self._open(item), item.token)
                    uow.publish(facts.passing(about, settling.state, settling.reason, at=now))

    async def _note(self, tenant_id: TenantId, work: Work, error: WechatError) -> None:
        async with self._uows.system(tenant_id) as uow:
            await PlanQueries(uow).note_trouble(work.plan, error.code)

    def _open(self, item: Item) -> str:
        return self._keyring.open(item.external_sealed).decode()


def _has_next(item: Item, work: Work) -> bool:
    return rules.next_taker(work.takers, (*item.tried, item.taker)) is not None


def _started(item: Item, code: int, work: Work) -> Verdict:
    return rules.after_start(code, has_next=_has_next(item, work))


async def _results(client: WeComClient, work: Work) -> dict[str, Found]:
    """Return what the platform says of every customer between the two members."""
    call = calls.RESIGNED_RESULT if work.kind is Kind.RESIGNED else calls.RESULT
    found: dict[str, Found] = {}
    cursor = ""
    for _ in range(_PAGES_MAX):
        request = calls.ResultRequest(
            handover_userid=work.handover, takeover_userid=work.taker, cursor=cursor
        )
        page = await client.call(call, request)
        for one in page.customer:
            at = datetime.fromtimestamp(one.takeover_time, UTC) if one.takeover_time else None
            found[one.external_userid] = Found(one.status, at)
        if not (cursor := page.next_cursor):
            break
    return found


def _settling(
    item: Item, verdict: Verdict, work: Work, code: int, now: datetime, error: WechatError | None
) -> Settling:
    """Write a verdict as the row it leads to."""
    due_at = now if error is None else retry_at(error, now, attempts=item.attempts)
    settling = Settling(
        token=item.token, state=item.state, due_at=due_at, taker=item.taker, reason=verdict.reason
    )
    match verdict.step:
        case Step.WAIT:
            submitted_at = item.submitted_at or item.intended_at or now
            due = rules.poll_at(submitted_at, now, item.polls)
            return replace(settling, state=ItemState.WAITING, due_at=due)
        case Step.LOOK:
            return replace(settling, state=ItemState.SUBMITTED, code=code)
        case Step.AGAIN if item.attempts >= _ATTEMPTS_MAX and not _is_pace(error):
            return replace(settling, state=ItemState.FAILED, reason=Reason.NO_ANSWER)
        case Step.AGAIN:
            return replace(settling, state=ItemState.PLANNED)
        case Step.NEXT_TAKER:
            taker = rules.next_taker(work.takers, (*item.tried, item.taker))
            assert taker is not None, "a next one was promised"
            return replace(settling, state=ItemState.PLANNED, taker=taker)
        case _:
            return replace(settling, state=rules.ended_state(verdict.step), code=code)


def _is_pace(error: WechatError | None) -> bool:
    return error is not None and is_about_pace(error)
