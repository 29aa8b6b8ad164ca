"""React subscriber ``staff.codes``: adds are counted, and codes lead elsewhere in the same commit (CW-3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol

from prometheus_client import Counter as Metric

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId, FollowerEvent
from quanyu.modules.channels.wecom import translation as told
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.codes import facts, rotation
from quanyu.modules.staff.codes.counting import Add, AddCounter, CountedAdd
from quanyu.modules.staff.codes.notes import NoteQueries
from quanyu.modules.staff.codes.plans import cap_of, plan_of
from quanyu.modules.staff.codes.ports import Bond, Bonds, CustomerAdded, TagGiver
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.routing import Router
from quanyu.modules.staff.codes.rules import weights_of
from quanyu.modules.staff.codes.states import CodeState, CodeStates, LiveCodeId
from quanyu.modules.staff.directory.contracts import MEMBER_CHANGED

_ADDS: Final = Metric("quanyu_live_code_adds_total", "Customers who came by a live code", ["outcome"])
_FREES: Final = frozenset({told.CUSTOMER_DELETED_BY_STAFF, told.STAFF_DELETED_BY_CUSTOMER})


class StaffEvent(FollowerEvent, Protocol):
    """An event of the log as this subscriber reads it."""

    @property
    def properties(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Somebody who came by a state of ours."""

    corp_id: AccountId
    app_id: str
    userid: str
    token: bytes
    at: datetime
    person_id: PersonId | None
    state: CodeState


