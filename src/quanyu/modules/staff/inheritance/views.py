"""What the pages show of plans and their items."""

from collections.abc import Mapping, Sequence
from typing import Any

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import Contact
from quanyu.modules.staff.customers.queries import RelationQueries
from quanyu.modules.staff.directory.contracts import Member
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.inheritance import rules
from quanyu.modules.staff.inheritance.contracts import (
    Candidate,
    ComingCustomer,
    Inheritance,
    InheritanceItem,
    ItemState,
    Kind,
    TakerShare,
    show_id,
)
from quanyu.modules.staff.inheritance.gathering import Left
from quanyu.modules.staff.inheritance.planning import unfit_for
from quanyu.modules.staff.inheritance.queries.plans import Counts, Plan, PlanQueries

_Members = Mapping[str, Member]


def candidate(left: Left, names: _Members) -> Candidate:
    """Return somebody who left, as the wizard shows them."""
    known = names.get(left.userid)
    return Candidate(
        userid=left.userid,
        name=known.shown_name if known else left.userid,
        kind=Kind.RESIGNED,
        customers=left.customers,
        left_at=left.left_at,
    )


async def one(uow: UnitOfWork, plan: Plan) -> Inheritance:
    """Return one plan as it is shown."""
    return (await several(uow, [plan]))[0]


async def several(uow: UnitOfWork, plans: Sequence[Plan]) -> tuple[Inheritance, ...]:
    """Return plans as they are shown, in their order."""
    queries = PlanQueries(uow)
    ids = [plan.id for plan in plans]
    customers = await queries.counts(ids, groups=False)
    groups = await queries.counts(ids, groups=True)
    corp_names = {corp.id: corp.name for corp in await Corps().list(uow)}
    shown = []
    for corp_id in dict.fromkeys(plan.corp_id for plan in plans):
        of_corp = [plan for plan in plans if plan.corp_id == corp_id]
        userids = {plan.handover for plan in of_corp} | {t.userid for plan in of_corp for t in plan.takers}
        members = await DirectoryQueries(uow).by_userids(corp_id, sorted(userids))
        held = await RelationQueries(uow).count_held(corp_id, sorted(userids))
        shown += [
            _shown(plan, customers[plan.id], groups[plan.id], corp_names, members, held) for plan in of_corp
        ]
    order = {show_id(plan_id): place for place, plan_id in enumerate(ids)}
    return tuple(sorted(shown, key=lambda view: order[view.id]))


def _shown(
    plan: Plan,
    customers: Counts,
    groups: Counts,
    corp_names: Mapping[AccountId, str],
    members: _Members,
    held: Mapping[str, int],
) -> Inheritance:
    return Inheritance(
        id=show_id(plan.id),
        corp=show_corp_id(plan.corp_id),
        corp_name=corp_names.get(plan.corp_id, ""),
        kind=plan.kind,
        origin=plan.origin,
        state=plan.state,
        handover=plan.handover,
        handover_name=_name(plan.handover, members),
        method=plan.method,
        message=plan.message,
        filter=plan.filter,
        takers=tuple(
            TakerShare(
                userid=taker.userid,
                name=_name(taker.userid, members),
                weight=taker.weight,
                limit=taker.limit,
                held=held.get(taker.userid, 0),
                customers=customers.by_taker.get(taker.userid, 0),
                groups=groups.by_taker.get(taker.userid, 0),
                problem=unfit_for(members[taker.userid]) if taker.userid in members else "not_active",
            )
            for taker in plan.takers
        ),
        customers=dict(customers.states),
        groups=dict(groups.states),
        problems=_sum(customers.problems, groups.problems),
        reasons=_sum(customers.reasons, groups.reasons),
        trouble=plan.trouble,
        created_by=plan.created_by,
        created_at=plan.created_at,
        submitted_at=plan.submitted_at,
        ended_at=plan.ended_at,
        next_at=min((at for at in (customers.next_at, groups.next_at) if at is not None), default=None),
    )


def _sum(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    return {key: first.get(key, 0) + second.get(key, 0) for key in sorted({*first, *second})}


def _name(userid: str, members: _Members) -> str:
    return members[userid].shown_name if userid in members else userid


async def items(
    uow: UnitOfWork, keyring: KeyRing, plan: Plan, rows: Sequence[Any]
) -> tuple[InheritanceItem, ...]:
    """Return items as they are shown, customers with the names we know."""
    tokens = [bytes(row.token) for row in rows if row.token is not None]
    contacts = await ContactQueries(uow).find(plan.corp_id, tokens)
    userids = sorted({row.taker for row in rows if row.taker})
    members = await DirectoryQueries(uow).by_userids(plan.corp_id, userids)
    shown = []
    for row in rows:
        contact = None if row.token is None else contacts.get(bytes(row.token))
        name = row.name or _customer_name(contact, keyring)
        person = None if contact is None else contact.person_id
        shown.append(
            InheritanceItem(
                key=row.key,
                name=name,
                person_id=None if person is None else encode_id("per", person),
                taker=row.taker or "",
                taker_name=_name(row.taker, members) if row.taker else "",
                state=ItemState(row.state),
                reason=row.reason,
                code=row.code,
                problem=row.problem,
                submitted_at=row.submitted_at,
                due_at=row.due_at if row.state in ("planned", "submitted", "waiting") else None,
                ended_at=row.ended_at,
            )
        )
    return tuple(shown)


async def coming(
    uow: UnitOfWork, keyring: KeyRing, corp_id: AccountId, rows: Sequence[Any]
) -> tuple[ComingCustomer, ...]:
    """Return customers on their way to a member."""
    contacts = await ContactQueries(uow).find(corp_id, [bytes(row.customer_token) for row in rows])
    members = await DirectoryQueries(uow).by_userids(corp_id, sorted({row.handover for row in rows}))
    return tuple(
        ComingCustomer(
            token=bytes(row.customer_token),
            name=_customer_name(contacts.get(bytes(row.customer_token)), keyring),
            handover_name=_name(row.handover, members),
            due_at=row.submitted_at + rules.WAIT,
        )
        for row in rows
    )


def _customer_name(contact: Contact | None, keyring: KeyRing) -> str:
    if contact is None or contact.name_sealed is None:
        return ""
    return keyring.open(contact.name_sealed).decode()
