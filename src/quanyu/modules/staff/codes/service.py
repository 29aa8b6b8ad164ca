"""Live codes: made, changed, paused, deleted; what each does now."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.checking import Checker, check_end
from quanyu.modules.staff.codes.contracts import (
    CODE_PREFIX,
    AuditTrail,
    CodeQuota,
    CodeStatus,
    LiveCode,
    LiveCodeDraft,
    LiveCodes,
    NewLiveCode,
    PersonalLink,
    Place,
)
from quanyu.modules.staff.codes.counting import AddCounter
from quanyu.modules.staff.codes.errors import LiveCodeConflict, UnknownLiveCode
from quanyu.modules.staff.codes.landing import PATH
from quanyu.modules.staff.codes.plans import everybody
from quanyu.modules.staff.codes.ports import Colleague, Colleagues
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.quotas import QuotaMeter
from quanyu.modules.staff.codes.routing import Router
from quanyu.modules.staff.codes.rules import Tier
from quanyu.modules.staff.codes.states import CodeStates, LiveCodeId, NewState
from quanyu.modules.staff.codes.views import Views
from quanyu.modules.staff.codes.way_queries import WayQueries

PAGE_MAX: Final = 100
_SHOWN: Final = (CodeStatus.LIVE, CodeStatus.PAUSED, CodeStatus.ENDED)


class LiveCodeDesk:
    """What people do with live codes."""

    def __init__(
        self,
        *,
        colleagues: Colleagues,
        states: CodeStates,
        router: Router,
        meter: QuotaMeter,
        checker: Checker,
        public_url: str,
    ) -> None:
        self._colleagues = colleagues
        self._states = states
        self._router = router
        self._meter = meter
        self._checker = checker
        self._public_url = public_url.rstrip("/")

    async def list_codes(
        self,
        uow: UnitOfWork,
        corps: Sequence[AccountId],
        *,
        corp_id: AccountId | None = None,
        search: str = "",
        status: CodeStatus | None = None,
        before: LiveCodeId | None = None,
        limit: int = PAGE_MAX,
    ) -> LiveCodes:
        """Return a page of codes, newest first, with every corp's quota; deleted ones only if asked for."""
        codes = await LiveCodeQueries(uow).page(
            corp_id=corp_id,
            search=search,
            statuses=_SHOWN if status is None else (status,),
            before=before,
            limit=limit + 1,
        )
        shown = codes[:limit]
        views = await self._views(uow, shown)
        more = len(codes) > limit
        return LiveCodes(
            items=tuple(views.row(code) for code in shown),
            next_cursor=shown[-1].reference if more else None,
            quotas=tuple([await self._meter.read(uow, one) for one in corps]),
        )

    async def get(self, uow: UnitOfWork, code_id: LiveCodeId) -> LiveCode:
        """Return one code whole.

        Raises:
            UnknownLiveCode: there is none.
        """
        code = await self._get(uow, code_id)
        return (await self._views(uow, [code])).whole(code)

    async def create(
        self, uow: UnitOfWork, corp_id: AccountId, command: NewLiveCode, *, actor: str
    ) -> LiveCode:
        """Keep a new code and decide whom it leads to; ``WayWorker`` has the platform make its picture.

        Raises:
            CannotServe, LiveCodeConflict, QuotaUsedUp: it could not work.
        """
        draft = LiveCodeDraft.model_validate(command.model_dump(exclude={"corp", "is_exclusive"}))
        check_end(draft.ends_at, uow.clock.now())
        await self._checker.check(uow, corp_id, draft)
        await self._checker.check_quota(uow, corp_id)
        code_id = LiveCodeId(new_id())
        state = await self._states.make(uow, corp_id, NewState(code_id=code_id))
        code = _new_code(uow, corp_id, code_id, draft, state, is_exclusive=command.is_exclusive)
        queries = LiveCodeQueries(uow)
        await queries.insert(code)
        await queries.note(code_id, "created", {"name": draft.name}, actor=actor)
        await self._router.reroute(uow, [code_id], cause="created", actor=actor)
        return await self.get(uow, code_id)

    async def change(
        self, uow: UnitOfWork, code_id: LiveCodeId, draft: LiveCodeDraft, *, actor: str
    ) -> LiveCode:
        """Replace what a code is called and does; its pictures stay. Idempotent.

        Raises:
            UnknownLiveCode, CannotServe, LiveCodeConflict
        """
        code = await self._lock(uow, code_id)
        if code.status is not CodeStatus.PAUSED:
            _require(code, CodeStatus.LIVE)
        check_end(draft.ends_at, uow.clock.now())
        await self._checker.check(uow, code.corp_id, draft, code_id=code_id, known=everybody(code.draft))
        # Credits were earned under the weights of then.
        same_weights = _weights(code.draft) == _weights(draft)
        await LiveCodeQueries(uow).change(code, draft, credits=code.credits if same_weights else {})
        details = {"fields": _changed(code.draft, draft)}
        await LiveCodeQueries(uow).note(code_id, "edited", details, actor=actor)
        await self._router.reroute(uow, [code_id], cause="edited", actor=actor)
        return await self.get(uow, code_id)

    async def pause(self, uow: UnitOfWork, code_id: LiveCodeId, redirect: Place, *, actor: str) -> LiveCode:
        """Stop a code for a time; who scans its pictures is led to ``redirect`` (CW-13). Idempotent.

        Raises:
            UnknownLiveCode, LiveCodeConflict
        """
        code = await self._lock(uow, code_id)
        if code.status is not CodeStatus.PAUSED:
            _require(code, CodeStatus.LIVE)
        return await self._move(uow, code, CodeStatus.PAUSED, redirect, what="paused", actor=actor)

    async def resume(self, uow: UnitOfWork, code_id: LiveCodeId, *, actor: str) -> LiveCode:
        """Let a code that was paused, or whose time was over, work again. Idempotent.

        Raises:
            UnknownLiveCode: there is none.
            LiveCodeConflict: it is deleted, or its time is over: give it another end first.
        """
        code = await self._lock(uow, code_id)
        if code.status is CodeStatus.LIVE:
            return await self.get(uow, code_id)
        if code.status is CodeStatus.DELETED:
            raise LiveCodeConflict("the code is deleted", message_zh="活码已删除，无法恢复")
        if code.status is CodeStatus.ENDED:
            await LiveCodeQueries(uow).change(
                code, code.draft.model_copy(update={"ends_at": None}), credits=code.credits
            )
        else:
            check_end(code.draft.ends_at, uow.clock.now())
        return await self._move(uow, code, CodeStatus.LIVE, None, what="resumed", actor=actor)

    async def delete(self, uow: UnitOfWork, code_id: LiveCodeId, redirect: Place, *, actor: str) -> LiveCode:
        """Delete a code for good; its printed pictures lead to ``redirect`` (CW-13). Idempotent.

        Raises:
            UnknownLiveCode, LiveCodeConflict
        """
        code = await self._lock(uow, code_id)
        await WayQueries(uow).withdraw_own(code_id)
        return await self._move(uow, code, CodeStatus.DELETED, redirect, what="deleted", actor=actor)

    async def check_now(self, uow: UnitOfWork, code_id: LiveCodeId, *, actor: str) -> LiveCode:
        """Decide anew, and compare what the platform says at once.

        Raises:
            UnknownLiveCode: there is none.
        """
        code = await self._get(uow, code_id)
        await self._router.reroute(uow, [code_id], cause="asked", actor=actor)
        way = (await WayQueries(uow).current([code_id])).get(code_id)
        if way is not None and way.config_id is not None:
            await WayQueries(uow).check_soon(code.corp_id, [way.config_id])
        return await self.get(uow, code_id)

    async def trail(
        self, uow: UnitOfWork, code_id: LiveCodeId, *, before: int | None, limit: int = PAGE_MAX
    ) -> AuditTrail:
        """Return what happened to a code, newest first (CW-12).

        Raises:
            UnknownLiveCode: there is none.
        """
        await self._get(uow, code_id)
        entries = await LiveCodeQueries(uow).trail(code_id, before=before, limit=limit + 1)
        return AuditTrail(
            items=tuple(entry for _, entry in entries[:limit]),
            next_cursor=str(entries[limit - 1][0]) if len(entries) > limit else None,
        )

    async def personal_link(self, uow: UnitOfWork, code_id: LiveCodeId, person_id: PersonId) -> PersonalLink:
        """Return the address of the code's page for one person: who has a member already is led to them.

        Raises:
            UnknownLiveCode: there is none.
        """
        code = await self._get(uow, code_id)
        word = self._states.signer.name_person(code.state, person_id)
        return PersonalLink(url=f"{self.landing_url(code)}?p={word}")

    async def quota(self, uow: UnitOfWork, corp_id: AccountId) -> CodeQuota:
        """Return how much of a corp's quota is used."""
        return await self._meter.read(uow, corp_id)

    async def over_cap(self, uow: UnitOfWork, code_id: LiveCodeId, first: date, last: date) -> int:
        """Return how many adds of a period were over a cap."""
        return await AddCounter(uow).over_cap(code_id, first, last)

    def landing_url(self, code: KeptCode) -> str:
        """Return the address of the code's page: what a poster should show."""
        return f"{self._public_url}{PATH}/{code.state}"

    async def _move(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        status: CodeStatus,
        redirect: Place | None,
        *,
        what: str,
        actor: str,
    ) -> LiveCode:
        if redirect is not None:
            await self._checker.check_place(uow, code.corp_id, redirect, code_id=code.code_id)
        queries = LiveCodeQueries(uow)
        await queries.move(code, status, redirect)
        details = {} if redirect is None else {"redirect": redirect.model_dump(mode="json")}
        await queries.note(code.code_id, what, details, actor=actor)
        await self._router.settle(
            uow, [replace(code, status=status, redirect=redirect)], cause=what, actor=actor
        )
        return await self.get(uow, code.code_id)

    async def _views(self, uow: UnitOfWork, codes: Sequence[KeptCode]) -> Views:
        zone, now = await self._router.zone(uow), uow.clock.now()
        code_ids = [code.code_id for code in codes]
        return Views(
            now=now,
            ways=await WayQueries(uow).current(code_ids),
            counts=await AddCounter(uow).of_day(code_ids, now.astimezone(zone).date()),
            colleagues=await self._colleagues_of(uow, codes),
            landing_url=self.landing_url,
        )

    async def _colleagues_of(
        self, uow: UnitOfWork, codes: Sequence[KeptCode]
    ) -> Mapping[tuple[AccountId, str], Colleague]:
        named: dict[AccountId, set[str]] = {}
        for code in codes:
            named.setdefault(code.corp_id, set()).update(everybody(code.draft), code.users)
        found: dict[tuple[AccountId, str], Colleague] = {}
        for corp_id, userids in named.items():
            standing = await self._colleagues.standing(uow, corp_id, sorted(userids))
            found |= {(corp_id, userid): colleague for userid, colleague in standing.items()}
        return found

    async def _get(self, uow: UnitOfWork, code_id: LiveCodeId) -> KeptCode:
        code = await LiveCodeQueries(uow).find(code_id)
        if code is None:
            raise _unknown(code_id)
        return code

    async def _lock(self, uow: UnitOfWork, code_id: LiveCodeId) -> KeptCode:
        code = (await LiveCodeQueries(uow).lock([code_id])).get(code_id)
        if code is None:
            raise _unknown(code_id)
        return code


