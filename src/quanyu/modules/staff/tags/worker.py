"""Carrying tag changes to the platform, one customer after the other, and reading its list of tags.

Marking twice is marking once, so a call that was lost is simply made again. What the platform refuses for
one tag is found by halving, so that the others are not held up.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from prometheus_client import Counter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags import rules
from quanyu.modules.staff.tags.contracts import KeptMark
from quanyu.modules.staff.tags.marking import Changes, ask_again, state_facts
from quanyu.modules.staff.tags.queries.marks import MarkQueries, Turn
from quanyu.modules.staff.tags.rules import Mark, MarkState, Step
from quanyu.wechat.errors import NotSent, PlatformRefusal, TransportError, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import corp_tags as calls
from quanyu.wechat.wecom.client import WeComClient

_MARKED: Final = Counter("quanyu_corp_tag_changes_total", "Corp tag changes, by outcome", ["outcome"])
_TURNS_MAX: Final = 20
_CLAIM: Final = timedelta(minutes=2)
_ATTEMPTS_MAX: Final = 8
_BATCH: Final = 50
_BUSY: Final = 45035  # Another call about this customer is under way: of another app, or of a member.
_BUSY_WAIT: Final = timedelta(seconds=2)
# About the relation rather than one of its tags: no use in halving.
_NOT_ABOUT_TAGS: Final = frozenset({"84061", "40096", "60111", "48002", "60011", "40003"})
_NO_CUSTOMER: Final = "no_customer"
_After = Callable[[Mark], Step]


class _LaterError(Exception):
    """What is left of this customer's turn is tried again."""

    def __init__(self, error: WechatError | None = None) -> None:
        super().__init__(str(error))
        self.error = error

    def again_at(self, now: datetime, *, attempts: int) -> datetime:
        """Return when to try again: soon where somebody else was at it, or where an id is on its way."""
        refusal = self.error.errcode if isinstance(self.error, PlatformRefusal) else 0
        if self.error is None or refusal == _BUSY:
            doubled: timedelta = _BUSY_WAIT * 2 ** min(attempts - 1, 8)
            return now + doubled
        return retry_at(self.error, now, attempts=attempts)


