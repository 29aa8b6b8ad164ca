"""Making a plan: who takes whom over, and what is known before of what will go wrong."""

from collections.abc import Mapping, Sequence

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.directory.contracts import Member, MemberStatus
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.inheritance import rules
from quanyu.modules.staff.inheritance.contracts import (
    InheritanceId,
    Kind,
    Method,
    Origin,
    PlanInheritance,
    State,
)
from quanyu.modules.staff.inheritance.errors import NothingToPassOn, UnknownMember
from quanyu.modules.staff.inheritance.gathering import Owned, Passed
from quanyu.modules.staff.inheritance.queries.groups import GroupQueries
from quanyu.modules.staff.inheritance.queries.items import ItemQueries
from quanyu.modules.staff.inheritance.queries.plans import NewGroup, NewItem, Plan, PlanQueries
from quanyu.modules.staff.inheritance.reasons import Reason
from quanyu.modules.staff.inheritance.rules import Room

NO_PLAN = InheritanceId(0)


def unfit_for(member: Member) -> str:
    """Return why a member cannot take customers over; "" if they can."""
    if member.has_left or member.status is not MemberStatus.ACTIVE:
        return "not_active"
    return "" if member.can_serve else "may_not_serve"


async def make(
    uow: UnitOfWork,
    keyring: KeyRing,
    command: PlanInheritance,
    corp_id: AccountId,
    passed: Sequence[Passed],
    groups: Sequence[Owned],
    *,
    by: str,
) -> Plan:
    """Write a draft with every customer and group, who takes each, and the problems that are known.

    The open task of somebody who left is replaced by it.

    Raises:
        UnknownMember: one of those who take over is no member.
        NothingToPassOn: nothing fits.
    """
    if not passed and not groups:
        raise NothingToPassOn("no customer and no group fits", message_zh="没有符合条件的客户或客户群")
    members = await _takers(uow, command, corp_id)
    plan = Plan(
        id=InheritanceId(new_id()),
        corp_id=corp_id,
        kind=command.kind,
        origin=Origin.CONSOLE,
        state=State.DRAFT,
        handover=command.handover,
        method=command.method,
        takers=command.takers,
        filter=command.customers,
        message=command.message,
        trouble="",
        created_by=by,
        created_at=uow.clock.now(),
        submitted_at=None,
        ended_at=None,
    )
    unfit = {userid: unfit_for(member) for userid, member in members.items()}
    items = await _items(uow, keyring, plan, passed, unfit)
    owned = await _groups(uow, plan, groups, unfit)
    queries = PlanQueries(uow)
    if command.kind is Kind.RESIGNED:
        await queries.close_open(corp_id, command.handover)
    await queries.add(plan)
    await queries.add_items(plan, items, owned)
    return plan


async def _takers(uow: UnitOfWork, command: PlanInheritance, corp_id: AccountId) -> Mapping[str, Member]:
    userids = [taker.userid for taker in command.takers]
    members = await DirectoryQueries(uow).by_userids(corp_id, userids)
    for userid in userids:
        if userid not in members:
            raise UnknownMember(f"no member {userid}", message_zh=f"企业中没有成员 {userid}")
    return members


async def _items(
    uow: UnitOfWork,
    keyring: KeyRing,
    plan: Plan,
    passed: Sequence[Passed],
    unfit: Mapping[str, str],
) -> list[NewItem]:
    userids = [taker.userid for taker in plan.takers]
    held = await RelationQueries(uow).count_held(plan.corp_id, userids)
    rooms = [
        Room(
            taker.userid, taker.weight, 0 if unfit[taker.userid] else taker.limit - held.get(taker.userid, 0)
        )
        for taker in plan.takers
    ]
    ordered = sorted(passed, key=lambda one: one.token)
    tokens = [one.token for one in ordered]
    items = ItemQueries(uow)
    moving = await items.moving(plan.corp_id, tokens, but=NO_PLAN)
    moved: Mapping[bytes, int] = {}
    if plan.kind is Kind.ON_JOB:
        since = rules.often_since(plan.created_at)
        moved = await items.moved_since(plan.corp_id, tokens, since=since)
    # Who cannot be passed on anyway takes nobody's room.
    able = [one for one in ordered if one.token not in moving and moved.get(one.token, 0) < rules.OFTEN]
    takers = dict(zip((one.token for one in able), rules.allot(len(able), rooms, plan.method), strict=True))
    return [
        NewItem(
            token=one.token,
            external_sealed=keyring.seal(one.external_userid.encode()),
            taker=takers.get(one.token),
            problem=rules.problem_of(
                taker=takers.get(one.token),
                moved=moved.get(one.token, 0),
                is_moving=one.token in moving,
            ),
        )
        for one in ordered
    ]


async def _groups(
    uow: UnitOfWork, plan: Plan, groups: Sequence[Owned], unfit: Mapping[str, str]
) -> list[NewGroup]:
    """Share groups out by number or weight: how many one may own is not limited."""
    rooms = [Room(one.userid, one.weight, 0 if unfit[one.userid] else len(groups)) for one in plan.takers]
    method = Method.WEIGHT if plan.method is Method.WEIGHT else Method.EVENLY
    moved: Mapping[str, int] = {}
    if plan.kind is Kind.ON_JOB:
        since = rules.often_since(plan.created_at)
        moved = await GroupQueries(uow).moved_since(
            plan.corp_id, [one.chat_id for one in groups], since=since
        )
    takers = rules.allot(len(groups), rooms, method)
    return [
        NewGroup(
            chat_id=one.chat_id,
            name=one.name,
            taker=taker or plan.takers[0].userid,
            problem=rules.problem_of(taker=taker, moved=moved.get(one.chat_id, 0), is_moving=False)
            if taker
            else Reason.TAKER_UNFIT,
        )
        for one, taker in zip(groups, takers, strict=True)
    ]
