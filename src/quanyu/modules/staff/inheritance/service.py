"""Passing customers and groups on: choose, preview, submit, stop, go on."""

from collections.abc import Collection, Sequence

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.inheritance import facts, gathering, planning, rules, views
from quanyu.modules.staff.inheritance.contracts import (
    Candidate,
    Candidates,
    ComingCustomer,
    Inheritance,
    InheritanceId,
    InheritanceItems,
    Inheritances,
    ItemState,
    Kind,
    OwnedGroup,
    OwnedGroups,
    PlanInheritance,
    State,
)
from quanyu.modules.staff.inheritance.errors import UnknownInheritance, UnknownMember, WrongState
from quanyu.modules.staff.inheritance.gathering import Owned, Passed
from quanyu.modules.staff.inheritance.ports import TagHolders
from quanyu.modules.staff.inheritance.queries.groups import GroupQueries
from quanyu.modules.staff.inheritance.queries.plans import Plan, PlanQueries
from quanyu.modules.staff.inheritance.reasons import Reason

_LATEST = 2**62


class InheritanceDesk:
    """Plans of a brand. What only the platform knows is asked of it outside any transaction."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        keyring: KeyRing,
        clients: CorpClients,
        *,
        tags: TagHolders | None = None,
    ) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients
        self._tags = tags

    async def candidates(self, tenant_id: TenantId, corp: str, kind: Kind) -> Candidates:
        """Return who can hand over: members with customers, or those who left customers behind.

        Raises:
            UnknownCorp: the brand has no such corp.
            WechatError: the platform did not tell who left.
        """
        corp_id = await self._corp(tenant_id, corp)
        left = []
        if kind is Kind.RESIGNED:
            left = await gathering.who_left(await self._clients.get(tenant_id, corp_id))
        async with self._uows.app(tenant_id) as uow:
            if kind is Kind.RESIGNED:
                userids = [one.userid for one in left]
                names = await DirectoryQueries(uow).by_userids(corp_id, userids)
                return Candidates(items=tuple(views.candidate(one, names) for one in left))
            held = await RelationQueries(uow).count_held(corp_id)
            return Candidates(
                items=tuple(
                    Candidate(
                        userid=one.userid,
                        name=one.shown_name,
                        kind=kind,
                        customers=held.get(one.userid, 0),
                        left_at=None,
                    )
                    for one in await DirectoryQueries(uow).members(corp_id)
                )
            )

    async def groups_of(self, tenant_id: TenantId, corp: str, owner: str) -> OwnedGroups:
        """Return somebody's customer groups as the platform has them now.

        Raises:
            UnknownCorp: the brand has no such corp.
            WechatError: the platform did not tell.
        """
        corp_id = await self._corp(tenant_id, corp)
        owned, more = await gathering.groups_of(await self._clients.get(tenant_id, corp_id), owner)
        async with self._uows.app(tenant_id) as uow:
            since = rules.often_since(uow.clock.now())
            chat_ids = [one.chat_id for one in owned]
            moved = await GroupQueries(uow).moved_since(corp_id, chat_ids, since=since)
        items = tuple(
            OwnedGroup(
                chat_id=one.chat_id,
                name=one.name,
                members=one.members,
                problem=Reason.TOO_OFTEN if moved.get(one.chat_id, 0) >= rules.OFTEN else "",
            )
            for one in owned
        )
        return OwnedGroups(items=items, more=more)

    async def plan(self, tenant_id: TenantId, command: PlanInheritance, *, by: str) -> Inheritance:
        """Make a draft: every customer and group with who takes it over and what will go wrong.

        Raises:
            UnknownCorp: the brand has no such corp.
            UnknownMember: somebody named is no member, or does not hand over the way that is said.
            NothingToPassOn: nothing fits.
            WechatError: the platform did not tell what there is.
        """
        corp_id = await self._corp(tenant_id, command.corp)
        passed, groups = await self._gather(tenant_id, corp_id, command)
        async with self._uows.app(tenant_id) as uow:
            if command.customers is not None:
                tagged = await self._tagged(uow, corp_id, command)
                if command.kind is Kind.ON_JOB:
                    passed = await gathering.held_by(uow, self._keyring, corp_id, command.handover)
                passed = await gathering.narrowed(
                    uow, corp_id, command.handover, passed, command.customers, tagged
                )
            plan = await planning.make(uow, self._keyring, command, corp_id, passed, groups, by=by)
            return await views.one(uow, plan)

    async def _gather(
        self, tenant_id: TenantId, corp_id: AccountId, command: PlanInheritance
    ) -> tuple[list[Passed], list[Owned]]:
        """Ask the platform for what we do not know: customers left behind, and names of groups."""
        async with self._uows.app(tenant_id) as uow:
            known = await DirectoryQueries(uow).by_userids(corp_id, [command.handover])
        member = known.get(command.handover)
        if command.kind is Kind.ON_JOB and (member is None or member.has_left):
            raise UnknownMember(
                f"{command.handover} does not work here", message_zh=f"{command.handover} 不是在职成员"
            )
        if command.kind is Kind.RESIGNED and member is not None and not member.has_left:
            raise UnknownMember(
                f"{command.handover} still works here", message_zh=f"{command.handover} 尚未离职"
            )
        client = await self._clients.get(tenant_id, corp_id)
        passed: list[Passed] = []
        if command.kind is Kind.RESIGNED and command.customers is not None:
            passed = await gathering.left_behind(client, self._keyring, command.handover)
        if not command.groups:
            return passed, []
        owned, _ = await gathering.groups_of(client, command.handover)
        names = {one.chat_id: one for one in owned}
        return passed, [
            names.get(chat_id, Owned(chat_id, "", 0)) for chat_id in dict.fromkeys(command.groups)
        ]

    async def _tagged(
        self, uow: UnitOfWork, corp_id: AccountId, command: PlanInheritance
    ) -> Collection[bytes] | None:
        if command.customers is None or not command.customers.tags:
            return None
        if self._tags is None:
            return ()
        return await self._tags.holding(uow, corp_id, command.handover, command.customers.tags)

    async def list_plans(self, uow: UnitOfWork, *, cursor: str | None, limit: int | None) -> Inheritances:
        """Return plans, newest first."""
        before = decode_cursor(cursor, int)[0] if cursor else _LATEST
        size = clamp_limit(limit)
        plans = await PlanQueries(uow).page(before=before, limit=size + 1)
        shown = plans[:size]
        following = encode_cursor(shown[-1].id) if len(plans) > size else None
        return Inheritances(items=await views.several(uow, shown), next_cursor=following)

    async def get(self, uow: UnitOfWork, plan_id: InheritanceId) -> Inheritance:
        """Return one plan.

        Raises:
            UnknownInheritance: there is none.
        """
        return await views.one(uow, await _find(uow, plan_id))

    async def items(
        self,
        uow: UnitOfWork,
        plan_id: InheritanceId,
        *,
        what: str,
        state: ItemState | None,
        cursor: str | None,
        limit: int | None,
    ) -> InheritanceItems:
        """Return customers (``what`` is ``customer``) or groups of a plan.

        Raises:
            UnknownInheritance: there is no such plan.
        """
        plan = await _find(uow, plan_id)
        after = decode_cursor(cursor, str)[0] if cursor else ""
        size = clamp_limit(limit)
        rows = await PlanQueries(uow).items(
            plan_id, what=what, state=state or "", after=after, limit=size + 1
        )
        shown = rows[:size]
        return InheritanceItems(
            items=await views.items(uow, self._keyring, plan, shown),
            next_cursor=encode_cursor(shown[-1].key) if len(rows) > size else None,
        )

    async def coming_to(
        self, uow: UnitOfWork, corp_id: AccountId, userid: str, *, limit: int
    ) -> tuple[ComingCustomer, ...]:
        """Return the customers on their way to a member, the soonest first."""
        rows = await PlanQueries(uow).coming_to(corp_id, userid, limit=limit)
        return await views.coming(uow, self._keyring, corp_id, rows)

    async def submit(self, uow: UnitOfWork, plan_id: InheritanceId, *, by: str) -> Inheritance:
        """Let a draft begin. What is known to fail is left out. Repeating it changes nothing.

        Raises:
            UnknownInheritance, WrongState: there is none, or it has no one to take over or was dropped.
        """
        plan = await _find(uow, plan_id, lock=True)
        if plan.state is State.DRAFT:
            await PlanQueries(uow).leave_out_problems(plan_id)
        return await self._move(uow, plan, State.RUNNING, (State.DRAFT,), facts.PLAN_SUBMITTED, by)

    async def stop(self, uow: UnitOfWork, plan_id: InheritanceId, *, by: str) -> Inheritance:
        """Start nothing more; what the platform has begun goes on there. Repeating it changes nothing.

        Raises:
            UnknownInheritance, WrongState: there is none, or it does not run.
        """
        plan = await _find(uow, plan_id, lock=True)
        return await self._move(uow, plan, State.STOPPED, (State.RUNNING,), facts.PLAN_STOPPED, by)

    async def resume(self, uow: UnitOfWork, plan_id: InheritanceId, *, by: str) -> Inheritance:
        """Go on with a stopped plan. Repeating it changes nothing.

        Raises:
            UnknownInheritance, WrongState: there is none, or it is not stopped.
        """
        plan = await _find(uow, plan_id, lock=True)
        return await self._move(uow, plan, State.RUNNING, (State.STOPPED,), facts.PLAN_RESUMED, by)

    async def drop(self, uow: UnitOfWork, plan_id: InheritanceId, *, by: str) -> Inheritance:
        """Put a plan away of which nothing was submitted. Repeating it changes nothing.

        Raises:
            UnknownInheritance, WrongState: there is none, or it was submitted.
        """
        plan = await _find(uow, plan_id, lock=True)
        return await self._move(uow, plan, State.DROPPED, (State.DRAFT, State.OPEN), facts.PLAN_DROPPED, by)

    async def _move(
        self, uow: UnitOfWork, plan: Plan, to: State, allowed: Sequence[State], fact: str, by: str
    ) -> Inheritance:
        if plan.state is not to:
            if plan.state not in allowed:
                raise WrongState(
                    f"a plan that is {plan.state} cannot become {to}",
                    message_zh=f"当前状态({plan.state})不能执行此操作",
                )
            await PlanQueries(uow).move(plan.id, to)
            uow.publish(facts.plan_fact(fact, plan.id, actor=by, at=uow.clock.now()))
        return await views.one(uow, await _find(uow, plan.id))

    async def _corp(self, tenant_id: TenantId, corp: str) -> AccountId:
        corp_id = read_corp_id(corp)
        async with self._uows.app(tenant_id) as uow:
            await Corps().get(uow, corp_id)
        return corp_id


async def _find(uow: UnitOfWork, plan_id: InheritanceId, *, lock: bool = False) -> Plan:
    plan = await PlanQueries(uow).find(plan_id, lock=lock)
    if plan is None:
        raise UnknownInheritance("no such plan", message_zh="没有这个继承任务")
    return plan