class LiveCodeSubscriber:
    """Counts adds, gives what the code gives, and decides anew where codes lead; idempotent, in any order."""

    name: Final = "staff.codes"
    after: Final = ("staff.customers",)  # Tells new customers from old ones, and counts whom members have.

    def __init__(
        self, corps: Corps, states: CodeStates, router: Router, bonds: Bonds, tags: TagGiver
    ) -> None:
        self._corps = corps
        self._states = states
        self._router = router
        self._bonds = bonds
        self._tags = tags

    def wants(self, event_name: str) -> bool:
        """Adds, losses, and how members stand."""
        return event_name in (told.CUSTOMER_ADDED, MEMBER_CHANGED) or event_name in _FREES

    async def prepare(self, tenant_id: TenantId, events: Sequence[StaffEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[StaffEvent], prepared: None) -> None:
        """Count first, then decide for every code that is concerned."""
        corps = await self._corps.ids_by_corp_id(uow)
        arrivals = await self._arrivals(uow, events, corps)
        concerned = await self._concerned(uow, events, corps)
        codes = await LiveCodeQueries(uow).lock(
            [*concerned, *(arrival.state.code_id for arrival in arrivals)]
        )
        counted = await self._count(uow, codes, arrivals)
        charged = [_charge(code, counted) for code in codes.values()]
        await self._router.settle(uow, charged, cause="customers" if arrivals else "members")

    async def _arrivals(
        self, uow: UnitOfWork, events: Sequence[StaffEvent], corps: Mapping[str, AccountId]
    ) -> list[_Arrival]:
        found: list[_Arrival] = []
        for app_id, corp_id in corps.items():
            adds = [event for event in events if event.context.get("app") == app_id and _is_add(event)]
            times = {str(event.properties.get("state") or ""): event.occurred_at for event in adds}
            states = await self._states.resolve_all(uow, corp_id, times)
            for event in adds:
                state = states.get(str(event.properties.get("state") or ""))
                token, userid = event.context.get("customer", ""), event.context.get("staff", "")
                if state is not None and token and userid:
                    found.append(
                        _Arrival(
                            corp_id,
                            app_id,
                            userid,
                            bytes.fromhex(token),
                            event.occurred_at,
                            event.person_id,
                            state,
                        )
                    )
        return found

    async def _concerned(
        self, uow: UnitOfWork, events: Sequence[StaffEvent], corps: Mapping[str, AccountId]
    ) -> list[LiveCodeId]:
        """Return codes that name members who changed, or whose number of customers did."""
        queries, concerned = LiveCodeQueries(uow), list[LiveCodeId]()
        for app_id, corp_id in corps.items():
            own = [event for event in events if event.context.get("app") == app_id]
            changed = {event.context.get("staff", "") for event in own if event.name == MEMBER_CHANGED}
            held = {event.context.get("staff", "") for event in own if event.name != MEMBER_CHANGED}
            concerned += await queries.of_members(corp_id, sorted(changed))
            concerned += await queries.of_members(corp_id, sorted(held), with_held_cap=True)
        return concerned

    async def _count(
        self, uow: UnitOfWork, codes: Mapping[LiveCodeId, KeptCode], arrivals: Sequence[_Arrival]
    ) -> tuple[CountedAdd, ...]:
        known = [arrival for arrival in arrivals if arrival.state.code_id in codes]
        if not known:
            return ()
        zone = await self._router.zone(uow)
        by_key: dict[tuple[LiveCodeId, str, bytes, object], _Arrival] = {}
        adds = []
        for arrival in known:
            code, day = codes[arrival.state.code_id], arrival.at.astimezone(zone).date()
            by_key.setdefault((code.code_id, arrival.userid, arrival.token, day), arrival)
            adds.append(
                Add(
                    code_id=code.code_id,
                    userid=arrival.userid,
                    token=arrival.token,
                    day=day,
                    at=arrival.at,
                    cap=cap_of(code.draft, arrival.userid),
                )
            )
        counted = await AddCounter(uow).count(adds)
        new = [(add, by_key[add.code_id, add.userid, add.token, add.day]) for add in counted]
        await self._report(uow, codes, new)
        await self._give(uow, codes, new)
        return counted

    async def _report(
        self,
        uow: UnitOfWork,
        codes: Mapping[LiveCodeId, KeptCode],
        new: Sequence[tuple[CountedAdd, _Arrival]],
    ) -> None:
        """State each add as a fact; write adds over a cap, and customers of others, into the trail."""
        bonds = await self._bonds_of(uow, [arrival for _, arrival in new])
        over: dict[tuple[LiveCodeId, str], CountedAdd] = {}
        for add, arrival in new:
            code, others = codes[add.code_id], bonds[arrival]
            is_new = not any(bond.userid != add.userid and bond.since < _s(arrival.at) for bond in others)
            uow.publish(
                facts.added_by_code(
                    code,
                    arrival.state,
                    add,
                    person_id=arrival.person_id,
                    app_id=arrival.app_id,
                    at=arrival.at,
                    is_new=is_new and not add.is_returning,
                )
            )
            _ADDS.labels("returning" if add.is_returning else "counted").inc()
            if (cap := cap_of(code.draft, add.userid)) is not None and add.adds > cap:
                over[add.code_id, add.userid] = add
                _ADDS.labels("over_cap").inc(not add.is_returning)
            await self._note_exclusive(uow, code, add, arrival, others)
        for (code_id, userid), add in sorted(over.items()):
            details = {"userid": userid, "day": add.day.isoformat(), "adds": add.adds, "over": add.over_cap}
            await LiveCodeQueries(uow).note(code_id, "over_cap", details)

    async def _bonds_of(
        self, uow: UnitOfWork, arrivals: Sequence[_Arrival]
    ) -> Mapping[_Arrival, tuple[Bond, ...]]:
        found: dict[_Arrival, tuple[Bond, ...]] = {}
        for corp_id in {arrival.corp_id for arrival in arrivals}:
            own = [arrival for arrival in arrivals if arrival.corp_id == corp_id]
            bonds = await self._bonds.of_customers(uow, corp_id, sorted({arrival.token for arrival in own}))
            found |= {arrival: bonds.get(arrival.token, ()) for arrival in own}
        return found

    async def _note_exclusive(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        add: CountedAdd,
        arrival: _Arrival,
        others: Sequence[Bond],
    ) -> None:
        """On an exclusive code: write down whom the platform gave a second member (CW-10)."""
        serving = [
            bond.userid
            for bond in others
            if bond.is_active and bond.userid != add.userid and bond.since < _s(arrival.at)
        ]
        if code.is_exclusive and serving:
            details = {"userid": add.userid, "serving": serving[0]}
            await LiveCodeQueries(uow).note(code.code_id, "exclusive_missed", details)

    async def _give(
        self,
        uow: UnitOfWork,
        codes: Mapping[LiveCodeId, KeptCode],
        new: Sequence[tuple[CountedAdd, _Arrival]],
    ) -> None:
        """Ask for the tags, remark and description the code gives."""
        by_code: dict[LiveCodeId, list[CustomerAdded]] = {}
        for add, arrival in new:
            given = CustomerAdded(
                corp_id=arrival.corp_id,
                userid=add.userid,
                token=add.token,
                origin=codes[add.code_id].reference,
            )
            by_code.setdefault(add.code_id, []).append(given)
        for code_id, added in sorted(by_code.items()):
            draft = codes[code_id].draft
            if draft.tags:
                await self._tags.give(uow, added, draft.tags)
            if draft.remark_suffix or draft.description:
                await NoteQueries(uow).wish(code_id, added)


def _is_add(event: StaffEvent) -> bool:
    """Whether somebody came now: what a sync found later is counted by nobody."""
    return event.name == told.CUSTOMER_ADDED and not event.properties.get("synthetic")


def _charge(code: KeptCode, counted: Sequence[CountedAdd]) -> KeptCode:
    """Let who was added pay for their turn (CW-11)."""
    added = Counter(add.userid for add in counted if add.code_id == code.code_id)
    if not added:
        return code
    weights = weights_of(plan_of(code.draft), code.eligible)
    return replace(code, credits=rotation.after_adds(code.credits, weights, added))


def _s(at: datetime) -> float:
    return at.timestamp()