class MarkWorker:
    """Makes the changes people, codes and conflicts ask for."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: CorpClients, corps: Corps) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._corps = corps

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.corp_tags_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Serve the customers whose turn it is; return how many there were."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            turns = await MarkQueries(uow).claim(now=now, until=until, limit=_TURNS_MAX)
        for turn in turns:
            await self._serve(tenant_id, turn)
        return len(turns)

    async def _serve(self, tenant_id: TenantId, turn: Turn) -> None:
        """Carry out one customer's changes, member by member; nobody else calls about them meanwhile."""
        async with self._uows.system(tenant_id) as uow:
            keys = await MarkQueries(uow).pending(turn)
            contact = (await ContactQueries(uow).find(turn.corp_id, [turn.token])).get(turn.token)
        external = contact and contact.sealed and self._keyring.open(contact.sealed).decode()
        due_at = None
        try:
            client = await self._clients.get(tenant_id, turn.corp_id)
            for key in keys:
                await self._serve_relation(tenant_id, client, key, external or "", turn.attempts)
        except _LaterError as later:
            due_at = later.again_at(self._uows.clock.now(), attempts=turn.attempts)
        except NotFound:
            await self._fail_all(tenant_id, keys, "no_account")
        async with self._uows.system(tenant_id) as uow:
            await MarkQueries(uow).finish(turn, due_at=due_at)

    async def _serve_relation(
        self, tenant_id: TenantId, client: WeComClient, key: RelationKey, external: str, attempts: int
    ) -> None:
        sending = await self._begin(tenant_id, key)
        if not sending:
            return
        if not external:
            # The door keeps the id beside the callback: whoever is faster than that waits.
            if attempts < _ATTEMPTS_MAX:
                later = partial(_postponed, is_lost=False, reason=_NO_CUSTOMER)
                await self._end(tenant_id, key, sending, later)
                raise _LaterError
            await self._end(tenant_id, key, sending, partial(rules.refuse, reason=_NO_CUSTOMER))
            return
        items = sorted(sending.items())
        batches = [dict(items[start : start + _BATCH]) for start in range(0, len(items), _BATCH)]
        while batches:
            batch = batches.pop(0)
            try:
                await client.call(calls.MARK, _request(key, external, batch))
            except WechatError as error:
                halves = await self._refused(tenant_id, key, batch, error, attempts, left=batches)
                batches = [*halves, *batches]
                continue
            _MARKED.labels("done").inc(len(batch))
            await self._end(tenant_id, key, batch, partial(rules.done, at=self._uows.clock.now()))

    async def _refused(
        self,
        tenant_id: TenantId,
        key: RelationKey,
        batch: Mapping[str, bool],
        error: WechatError,
        attempts: int,
        *,
        left: list[dict[str, bool]],
    ) -> list[dict[str, bool]]:
        """Decide what follows; return smaller batches to try now.

        Raises:
            _LaterError: not now; what is left waits.
        """
        is_final = isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP
        is_lost = isinstance(error, TransportError) and not isinstance(error, NotSent)
        if is_about_pace(error) or (not is_final and attempts < _ATTEMPTS_MAX):
            for other in left:
                await self._postpone(tenant_id, key, other, error, is_lost=False)
            await self._postpone(tenant_id, key, batch, error, is_lost=is_lost)
            raise _LaterError(error)
        reason = reason_of(error)
        if is_final and reason not in _NOT_ABOUT_TAGS and len(batch) > 1:
            items = list(batch.items())
            middle = len(items) // 2
            return [dict(items[:middle]), dict(items[middle:])]
        _MARKED.labels("refused").inc(len(batch))
        await self._end(tenant_id, key, batch, partial(rules.refuse, reason=reason, is_lost=is_lost))
        return []

    async def _begin(self, tenant_id: TenantId, key: RelationKey) -> dict[str, bool]:
        """Write down which changes a call is made for, before it is made; return them."""
        async with self._uows.system(tenant_id) as uow:
            queries = MarkQueries(uow)
            await queries.lock([key])
            marks = await queries.of_relations([key])
            sending = {tag: rules.send(mark) for (_, tag), mark in marks.items() if mark.is_pending}
            await queries.save([KeptMark(key=key, tag_id=tag, mark=mark) for tag, mark in sending.items()])
        return {tag: bool(mark.sent) for tag, mark in sending.items()}

    async def _end(
        self, tenant_id: TenantId, key: RelationKey, batch: Mapping[str, bool], after: _After
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            queries = MarkQueries(uow)
            await queries.lock([key])
            marks = await queries.of_relations([key])
            steps: Changes = {
                (key, tag): after(marks[key, tag])
                for tag in batch
                if (key, tag) in marks and marks[key, tag].state is MarkState.SENDING
            }
            await queries.save(
                [KeptMark(key=key, tag_id=tag, mark=step.mark) for (_, tag), step in steps.items()]
            )
            await ask_again(uow, steps)
            await state_facts(uow, self._corps, key.corp_id, steps)

    async def _postpone(
        self,
        tenant_id: TenantId,
        key: RelationKey,
        batch: Mapping[str, bool],
        error: WechatError,
        *,
        is_lost: bool,
    ) -> None:
        _MARKED.labels("postponed").inc(len(batch))
        reason = reason_of(error)
        await self._end(tenant_id, key, batch, partial(_postponed, is_lost=is_lost, reason=reason))

    async def _fail_all(self, tenant_id: TenantId, keys: tuple[RelationKey, ...], reason: str) -> None:
        for key in keys:
            sending = await self._begin(tenant_id, key)
            await self._end(tenant_id, key, sending, partial(rules.refuse, reason=reason))


def reason_of(error: WechatError) -> str:
    """Return the code that is kept of an error."""
    return str(error.errcode) if isinstance(error, PlatformRefusal) else error.code


def _postponed(mark: Mark, *, is_lost: bool, reason: str) -> Step:
    return Step(mark=rules.postpone(mark, is_lost=is_lost, reason=reason))


def _request(key: RelationKey, external: str, batch: Mapping[str, bool]) -> calls.MarkRequest:
    return calls.MarkRequest(
        userid=key.userid,
        external_userid=external,
        add_tag=tuple(tag for tag, wanted in batch.items() if wanted),
        remove_tag=tuple(tag for tag, wanted in batch.items() if not wanted),
    )
