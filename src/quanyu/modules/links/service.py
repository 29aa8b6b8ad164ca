"""Short links: the module's public face."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId, encode_id, new_id
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.links import queries
from quanyu.modules.links.codes import new_code, token_of
from quanyu.modules.links.contracts import (
    MESSAGE_LINK_LASTS,
    NAME_MAX,
    PREFIX,
    Copy,
    Destination,
    LinkStatistics,
    LinkView,
    SaveLink,
    Utm,
    Wanted,
)
from quanyu.modules.links.errors import LinkNotFound, MadeByMessage, TooManyLinks
from quanyu.modules.links.queries import CodeRow, LinkRow
from quanyu.modules.links.statistics import LinkFigures, Sums
from quanyu.modules.links.targets import bare, check_target, with_utm

PATH: Final = "/s/"
LINKS_MAX: Final = 5_000  # Made by hand, in a brand.
_KEEP_OVER: Final = timedelta(days=30)  # Who comes late is told that it is over, not that it never was.
_FORGET_MAX: Final = 5_000


class ShortLinks:
    """Make links, give each person their own copy, say where an address leads, and count."""

    def __init__(self, keyring: KeyRing, figures: LinkFigures, *, public_url: str) -> None:
        self._keyring = keyring
        self._figures = figures
        self._base = f"{public_url.rstrip('/')}{PATH}"

    # --- made by hand -------------------------------------------------------------------------------------

    async def create(self, uow: UnitOfWork, link: SaveLink) -> LinkView:
        """Make a link everybody opens by the same address.

        Raises:
            InvalidTarget: it is no http or https address.
            TooManyLinks: the brand has ``LINKS_MAX``.
        """
        if await queries.count_own(uow) >= LINKS_MAX:
            raise TooManyLinks(
                f"a brand has at most {LINKS_MAX} links; change one nobody needs any more",
                message_zh=f"一个品牌最多 {LINKS_MAX} 个短链接，请改用不再需要的",
            )
        link_id = new_id()
        await queries.insert_own(
            uow,
            link_id,
            name=link.name,
            target=check_target(link.target),
            utm=link.utm.model_dump(),
            code=new_code(),
            expires_at=link.expires_at,
        )
        return self._view(uow.tenant_id, await _get(uow, link_id), None)

    async def change(self, uow: UnitOfWork, link_id: int, link: SaveLink) -> LinkView:
        """Let a link lead elsewhere from now on: what is printed stays valid.

        Raises:
            LinkNotFound, InvalidTarget
            MadeByMessage: it came about by a message.
        """
        row = await queries.find(uow, link_id, lock=True)
        if row is None:
            raise _not_found()
        if row.made_for is not None:
            raise MadeByMessage(
                "this link came about by a message; write the message differently",
                message_zh="该链接由消息产生，请修改消息内容",
            )
        await queries.update_own(
            uow,
            link_id,
            name=link.name,
            target=check_target(link.target),
            utm=link.utm.model_dump(),
            expires_at=link.expires_at,
        )
        return self._view(uow.tenant_id, await _get(uow, link_id), None)

    async def get(self, uow: UnitOfWork, link_id: int) -> LinkView:
        """Return a link.

        Raises:
            LinkNotFound: this brand has no such link.
        """
        row = await _get(uow, link_id)
        sums = await self._sums(uow, [row])
        return self._view(uow.tenant_id, row, _of(sums, row))

    async def list_links(
        self, uow: UnitOfWork, *, campaign: str = "", cursor: str | None = None, limit: int | None = None
    ) -> Page[LinkView]:
        """Return links, newest first; those of one journey or broadcast where it is named.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        size = clamp_limit(limit)
        before_id = decode_cursor(cursor, int)[0] if cursor else None
        rows = await queries.list_links(uow, campaign=campaign, before_id=before_id, rows_max=size + 1)
        shown = rows[:size]
        sums = await self._sums(uow, shown)
        items = tuple(self._view(uow.tenant_id, row, _of(sums, row)) for row in shown)
        return Page(items, encode_cursor(shown[-1].id) if len(rows) > size else None)

    async def statistics(self, uow: UnitOfWork, link_id: int, *, days: int, zone: str) -> LinkStatistics:
        """Return what came of a link in the last days, by day of the brand's zone.

        Raises:
            LinkNotFound: this brand has no such link.
            WarehouseUnavailable: history is away.
        """
        await _get(uow, link_id)
        async with uow.apart():
            return await self._figures.of_link(
                uow.tenant_id, encode_id(PREFIX, link_id), now=uow.clock.now(), days=days, zone=zone
            )

    async def _sums(self, uow: UnitOfWork, rows: Sequence[LinkRow]) -> Mapping[int, Sums] | None:
        if not rows:
            return {}
        names = {encode_id(PREFIX, row.id): row.id for row in rows}
        async with uow.apart():
            found = await self._figures.last_30_days(uow.tenant_id, list(names), now=uow.clock.now())
        return None if found is None else {names[name]: sums for name, sums in found.items()}

    def _view(self, tenant_id: TenantId, row: LinkRow, sums: Sums | None) -> LinkView:
        return LinkView(
            id=encode_id(PREFIX, row.id),
            name=row.name,
            target=row.target,
            utm=Utm(**row.utm),
            url=self.address(tenant_id, row.code) if row.code else None,
            journey_id=row.campaign if row.campaign.startswith("jrn_") else None,
            node_id=row.node_id or None,
            broadcast_id=row.campaign if row.campaign.startswith("bct_") else None,
            expires_at=row.expires_at,
            created_at=row.created_at,
            clicks=sums.clicks if sums else None,
            people=sums.people if sums else None,
            bots=sums.bots if sums else None,
        )

    # --- in messages --------------------------------------------------------------------------------------

    def address(self, tenant_id: TenantId, code: str) -> str:
        """Return the address of a code."""
        return f"{self._base}{token_of(tenant_id, code)}"

    def wanted(self, target: str, name: str = "") -> Wanted:
        """Check a link that a message asks for; without a name its clicks are counted under its path.

        Raises:
            InvalidTarget: it is no http or https address.
        """
        checked = check_target(target)
        return Wanted((name.strip() or bare(checked))[:NAME_MAX], checked)

    async def write_copies(self, uow: UnitOfWork, copies: Sequence[Copy]) -> None:
        """Write the links of messages, in the transaction that plans them: no message without its links."""
        if not copies:
            return
        links = await queries.ensure(
            uow, list({_key(one): _link_of(one, uow.clock.now()) for one in copies}.values())
        )
        rows = [self._code_row(uow.tenant_id, one, links[_key(one)]) for one in copies]
        await queries.insert_codes(uow, rows, expires_at=uow.clock.now() + MESSAGE_LINK_LASTS)

    async def follow_messages(self, uow: UnitOfWork, moved: Mapping[int, PersonId]) -> None:
        """Give people's copies along with their messages; idempotent."""
        if moved:
            await queries.follow_messages(uow, moved)

    def _code_row(self, tenant_id: TenantId, copy: Copy, link: LinkRow) -> CodeRow:
        target = None
        if copy.wanted.target != link.target:  # What differs by person may be about them.
            context = _context(tenant_id, copy.code)
            target = self._keyring.seal(copy.wanted.target.encode(), context=context)
        return CodeRow(copy.code, link.id, copy.person_id, copy.message_id, target)

    # --- at the door --------------------------------------------------------------------------------------

    async def open(self, uow: UnitOfWork, code: str) -> Destination | None:
        """Return where a code leads, or ``None`` if this brand never gave it out."""
        found = await queries.find_code(uow, code)
        if found is None:
            return None
        target = found.target
        if found.target_sealed is not None:
            context = _context(uow.tenant_id, code)
            target = self._keyring.open(bytes(found.target_sealed), context=context).decode()
        utm = Utm(**found.utm).marks()
        now = uow.clock.now()
        return Destination(
            link_id=found.link_id,
            target=with_utm(target, utm),
            utm=utm,
            person_id=found.person_id,
            message_id=found.message_id,
            campaign=found.campaign,
            node_id=found.node_id,
            is_over=any(end is not None and end <= now for end in (found.expires_at, found.link_expires_at)),
        )

    async def forget_over(self, uow: UnitOfWork) -> int:
        """Delete some copies that ended a while ago; return how many."""
        return await queries.forget_over(uow, before=uow.clock.now() - _KEEP_OVER, rows_max=_FORGET_MAX)


