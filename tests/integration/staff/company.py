"""A company in the sandbox, connected over the wire, with the clocks of both sides moved together."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.sandbox.rig import Rig
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import CUSTOMER_NAMESPACE, ConnectCorp
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.channels.wecom.service import CorpDesk
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.customers.keeping import Heard, keep
from quanyu.modules.staff.customers.rules import News, NewsKind
from quanyu.modules.staff.directory.contracts import Member, MemberId, MemberStatus
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.wechat.transport import Transport


@dataclass
class Company:
    """Both sides of one connected company."""

    rig: Rig
    clock: FixedClock
    uows: UnitOfWorkFactory
    keyring: KeyRing
    clients: CorpClients
    tenant_id: TenantId
    corp_id: AccountId
    shown_id: str
    app_id: str
    agent_id: int
    externals: dict[int, str] = field(default_factory=dict)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        return await self.rig.control(method, f"/corps/{self.app_id}{path}", body)

    def advance(self, span: timedelta) -> None:
        """Let time pass on both sides."""
        self.clock.advance(span)
        self.rig.clock.advance(span.total_seconds())

    def token(self, person: int) -> bytes:
        return self.keyring.blind(CUSTOMER_NAMESPACE, self.app_id, self.externals[person])

    async def staff(self, *userids: str) -> None:
        """Know these members here."""
        now = self.clock.now()
        async with self.uows.system(self.tenant_id) as uow:
            await DirectoryQueries(uow).save(
                [
                    Member(
                        corp_id=self.corp_id,
                        member_id=MemberId(new_id()),
                        userid=userid,
                        name=f"成员{userid[-2:]}",
                        status=MemberStatus.ACTIVE,
                        can_serve=True,
                        created_at=now,
                        updated_at=now,
                    )
                    for userid in userids
                ]
            )

    async def add(self, userid: str, *people: int, at: datetime | None = None, state: str = "") -> None:
        """Let people and a member add each other, there and here."""
        for person in people:
            link = await self.control("POST", f"/customers/{person}/add", {"userid": userid})
            self.externals[person] = str(link["external_userid"])
        async with self.uows.system(self.tenant_id) as uow:
            heard = {
                RelationKey(self.corp_id, userid, self.token(person)): Heard(
                    news=[News(NewsKind.ADDED, at or self.clock.now())],
                    state=state,
                    state_at=at or self.clock.now(),
                )
                for person in people
            }
            await keep(uow, heard)
            sealed = {
                self.token(person): self.keyring.seal(self.externals[person].encode()) for person in people
            }
            await ContactQueries(uow).keep_ids(self.corp_id, sealed)

    async def leave(self, userid: str) -> None:
        """Let a member leave, there and here."""
        await self.control("POST", f"/staff/{userid}/leave")
        async with self.uows.system(self.tenant_id) as uow:
            await uow.execute(
                "UPDATE staff_member SET left_at = :now WHERE tenant_id = :tenant AND userid = :userid",
                {"now": self.clock.now(), "tenant": self.tenant_id, "userid": userid},
            )

    async def facts(self, prefix: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the facts whose names begin so, in order."""
        async with self.uows.system(self.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT name, properties FROM log_event WHERE tenant_id = :tenant AND name LIKE :like "
                "ORDER BY position",
                {"tenant": self.tenant_id, "like": f"{prefix}%"},
            )
            return [(row.name, row.properties) for row in rows]


async def connect(
    rig: Rig,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    keyring: KeyRing,
    transport: Transport,
    tenant_id: TenantId,
    *,
    staff: int = 6,
) -> Company:
    """Make a company in the sandbox and connect it."""
    clock.advance(datetime.fromtimestamp(rig.clock.now(), UTC) - clock.now())
    corp = (await rig.control("POST", "/corps", {"staff": staff}))["corp"]
    agent = corp["agents"][0]
    clients = CorpClients(uows, keyring, transport)
    channels = Channels(
        keyring, AccountClients(uows, keyring, transport), transport, public_url="http://127.0.0.1:1"
    )
    desk = CorpDesk(channels, keyring, Corps(), clients, transport)
    command = ConnectCorp(
        corp_id=corp["corpid"],
        agent_id=agent["agentid"],
        app_secret=agent["secret"],
        name=corp["name"],
        base_url=f"{rig.sandbox.url}/qyapi.weixin.qq.com",
    )
    async with uows.app(tenant_id) as uow:
        shown = (await desk.connect(uow, command)).corp
    return Company(
        rig=rig,
        clock=clock,
        uows=uows,
        keyring=keyring,
        clients=clients,
        tenant_id=tenant_id,
        corp_id=read_corp_id(shown.id),
        shown_id=shown.id,
        app_id=corp["corpid"],
        agent_id=agent["agentid"],
    )
