"""What the console shows of the page beside chats: where it lies, and what members did there."""

from urllib.parse import urlsplit

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps, show_corp_id
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.directory.queries import DirectoryQueries
from quanyu.modules.staff.sidebar import views
from quanyu.modules.staff.sidebar.contracts import (
    SidebarAddress,
    SidebarAddresses,
    StaffDeed,
    StaffDeeds,
)
from quanyu.modules.staff.sidebar.queries import DeedQueries
from quanyu.modules.staff.sidebar.signing_in import page_of

_LATEST = 2**62


class SidebarRecords:
    """Reads addresses and the audit trail."""

    def __init__(self, keyring: KeyRing, *, public_url: str) -> None:
        self._keyring = keyring
        self._public_url = public_url

    async def addresses(self, uow: UnitOfWork) -> SidebarAddresses:
        """Return where each company's page lies, as its administrator enters it in WeCom."""
        parts = urlsplit(self._public_url)
        return SidebarAddresses(
            items=tuple(
                SidebarAddress(
                    corp=show_corp_id(corp.id),
                    corp_name=corp.name,
                    agent_id=corp.agent_id,
                    url=f"{self._public_url}{page_of(uow.tenant_id, corp.id)}",
                    domain=parts.netloc,
                    has_https=parts.scheme == "https",
                )
                for corp in await Corps().list(uow)
            )
        )

    async def deeds(self, uow: UnitOfWork, *, cursor: str | None, limit: int | None) -> StaffDeeds:
        """Return what members did, newest first."""
        before = decode_cursor(cursor, int)[0] if cursor else _LATEST
        size = clamp_limit(limit)
        rows = await DeedQueries(uow).page(before=before, limit=size + 1)
        shown = []
        for row in rows[:size]:
            corp_id = AccountId(row.corp_id)
            token = None if row.customer_token is None else bytes(row.customer_token)
            members = await DirectoryQueries(uow).by_userids(corp_id, [row.userid])
            contacts = await ContactQueries(uow).find(corp_id, [token] if token else [])
            shown.append(
                StaffDeed(
                    id=encode_id("sbd", row.id),
                    corp=show_corp_id(corp_id),
                    userid=row.userid,
                    name=members[row.userid].shown_name if row.userid in members else row.userid,
                    what=row.what,
                    customer_name=views.name_of(contacts.get(token), self._keyring) if token else "",
                    person_id=None if row.person_id is None else encode_id("per", row.person_id),
                    fields=tuple(row.fields),
                    state=row.state,
                    reason=row.reason,
                    at=row.at,
                )
            )
        following = encode_cursor(rows[size - 1].id) if len(rows) > size else None
        return StaffDeeds(items=tuple(shown), next_cursor=following)
