"""Live codes on a real database: members, codes, and what happens to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.staff.codes.adapters import DirectoryColleagues, RelationBonds
from quanyu.modules.staff.codes.borders import BorderWorker
from quanyu.modules.staff.codes.checking import Checker
from quanyu.modules.staff.codes.contracts import LiveCode, NewLiveCode
from quanyu.modules.staff.codes.leading import Lead, Leader
from quanyu.modules.staff.codes.ports import CustomerAdded, NoJoinWays
from quanyu.modules.staff.codes.queries import KeptCode, LiveCodeQueries
from quanyu.modules.staff.codes.quotas import QuotaMeter
from quanyu.modules.staff.codes.references import read_code_id
from quanyu.modules.staff.codes.routing import Router
from quanyu.modules.staff.codes.service import LiveCodeDesk
from quanyu.modules.staff.codes.states import CodeStates, LiveCodeId, StateSigner
from quanyu.modules.staff.codes.subscribers import LiveCodeSubscriber
from quanyu.modules.staff.customers.subscribers import CustomerSubscriber
from quanyu.modules.staff.directory.contracts import Member, MemberId, MemberStatus
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.tenants.service import Tenants

from .conftest import Corp


class GivenTags:
    """Remembers which tags were asked for."""

    def __init__(self) -> None:
        self.given: list[tuple[str, tuple[str, ...]]] = []

    async def give(self, uow: UnitOfWork, added: Sequence[CustomerAdded], tags: Sequence[str]) -> None:
        self.given += [(one.userid, tuple(tags)) for one in added]


@dataclass
class World:
    """Everything of live codes for one company."""

    uows: UnitOfWorkFactory
    corp: Corp
    states: CodeStates
    router: Router
    desk: LiveCodeDesk
    subscriber: LiveCodeSubscriber
    borders: BorderWorker
    leader: Leader
    tags: GivenTags

    @classmethod
    def of(cls, uows: UnitOfWorkFactory, corp: Corp, keyring: KeyRing, *, quota: int = 500_000) -> "World":
        async def zone_of(uow: UnitOfWork) -> str:
            return (await Tenants().get_brand(uow)).time_zone

        colleagues, bonds, tags = DirectoryColleagues(), RelationBonds(), GivenTags()
        states = CodeStates(StateSigner(keyring))
        router = Router(colleagues, states, zone_of)
        meter = QuotaMeter(NoJoinWays(), limit=quota)
        desk = LiveCodeDesk(
            colleagues=colleagues,
            states=states,
            router=router,
            meter=meter,
            checker=Checker(colleagues, meter),
            public_url="https://brand.example.com/",
        )
        return cls(
            uows=uows,
            corp=corp,
            states=states,
            router=router,
            desk=desk,
            subscriber=LiveCodeSubscriber(Corps(), states, router, bonds, tags),
            borders=BorderWorker(uows, router),
            leader=Leader(colleagues, bonds, states),
            tags=tags,
        )

    async def members(self, *userids: str, **change: Any) -> None:
        """Have these members, able to serve unless ``change`` says otherwise."""
        now = self.uows.clock.now()
        standing = {"status": MemberStatus.ACTIVE, "can_serve": True, "is_online": True, **change}
        async with self.uows.system(self.corp.tenant_id) as uow:
            known = await DirectoryQueries(uow).by_userids(self.corp.corp_id, userids)
            await DirectoryQueries(uow).save(
                [
                    Member(
                        corp_id=self.corp.corp_id,
                        member_id=known[userid].member_id if userid in known else MemberId(new_id()),
                        userid=userid,
                        name=userid.title(),
                        created_at=now,
                        updated_at=now,
                        **standing,
                    )
                    for userid in userids
                ]
            )

    async def create(self, members: dict[str, dict[str, Any]], **more: Any) -> LiveCodeId:
        """Make a code of these members."""
        command = NewLiveCode.model_validate(
            {
                "corp": "wcp_1",
                "name": "门店海报",
                "members": [{"userid": userid, **what} for userid, what in members.items()],
                **more,
            }
        )
        async with self.uows.app(self.corp.tenant_id) as uow:
            made = await self.desk.create(uow, self.corp.corp_id, command, actor="admin")
        return read_code_id(made.row.id)

    async def code(self, code_id: LiveCodeId) -> KeptCode:
        async with self.uows.app(self.corp.tenant_id) as uow:
            found = await LiveCodeQueries(uow).find(code_id)
        assert found is not None
        return found

    async def shown(self, code_id: LiveCodeId) -> LiveCode:
        async with self.uows.app(self.corp.tenant_id) as uow:
            return await self.desk.get(uow, code_id)

    async def state(self, code_id: LiveCodeId) -> str:
        """Return the state people bring who scan the platform's own picture."""
        async with self.uows.app(self.corp.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT state FROM live_code_way WHERE tenant_id = :tenant AND code_id = :code "
                "AND userid = '' AND phase <> 'removed' ORDER BY id DESC",
                {"tenant": uow.tenant_id, "code": code_id},
            )
            return str(rows.scalars().first())

    async def hear(self, *events: LogEvent) -> list[Fact]:
        """Tell relations and codes of events; return the facts codes stated."""
        async with self.uows.system(self.corp.tenant_id) as uow:
            await CustomerSubscriber().apply(uow, events, None)
            uow.facts.clear()
            await self.subscriber.apply(uow, events, None)
            stated = list(uow.facts)
            uow.facts.clear()
        return stated

    async def pass_borders(self) -> int:
        return await self.borders.run_once(self.corp.tenant_id)

    async def trail(self, code_id: LiveCodeId) -> list[tuple[str, dict[str, Any]]]:
        """Return what happened, oldest first."""
        async with self.uows.app(self.corp.tenant_id) as uow:
            found = await self.desk.trail(uow, code_id, before=None)
        return [(entry.what, entry.details) for entry in reversed(found.items)]

    async def lead(self, code_id: LiveCodeId, person_id: PersonId | None = None) -> Lead:
        async with self.uows.system(self.corp.tenant_id) as uow:
            return await self.leader.lead(uow, code_id, person_id)