async def _get(uow: UnitOfWork, link_id: int) -> LinkRow:
    row = await queries.find(uow, link_id)
    if row is None:
        raise _not_found()
    return row


def _of(sums: Mapping[int, Sums] | None, row: LinkRow) -> Sums | None:
    """Return a link's sums: none counted is zero, history away is not known."""
    return None if sums is None else sums.get(row.id, Sums())


def _not_found() -> LinkNotFound:
    return LinkNotFound("this brand has no such link", message_zh="没有这个短链接")


def _made_for(copy: Copy) -> str:
    return f"{copy.campaign}:{copy.node_id}"


def _key(copy: Copy) -> tuple[str, str]:
    return _made_for(copy), copy.wanted.name


def _link_of(copy: Copy, now: datetime) -> LinkRow:
    utm = Utm(source=copy.channel, medium="message", campaign=copy.campaign)
    return LinkRow(
        id=new_id(),
        name=copy.wanted.name,
        target=bare(copy.wanted.target),
        utm=utm.model_dump(),
        made_for=_made_for(copy),
        campaign=copy.campaign,
        node_id=copy.node_id,
        code=None,
        expires_at=None,
        created_at=now,
    )


def _context(tenant_id: TenantId, code: str) -> bytes:
    return f"link:{tenant_id}:{code}".encode()