def _unknown(code_id: LiveCodeId) -> UnknownLiveCode:
    return UnknownLiveCode(
        f"there is no live code {encode_id(CODE_PREFIX, code_id)}", message_zh="没有这个员工活码"
    )


def _require(code: KeptCode, status: CodeStatus) -> None:
    if code.status is not status:
        raise LiveCodeConflict(
            f"the code is {code.status.value}, not {status.value}", message_zh="活码当前状态不允许此操作"
        )


def _weights(draft: LiveCodeDraft) -> dict[str, int]:
    return {member.userid: member.weight for member in (*draft.backup, *draft.members)}


def _changed(before: LiveCodeDraft, after: LiveCodeDraft) -> list[str]:
    return sorted(
        name for name in LiveCodeDraft.model_fields if getattr(before, name) != getattr(after, name)
    )


def _new_code(
    uow: UnitOfWork,
    corp_id: AccountId,
    code_id: LiveCodeId,
    draft: LiveCodeDraft,
    state: str,
    *,
    is_exclusive: bool,
) -> KeptCode:
    now: datetime = uow.clock.now()
    return KeptCode(
        code_id=code_id,
        corp_id=corp_id,
        status=CodeStatus.LIVE,
        draft=draft,
        is_exclusive=is_exclusive,
        redirect=None,
        state=state,
        tier=Tier.NOBODY,
        eligible=(),
        users=(),
        skip_verify=True,
        obstacles={},
        credits={},
        next_border=None,
        created_at=now,
        updated_at=now,
    )
