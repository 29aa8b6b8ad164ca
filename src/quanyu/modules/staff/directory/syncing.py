"""Syncing departments and members: list everybody, then have ``MemberWorker`` ask about each."""

from datetime import timedelta
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.syncs.contracts import SyncKind, SyncStage, SyncState
from quanyu.modules.channels.syncs.queries import KeptSync, SyncQueries
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.contracts import CorpSecret
from quanyu.modules.channels.wecom.errors import SecretMissing
from quanyu.modules.staff.directory.contracts import Department
from quanyu.modules.staff.directory.listing import ListedMembers
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.wechat.errors import PlatformRefusal
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import departments as department_wire
from quanyu.wechat.wecom import members as wire
from quanyu.wechat.wecom.client import WeComClient

_PAGE: Final = 1_000  # The platform gives 10,000; these are written in one transaction.
_LOOK: Final = timedelta(seconds=1)
_ROOT: Final = 1
_CURSOR: Final = b"staff.sync_cursor"


class StaffSync:
    """The steps of syncs of departments and of staff."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: CorpClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients

    async def step(self, tenant_id: TenantId, sync: KeptSync) -> None:
        """Take the next step."""
        if sync.stage is SyncStage.DEPARTMENTS:
            await self._departments(tenant_id, sync)
        elif sync.stage is SyncStage.MEMBERS:
            await self._members_page(tenant_id, sync)
        else:
            await self._look_at_asking(tenant_id, sync)

    async def _departments(self, tenant_id: TenantId, sync: KeptSync) -> None:
        client = await self._clients.get(tenant_id, sync.account_id)
        found = await client.departments()
        async with self._uows.system(tenant_id) as uow:
            rows = [_department(sync, one) for one in found]
            await DirectoryQueries(uow).replace_departments(sync.account_id, rows)
            if sync.kind is SyncKind.DEPARTMENTS:
                await SyncQueries(uow).finish(sync, SyncState.DONE)
                return
            now = uow.clock.now()
            await SyncQueries(uow).move(sync, stage=SyncStage.MEMBERS, cursor=None, next_step_at=now)

    async def _members_page(self, tenant_id: TenantId, sync: KeptSync) -> None:
        place = "" if sync.cursor is None else self._keyring.open(sync.cursor, context=_CURSOR).decode()
        userids, following = await self._list(tenant_id, sync, place)
        async with self._uows.system(tenant_id) as uow:
            listed = ListedMembers(uow, sync)
            await listed.add(userids)
            now = uow.clock.now()
            if following:
                sealed = self._keyring.seal(following.encode(), context=_CURSOR)
                await SyncQueries(uow).move(sync, stage=sync.stage, cursor=sealed, next_step_at=now)
                return
            # Who was not listed may have left, or the app may not see them: asking tells.
            await listed.ask_about_missing()
            await SyncQueries(uow).move(
                sync,
                stage=SyncStage.MEMBER_DETAILS,
                cursor=None,
                next_step_at=now,
                total=await listed.count(),
            )

    async def _list(self, tenant_id: TenantId, sync: KeptSync, place: str) -> tuple[list[str], str]:
        """Return a page of member ids and the place of the next.

        The list of ids is meant for the contacts secret; an app that may not read it lists by department.
        """
        app = await self._clients.get(tenant_id, sync.account_id)
        try:
            client = await self._clients.get(tenant_id, sync.account_id, CorpSecret.CONTACTS)
        except SecretMissing:
            client = app
        try:
            page = await client.call(wire.LIST_IDS, wire.IdsRequest(cursor=place, limit=_PAGE))
        except PlatformRefusal as error:
            if error.action is not Action.GIVE_UP:
                raise
            return await _by_departments(app), ""
        served = list(await app.follow_users()) if not page.next_cursor else []
        return sorted({one.userid for one in page.dept_user} | set(served)), page.next_cursor

    async def _look_at_asking(self, tenant_id: TenantId, sync: KeptSync) -> None:
        """``MemberWorker`` asks; this only tells how far it is and waits until nobody is left."""
        async with self._uows.system(tenant_id) as uow:
            listed = ListedMembers(uow, sync)
            waiting = await listed.count_waiting()
            asked = max(0, await listed.count() - waiting) - sync.listed
            look = uow.clock.now() + business_span(uow.clock, _LOOK)
            queries = SyncQueries(uow)
            await queries.move(sync, stage=sync.stage, cursor=None, next_step_at=look, listed=asked)
            if waiting == 0:
                await queries.finish(sync, SyncState.DONE)


async def _by_departments(client: WeComClient) -> list[str]:
    request = wire.DepartmentRequest(department_id=_ROOT, fetch_child=1)
    found = (await client.call(wire.LIST_BRIEF, request)).userlist
    return sorted({one.userid for one in found} | set(await client.follow_users()))


def _department(sync: KeptSync, found: department_wire.Department) -> Department:
    return Department(
        corp_id=sync.account_id,
        department_id=found.id,
        name=found.name or str(found.id),
        parent_id=found.parentid,
        place=found.order,
        leaders=found.department_leader,
    )
