"""Where our page leads who opens it now: to a member, another place, or nowhere (CW-2, CW-10, CW-13)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.staff.codes.contracts import CodeStatus, Place, PlaceKind
from quanyu.modules.staff.codes.ports import Bonds, Colleagues
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.references import read_code_id
from quanyu.modules.staff.codes.routing import serving_tier
from quanyu.modules.staff.codes.states import CodeStates, LiveCodeId, NewState
from quanyu.modules.staff.codes.way_queries import Phase, Wanted, Way, WayQueries

STEPS_MAX: Final = 5  # From code to code.
_HOPELESS: Final = 3  # Failed pushes after which a page waits no longer.


class Shows(StrEnum):
    """What our page shows."""

    PICTURE = "picture"
    SOON = "soon"  # The platform is being told; look again in a second.
    ELSEWHERE = "elsewhere"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What to show."""

    shows: Shows
    name: str = ""  # The code's.
    qr_code: str = ""
    member: str = ""  # The name of the one member who serves this customer already.
    url: str = ""
    text: str = ""


class Leader:
    """Follows a code to where it leads now."""

    def __init__(self, colleagues: Colleagues, bonds: Bonds, states: CodeStates) -> None:
        self._colleagues = colleagues
        self._bonds = bonds
        self._states = states
        self._make_ways: Callable[[TenantId, LiveCodeId], Awaitable[int]] | None = None

    def make_ways_with(self, make: Callable[[TenantId, LiveCodeId], Awaitable[int]]) -> None:
        """Tell who asks the platform for a code that is needed at once."""
        self._make_ways = make

    async def lead(self, uow: UnitOfWork, code_id: LiveCodeId, person_id: PersonId | None) -> Lead:
        """Return what to show who opens the page; ``person_id`` if the link says who they are."""
        queries = LiveCodeQueries(uow)
        code = await queries.find(code_id)
        for _ in range(STEPS_MAX):
            if code is None:
                break
            if code.status is CodeStatus.LIVE:
                if code.is_exclusive and person_id is not None:
                    own = await self._own_member(uow, code, person_id)
                    if own is not None:
                        return own
                if serving_tier(code.tier):
                    shown = await self._picture(uow, code)
                    if shown is not None:
                        return shown
                place = code.draft.fallback
            else:
                place = code.redirect or Place()
            if place.kind is not PlaceKind.CODE:
                return _elsewhere(code, place)
            code = await queries.find(read_code_id(place.code))
        return Lead(shows=Shows.CLOSED)

    async def asks_who(self, uow: UnitOfWork, code_id: LiveCodeId) -> bool:
        """Whether it matters who opens the page: an exclusive code leads customers to their own member."""
        code = await LiveCodeQueries(uow).find(code_id)
        return code is not None and code.is_exclusive and code.status is CodeStatus.LIVE

    async def prepare(self, tenant_id: TenantId, code_id: LiveCodeId) -> None:
        """Ask the platform now for codes that wait to be made."""
        if self._make_ways is not None:
            await self._make_ways(tenant_id, code_id)

    async def _picture(self, uow: UnitOfWork, code: KeptCode) -> Lead | None:
        way = (await WayQueries(uow).current([code.code_id])).get(code.code_id)
        if way is None or (way.attempts >= _HOPELESS and not _is_right(way, code)):
            return (
                None  # The platform does not take what it should say: better elsewhere than to the wrong one.
            )
        if not way.qr_code or not _is_right(way, code):
            return Lead(shows=Shows.SOON, name=code.draft.name)
        return Lead(shows=Shows.PICTURE, name=code.draft.name, qr_code=way.qr_code)

    async def _own_member(self, uow: UnitOfWork, code: KeptCode, person_id: PersonId) -> Lead | None:
        """Lead a customer to whoever serves them already, members of the code first (CW-10)."""
        bonds = await self._bonds.of_person(uow, code.corp_id, person_id)
        named = {member.userid for member in code.draft.members}
        userids = sorted((bond.userid for bond in bonds), key=lambda userid: userid not in named)
        standing = await self._colleagues.standing(uow, code.corp_id, userids)
        for userid in userids:
            colleague = standing.get(userid)
            if colleague is not None and colleague.is_active and colleague.can_serve:
                way = await self._own_way(uow, code, userid)
                if way is None or way.phase is not Phase.LIVE or not way.qr_code:
                    return Lead(shows=Shows.SOON, name=code.draft.name)
                await WayQueries(uow).used(way)
                name = code.draft.name
                return Lead(shows=Shows.PICTURE, name=name, qr_code=way.qr_code, member=colleague.name)
        return None

    async def _own_way(self, uow: UnitOfWork, code: KeptCode, userid: str) -> Way | None:
        ways = WayQueries(uow)
        found = await ways.of_member(code.code_id, userid)
        if found is None:
            new = NewState(code_id=code.code_id, staff=userid)
            state = await self._states.make(uow, code.corp_id, new)
            await ways.plan(
                code.code_id,
                code.corp_id,
                Wanted(users=(userid,), skip_verify=True),
                state=state,
                is_exclusive=False,
                userid=userid,
            )
        return found


def _is_right(way: Way, code: KeptCode) -> bool:
    """Whether everybody the platform's code names may still be added."""
    return way.phase is Phase.LIVE and bool(way.actual_hash) and set(way.actual_users) <= set(code.eligible)


def _elsewhere(code: KeptCode, place: Place) -> Lead:
    if place.kind is PlaceKind.CLOSED:
        return Lead(shows=Shows.CLOSED, name=code.draft.name, text=place.text)
    return Lead(shows=Shows.ELSEWHERE, name=code.draft.name, url=place.url)
