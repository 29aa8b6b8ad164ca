"""Deciding anew where codes lead, and writing what follows: the platform's code, the trail, the border."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import CodeStatus, PlaceKind
from quanyu.modules.staff.codes.counting import AddCounter
from quanyu.modules.staff.codes.plans import everybody, plan_of
from quanyu.modules.staff.codes.ports import Colleague, Colleagues
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.references import read_code_id
from quanyu.modules.staff.codes.rules import Obstacle, Plan, Route, Standing, Tier, route
from quanyu.modules.staff.codes.schedules import Schedule
from quanyu.modules.staff.codes.states import CodeStates, LiveCodeId, NewState
from quanyu.modules.staff.codes.way_queries import Wanted, WayQueries

_CAPS: Final = (Obstacle.DAILY_CAP, Obstacle.HELD_CAP)


class BrandZone(Protocol):
    """Tells a brand's time zone."""

    async def __call__(self, uow: UnitOfWork, /) -> str: ...


class Router:
    """Decides where codes lead. Everything it does is part of the caller's transaction."""

    def __init__(self, colleagues: Colleagues, states: CodeStates, zone_of: BrandZone) -> None:
        self._colleagues = colleagues
        self._states = states
        self._zone_of = zone_of
        self._on_change: Callable[[], None] = _nothing

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` after a commit that gave the platform something to hear."""
        self._on_change = wake

    async def zone(self, uow: UnitOfWork) -> ZoneInfo:
        """Return the brand's zone."""
        return ZoneInfo(await self._zone_of(uow))

    async def reroute(
        self, uow: UnitOfWork, code_ids: Sequence[LiveCodeId], *, cause: str, actor: str = ""
    ) -> None:
        """Lock these codes and decide anew where each leads; idempotent."""
        codes = await LiveCodeQueries(uow).lock(code_ids)
        await self.settle(uow, list(codes.values()), cause=cause, actor=actor)

    async def settle(
        self, uow: UnitOfWork, codes: Sequence[KeptCode], *, cause: str, actor: str = ""
    ) -> None:
        """Decide anew where locked codes lead, whose credits may have changed."""
        zone, now = await self.zone(uow), uow.clock.now()
        today = now.astimezone(zone).date()
        standings = await self.standings(uow, codes, today)
        for code in codes:
            after = await self._decide(uow, code, standings[code.code_id], zone, now)
            await self._note(uow, code, after, cause=cause, actor=actor)
            await self._write(uow, code, after)
        uow.after_commit(self._on_change)

    async def standings(
        self, uow: UnitOfWork, codes: Sequence[KeptCode], today: date
    ) -> Mapping[LiveCodeId, Mapping[str, Standing]]:
        """Return how everybody a code names stands, for that code."""
        colleagues = await self._colleagues_of(uow, codes)
        counts = await AddCounter(uow).of_day([code.code_id for code in codes], today)
        return {
            code.code_id: {
                userid: _standing(found, counts.get(code.code_id, {}).get(userid, (0, 0))[0])
                for userid in everybody(code.draft)
                if (found := colleagues[code.corp_id].get(userid)) is not None
            }
            for code in codes
        }

    async def _colleagues_of(
        self, uow: UnitOfWork, codes: Sequence[KeptCode]
    ) -> Mapping[AccountId, Mapping[str, Colleague]]:
        named: dict[AccountId, set[str]] = {}
        for code in codes:
            named.setdefault(code.corp_id, set()).update(everybody(code.draft))
        return {
            corp_id: await self._colleagues.standing(uow, corp_id, sorted(userids))
            for corp_id, userids in named.items()
        }

    async def _decide(
        self,
        uow: UnitOfWork,
        code: KeptCode,
        standings: Mapping[str, Standing],
        zone: ZoneInfo,
        now: datetime,
    ) -> KeptCode:
        if code.status is CodeStatus.LIVE:
            return _led(code, route(plan_of(code.draft), standings, zone, now, credits=code.credits))
        redirect = code.redirect
        if redirect is not None and redirect.kind is PlaceKind.CODE:
            target = await LiveCodeQueries(uow).find(read_code_id(redirect.code))
            if target is not None:
                return replace(
                    code,
                    tier=target.tier,
                    eligible=(),
                    users=target.users,
                    skip_verify=target.skip_verify,
                    obstacles={},
                    next_border=None,
                )
        # A pause ends some day, and then the same picture works again; other ends are for good.
        keeper = code.draft.keeper if code.status is CodeStatus.PAUSED else ""
        nobody = Plan(members=(), schedule=Schedule(), keeper=keeper)
        return replace(_led(code, route(nobody, standings, zone, now)), next_border=None)

    async def _note(
        self, uow: UnitOfWork, before: KeptCode, after: KeptCode, *, cause: str, actor: str
    ) -> None:
        """Write into the trail who dropped out or came back, which caps were hit, and a new tier (CW-12)."""
        queries = LiveCodeQueries(uow)
        out = {
            userid: obstacle
            for userid, obstacle in after.obstacles.items()
            if before.obstacles.get(userid) is not obstacle
        }
        back = [userid for userid in before.obstacles if userid not in after.obstacles]
        if out or back:
            details = {"out": out, "back": back, "cause": cause}
            await queries.note(after.code_id, "members_changed", details, actor=actor)
        for userid, obstacle in out.items():
            if obstacle in _CAPS:
                await queries.note(after.code_id, "cap_hit", {"userid": userid, "cap": obstacle})
        if before.tier is not after.tier:
            details = {"from": before.tier, "to": after.tier, "cause": cause}
            await queries.note(after.code_id, "tier_changed", details, actor=actor)

    async def _write(self, uow: UnitOfWork, before: KeptCode, after: KeptCode) -> None:
        queries, ways = LiveCodeQueries(uow), WayQueries(uow)
        await queries.decided(after)
        await queries.set_timer(after.code_id, _timer(after))
        if set(before.users) != set(after.users) or before.skip_verify != after.skip_verify:
            await queries.hasten(await queries.followers(after))
        if not after.users:
            await ways.withdraw(after.code_id)
            return
        wanted = Wanted(users=after.users, skip_verify=after.skip_verify)
        # Who must not be added any more is taken out at once; whose turn it is may wait a second.
        urgent = bool(set(before.users) - set(after.eligible))
        if not await ways.want(after.code_id, wanted, urgent=urgent):
            # A state of its own for each: what an unanswered call made is known by it, and by nothing else.
            state = await self._states.make(uow, after.corp_id, NewState(code_id=after.code_id))
            await ways.plan(
                after.code_id, after.corp_id, wanted, state=state, is_exclusive=after.is_exclusive
            )


def _led(code: KeptCode, found: Route) -> KeptCode:
    return replace(
        code,
        tier=found.tier,
        eligible=found.eligible,
        users=found.users,
        skip_verify=found.skip_verify,
        obstacles=found.obstacles,
        next_border=found.next_border,
    )


def _timer(code: KeptCode) -> datetime | None:
    if code.status is not CodeStatus.LIVE:
        return None
    instants = [at for at in (code.next_border, code.draft.ends_at) if at is not None]
    return min(instants, default=None)


def _standing(colleague: Colleague, added_today: int) -> Standing:
    return Standing(
        is_active=colleague.is_active,
        can_serve=colleague.can_serve,
        is_online=colleague.is_online,
        added_today=added_today,
        held=colleague.held,
    )


def _nothing() -> None:
    pass


def serving_tier(tier: Tier) -> bool:
    """Whether somebody serves: our page shows a code instead of the fallback (CW-2)."""
    return tier in (Tier.STAFF, Tier.BACKUP)
