"""The register of what people asked for, and what follows from each request."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from quanyu.flows.rights import register, tables
from quanyu.flows.rights.contracts import (
    PREFIX,
    ErasurePreview,
    OpenRightsRequest,
    RightsKind,
    RightsRequests,
    RightsRequestView,
    RightsSettings,
    RightsState,
)
from quanyu.flows.rights.errors import NotAnErasure, RightsRequestClosed
from quanyu.flows.rights.holdings import HOLDINGS, Fate
from quanyu.flows.rights.packages.service import RightsPackages
from quanyu.flows.rights.progress import report_of, steps_of
from quanyu.flows.rights.register import Request
from quanyu.flows.rights.tables import Whom
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.web import Caller
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.people.consent.contracts import EVERY, ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.erasing import who_is
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.tenants.service import Tenants

_STOPPING: Final = (RightsKind.OBJECTION, RightsKind.RESTRICTION)


class RightsDesk:
    """Use cases of rights requests."""

    def __init__(
        self,
        uows: UnitOfWorkFactory,
        warehouse: Warehouse,
        tenants: Tenants,
        consent: Consent,
        packages: RightsPackages,
    ) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._tenants = tenants
        self._consent = consent
        self._packages = packages

    async def open(self, uow: UnitOfWork, command: OpenRightsRequest, caller: Caller) -> str:
        """Enter a request and return its id.

        Raises:
            PersonNotFound: the brand has no such person.
        """
        person_id = await self._known(uow, command.person)
        now = uow.clock.now()
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        settings = await register.load_settings(uow)
        request_id = new_id()
        await register.add(
            uow,
            {
                "id": request_id,
                "person_id": person_id,
                "kind": str(command.kind),
                "state": str(RightsState.OPEN),
                "verified_how": command.verified_how,
                "note": command.note,
                "opened_by": caller.user_id,
                "opened_by_name": caller.name,
                "received_at": now,
                "due_on": add_working_days(now.astimezone(zone).date(), settings.due_working_days),
            },
        )
        return encode_id(PREFIX, request_id)

    async def list_requests(
        self,
        uow: UnitOfWork,
        *,
        state: RightsState | None = None,
        kind: RightsKind | None = None,
        person: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> RightsRequests:
        """Return a page of requests, newest first, and how many are not closed or late.

        Raises:
            InvalidCursor, InvalidId
        """
        before = decode_cursor(cursor, int)[0] if cursor else 2**63 - 1
        most = clamp_limit(limit)
        found = await register.latest(
            uow,
            state=state,
            kind=kind,
            person_id=decode_id("per", person) if person else None,
            before=before,
            limit=most + 1,
        )
        shown = found[:most]
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        waiting, overdue = await register.count_waiting(uow, uow.clock.now().astimezone(zone).date())
        return RightsRequests(
            items=tuple(_view(one) for one in shown),
            next_cursor=encode_cursor(shown[-1].id) if len(found) > most else None,
            waiting=waiting,
            overdue=overdue,
        )

    async def get(self, uow: UnitOfWork, request: str) -> RightsRequestView:
        """Return a request.

        Raises:
            RightsRequestNotFound
        """
        return _view(await register.get(uow, decode_id(PREFIX, request)))

    async def confirm(self, uow: UnitOfWork, request: str, caller: Caller) -> RightsRequestView:
        """Confirm an erasure: at once by somebody else than who entered it, else after the delay. Idempotent.

        Raises:
            RightsRequestNotFound, RightsRequestClosed
            NotAnErasure: other requests need no confirmation.
        """
        found = await self._open_one(uow, request, RightsState.OPEN, RightsState.CONFIRMED)
        if found.kind != RightsKind.ERASURE:
            raise NotAnErasure("only erasures are confirmed", message_zh="只有删除请求需要确认")
        now, settings = uow.clock.now(), await register.load_settings(uow)
        delay = timedelta(0) if caller.user_id != found.opened_by else timedelta(hours=settings.delay_hours)
        starts_at = min(found.starts_at, now + delay) if found.starts_at else now + delay
        await register.change(
            uow,
            found.id,
            {"state": str(RightsState.CONFIRMED), "starts_at": starts_at, "handled_by_name": caller.name},
        )
        return await self.get(uow, request)

    async def retry(self, uow: UnitOfWork, request: str) -> RightsRequestView:
        """Let an erasure that met trouble go on now, where it stands, instead of after its rest. Idempotent.

        Raises:
            RightsRequestNotFound
            RightsRequestClosed: no erasure of this id is under way.
        """
        found = await self._open_one(uow, request, RightsState.RUNNING)
        if found.trouble:  # Without any, somebody is at it.
            await register.change(uow, found.id, {"leased_until": None})
        return await self.get(uow, request)

    async def close(self, uow: UnitOfWork, request: str, outcome: str, caller: Caller) -> RightsRequestView:
        """Say what became of a request other than an erasure.

        An objection or a restriction withdraws consent to everything.

        Raises:
            RightsRequestNotFound, RightsRequestClosed
            NotAnErasure: erasures close themselves.
        """
        found = await self._open_one(uow, request, RightsState.OPEN)
        if found.kind == RightsKind.ERASURE:
            raise NotAnErasure(
                "an erasure closes itself when it is done", message_zh="删除完成后请求会自动关闭"
            )
        if found.kind in _STOPPING:
            await self._consent.say(uow, _refusal(found, uow, caller))
        await self._end(uow, found, RightsState.DONE, outcome, caller)
        return await self.get(uow, request)

    async def refuse(self, uow: UnitOfWork, request: str, outcome: str, caller: Caller) -> RightsRequestView:
        """Refuse a request, or take an erasure back before its hour, with the reason; its package goes.

        Raises:
            RightsRequestNotFound, RightsRequestClosed
        """
        found = await self._open_one(uow, request, RightsState.OPEN, RightsState.CONFIRMED)
        await self._packages.refused(uow, found.id, actor=caller.name)
        await self._end(uow, found, RightsState.REFUSED, outcome, caller)
        return await self.get(uow, request)

    async def preview(self, tenant_id: TenantId, request: str) -> ErasurePreview:
        """Count what an erasure would do; nothing is changed."""
        async with self._uows.system(tenant_id) as uow:
            found = await register.get(uow, decode_id(PREFIX, request))
            whom = await self._whom(uow, found)
            counts = {one: await tables.count(uow, one, whom) for one in tables.CLEARED}
        (events,) = await self._warehouse.for_tenant(tenant_id).query(
            "SELECT count() FROM events WHERE tenant_id = {tenant:UInt32} "
            "AND person IN {people:Array(UInt32)}",
            {"people": list(whom.people)},
        )
        return ErasurePreview(
            erased={one.name: rows for one, rows in counts.items() if rows and one.fate is Fate.ERASED},
            redacted={one.name: rows for one, rows in counts.items() if rows and one.fate is Fate.REDACTED},
            kept={one.table: one.why for one in HOLDINGS if one.fate is Fate.KEPT},
            identifiers=len(whom.tokens),
            events=int(events[0]),
        )

    async def settings(self, uow: UnitOfWork) -> RightsSettings:
        """Return how the brand handles requests."""
        return await register.load_settings(uow)

    async def save_settings(self, uow: UnitOfWork, settings: RightsSettings) -> None:
        """Change how the brand handles requests; those entered keep their dates."""
        await register.save_settings(uow, settings)

    # --- private ------------------------------------------------------------------------------------------

    async def _known(self, uow: UnitOfWork, text: str) -> int:
        number = decode_id("per", text)
        if number < 2**31 and await who_is(uow, PersonId(number)) is not None:
            return number
        raise PersonNotFound(f"there is no person {text[:20]}", message_zh=f"没有这个客户：{text[:20]}")

    async def _whom(self, uow: UnitOfWork, found: Request) -> Whom:
        if found.people:
            return Whom(found.people, found.tokens)
        who = await who_is(uow, PersonId(found.person_id))
        return Whom((), ()) if who is None else Whom(who.people, who.tokens)

    async def _open_one(self, uow: UnitOfWork, request: str, *states: RightsState) -> Request:
        found = await register.get(uow, decode_id(PREFIX, request), lock=True)
        if found.state not in states:
            raise _closed()
        return found

    async def _end(
        self, uow: UnitOfWork, found: Request, state: RightsState, outcome: str, caller: Caller
    ) -> None:
        values: Mapping[str, Any] = {
            "state": str(state),
            "outcome": outcome,
            "handled_by_name": caller.name,
            "closed_at": uow.clock.now(),
        }
        await register.change(uow, found.id, values)


def add_working_days(day: date, count: int) -> date:
    """Return the day ``count`` days from Monday to Friday after ``day``; public holidays are not known."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _refusal(found: Request, uow: UnitOfWork, caller: Caller) -> Saying:
    return Saying(
        person_id=PersonId(found.person_id),
        operation_id=f"rights:{found.id}",
        purpose=EVERY,
        channel=ConsentChannel.ALL,
        state=ConsentState.WITHDRAWN,
        text_version=None,
        source=ConsentSource.STAFF,
        actor=caller.name,
        occurred_at=uow.clock.now(),
        evidence={"request": encode_id(PREFIX, found.id)},
    )


def _closed() -> RightsRequestClosed:
    return RightsRequestClosed(
        "the request is not in a state that allows this", message_zh="该请求当前的状态不允许此操作"
    )


def _view(one: Request) -> RightsRequestView:
    return RightsRequestView(
        id=encode_id(PREFIX, one.id),
        person=encode_id("per", one.person_id),
        kind=RightsKind(one.kind),
        state=RightsState(one.state),
        verified_how=one.verified_how,
        note=one.note,
        outcome=one.outcome,
        opened_by=one.opened_by_name,
        handled_by=one.handled_by_name,
        received_at=one.received_at,
        due_on=one.due_on,
        starts_at=one.starts_at,
        closed_at=one.closed_at,
        report=report_of(one.steps),
        steps=steps_of(one.steps) if one.steps else (),
        attempts=one.attempts,
        trouble=one.trouble,
    )
