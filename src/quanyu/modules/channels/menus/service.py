"""Menus as people draw and publish them.

The intent to publish is committed, the platform is asked, the outcome is committed. Publishing the default
menu replaces it, so repeating is safe; a conditional one is looked for among the platform's after a lost
answer, so that none is made twice.
"""

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.errors import Conflict, NotFound
from quanyu.kernel.ids import TenantId, decode_id, encode_id, new_id
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.menus import wire
from quanyu.modules.channels.menus.contracts import (
    CONDITIONAL_DOMAINS_MAX,
    MENU_PREFIX,
    PUBLICATION_PREFIX,
    MatchOutcome,
    Menu,
    MenuDraft,
    MenuId,
    Publication,
    PublicationAction,
    PublicationState,
    domains,
    keys,
)
from quanyu.modules.channels.menus.queries import KeptMenu, MenuQueries
from quanyu.modules.channels.replies.queries import ReplyQueries
from quanyu.wechat.calls import Nothing
from quanyu.wechat.errors import OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.official_account import menu as wx
from quanyu.wechat.official_account.client import OfficialAccountClient

_HISTORY_MAX = 100
_NO_MENU = 46003


class UnknownMenu(NotFound):
    """The account has no such menu."""

    code = "channels.unknown_menu"


class MenuConflict(Conflict):
    """The menu does not fit beside the others, or is in another state."""

    code = "channels.menu_conflict"


class MenuDesk:
    """Draw, publish and withdraw menus."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, clients: AccountClients) -> None:
        self._uows = uows
        self._keyring = keyring
        self._clients = clients

    async def list_menus(self, uow: UnitOfWork, account_id: AccountId) -> tuple[Menu, ...]:
        """Return the default menu, then the conditional ones."""
        answered = (await ReplyQueries(uow).read_book(account_id, 0)).menu
        return tuple(_shown(menu, set(answered)) for menu in await MenuQueries(uow).list_menus(account_id))

    async def save(
        self, uow: UnitOfWork, account_id: AccountId, menu_id: MenuId | None, draft: MenuDraft
    ) -> Menu:
        """Keep a draft; nothing is published. Without ``menu_id`` the default menu, or a new conditional one.

        Raises:
            UnknownMenu: there is no such menu.
            MenuConflict: a default menu cannot become a conditional one, nor the reverse.
        """
        queries = MenuQueries(uow)
        if menu_id is not None:
            await self._get(queries, account_id, menu_id)
        elif draft.match is None:
            default = await queries.find_default(account_id)
            menu_id = default.menu_id if default else None
        saved_id = menu_id or MenuId(new_id())
        if not await queries.save(account_id, saved_id, draft):
            raise MenuConflict(
                "a default menu stays one, and a conditional one too: make another",
                message_zh="默认菜单与个性化菜单不能互相转换，请另建菜单",
            )
        return next(
            menu
            for menu in await self.list_menus(uow, account_id)
            if menu.id == encode_id(MENU_PREFIX, saved_id)
        )

    async def delete(self, uow: UnitOfWork, account_id: AccountId, menu_id: MenuId) -> None:
        """Delete a draft that is not published.

        Raises:
            UnknownMenu, MenuConflict
        """
        queries = MenuQueries(uow)
        menu = await self._get(queries, account_id, menu_id)
        if menu.published is not None:
            raise MenuConflict("withdraw the menu first", message_zh="请先撤回已发布的菜单")
        await queries.delete(menu)

    async def publish(
        self, tenant_id: TenantId, account_id: AccountId, menu_id: MenuId, *, actor: str
    ) -> Menu:
        """Publish the draft as it is; people see it within five minutes.

        Raises:
            UnknownMenu: there is no such menu.
            MenuConflict: it is conditional and there is no default menu, or links to too many domains.
            PlatformRefusal, TransportError: as the platform says; kept in the history.
        """
        async with self._uows.app(tenant_id) as uow:
            menu = await self._get(MenuQueries(uow), account_id, menu_id)
            if menu.draft.match is not None:
                await self._require_place(uow, menu)
            publication = new_id()
            await MenuQueries(uow).begin(publication, menu, PublicationAction.PUBLISH, actor)
        client = await self._clients.client(tenant_id, account_id)
        try:
            platform_id = await _publish(client, menu)
        except WechatError as error:
            await self._failed(tenant_id, publication, error)
            raise
        async with self._uows.app(tenant_id) as uow:
            await MenuQueries(uow).published(menu, menu.draft, platform_id)
            await MenuQueries(uow).end(publication, PublicationState.DONE)
            return await self._shown_by_id(uow, menu)

    async def withdraw(
        self, tenant_id: TenantId, account_id: AccountId, menu_id: MenuId, *, actor: str
    ) -> Menu:
        """Take a menu off the platform; with the default one go all conditional ones. Idempotent.

        Raises:
            UnknownMenu, PlatformRefusal, TransportError
        """
        async with self._uows.app(tenant_id) as uow:
            menu = await self._get(MenuQueries(uow), account_id, menu_id)
            publication = new_id()
            await MenuQueries(uow).begin(publication, menu, PublicationAction.WITHDRAW, actor)
        client = await self._clients.client(tenant_id, account_id)
        try:
            if menu.draft.match is None:
                await client.call(wx.DELETE, Nothing())
            elif menu.platform_id:
                await client.call(wx.DELETE_CONDITIONAL, wx.MenuIdRequest(menuid=int(menu.platform_id)))
        except WechatError as error:
            await self._failed(tenant_id, publication, error)
            raise
        async with self._uows.app(tenant_id) as uow:
            await MenuQueries(uow).withdrawn(menu)
            await MenuQueries(uow).end(publication, PublicationState.DONE)
            return await self._shown_by_id(uow, menu)

    async def pull(self, tenant_id: TenantId, account_id: AccountId) -> int:
        """Take over the menus the platform shows, as drafts that are published; return how many.

        Ours that are published there already are left alone; so are those with withdrawn conditions.
        """
        client = await self._clients.client(tenant_id, account_id)
        shown = await _menus_of(client)
        taken = 0
        async with self._uows.app(tenant_id) as uow:
            queries = MenuQueries(uow)
            known = await queries.list_menus(account_id)
            for number, menu in enumerate(shown):
                draft = wire.from_platform(menu, "默认菜单" if number == 0 else f"个性化菜单 {menu.menuid}")
                if draft is None or any(_is_same(one, menu, draft) for one in known):
                    continue
                default = await queries.find_default(account_id) if draft.match is None else None
                kept_id = default.menu_id if default else MenuId(new_id())
                await queries.save(account_id, kept_id, draft)
                kept = await self._get(queries, account_id, kept_id)
                await queries.published(kept, draft, str(menu.menuid or ""))
                taken += 1
        return taken

    async def history(self, uow: UnitOfWork, account_id: AccountId) -> tuple[Publication, ...]:
        """Return what was published and withdrawn, newest first."""
        return tuple(
            Publication(
                id=encode_id(PUBLICATION_PREFIX, one.publication_id),
                menu_id=encode_id(MENU_PREFIX, one.menu_id),
                action=one.action,
                state=one.state,
                reason=one.reason,
                reason_zh=one.reason_zh,
                name=one.draft.name,
                buttons=one.draft.buttons,
                match=one.draft.match,
                actor=one.actor,
                at=one.at,
            )
            for one in await MenuQueries(uow).list_publications(account_id, limit=_HISTORY_MAX)
        )

    async def match(self, tenant_id: TenantId, account_id: AccountId, person_id: int) -> MatchOutcome:
        """Ask the platform which menu a person sees.

        Raises:
            NotFound: this account knows no openid of the person.
            PlatformRefusal, TransportError
        """
        async with self._uows.app(tenant_id) as uow:
            sealed = await MenuQueries(uow).openid_of(account_id, person_id)
        if sealed is None:
            raise NotFound("the account knows no openid of this person", message_zh="该用户未关注此公众号")
        client = await self._clients.client(tenant_id, account_id)
        request = wx.TryMatchRequest(user_id=self._keyring.open(sealed).decode())
        found = await client.call(wx.TRY_MATCH, request)
        return MatchOutcome(buttons=tuple(_plain(button) for button in found.button))

    async def _require_place(self, uow: UnitOfWork, menu: KeptMenu) -> None:
        others = [
            one
            for one in await MenuQueries(uow).list_menus(menu.account_id)
            if one.menu_id != menu.menu_id and one.published is not None
        ]
        if all(one.draft.match is not None for one in others):
            raise MenuConflict(
                "publish the default menu first: conditional ones stand beside it",
                message_zh="请先发布默认菜单，再发布个性化菜单",
            )
        linked = set(domains(menu.draft.buttons))
        for one in others:
            if one.published is not None and one.published.match is not None:
                linked |= domains(one.published.buttons)
        if len(linked) > CONDITIONAL_DOMAINS_MAX:
            raise MenuConflict(
                f"conditional menus link to at most {CONDITIONAL_DOMAINS_MAX} domains together, "
                f"with this one to {len(linked)}: {', '.join(sorted(linked))}",
                message_zh=f"全部个性化菜单最多链接到 {CONDITIONAL_DOMAINS_MAX} 个域名，"
                f"发布后将有 {len(linked)} 个：{'、'.join(sorted(linked))}",
            )

    async def _failed(self, tenant_id: TenantId, publication: int, error: WechatError) -> None:
        state = PublicationState.UNKNOWN if isinstance(error, OutcomeUnknown) else PublicationState.FAILED
        async with self._uows.app(tenant_id) as uow:
            await MenuQueries(uow).end(
                publication, state, reason=error.message, reason_zh=error.message_zh or error.message
            )

    async def _shown_by_id(self, uow: UnitOfWork, menu: KeptMenu) -> Menu:
        listed = await self.list_menus(uow, menu.account_id)
        return next(one for one in listed if one.id == encode_id(MENU_PREFIX, menu.menu_id))

    async def _get(self, queries: MenuQueries, account_id: AccountId, menu_id: MenuId) -> KeptMenu:
        menu = await queries.find(account_id, menu_id)
        if menu is None:
            raise UnknownMenu("the account has no such menu", message_zh="没有这个菜单")
        return menu


async def _publish(client: OfficialAccountClient, menu: KeptMenu) -> str:
    """Publish a draft; return the platform's id of a conditional menu."""
    buttons = wire.to_platform(menu.draft.buttons)
    if menu.draft.match is None:
        await client.call(wx.CREATE, wx.CreateMenuRequest(button=buttons))
        return ""
    rule = wire.match_to_platform(menu.draft.match)
    try:
        made = await client.call(
            wx.CREATE_CONDITIONAL, wx.CreateConditionalRequest(button=buttons, matchrule=rule)
        )
        platform_id = made.menuid
    except OutcomeUnknown:
        found = [
            one.menuid
            for one in await _menus_of(client)
            if one.matchrule == rule and one.button == buttons and str(one.menuid) != menu.platform_id
        ]
        if not found:
            raise
        platform_id = found[0]
    if menu.platform_id:
        # The new one is tried first, so nobody sees neither while the old one goes.
        await _forget_conditional(client, int(menu.platform_id))
    return str(platform_id)


async def _forget_conditional(client: OfficialAccountClient, platform_id: int) -> None:
    try:
        await client.call(wx.DELETE_CONDITIONAL, wx.MenuIdRequest(menuid=platform_id))
    except PlatformRefusal:
        return  # It is gone already.


async def _menus_of(client: OfficialAccountClient) -> list[wx.Menu]:
    """Return the default menu and the conditional ones the platform shows."""
    try:
        found = await client.call(wx.GET, Nothing())
    except PlatformRefusal as error:
        if error.errcode == _NO_MENU:
            return []
        raise
    return [found.menu, *found.conditionalmenu]


def _is_same(kept: KeptMenu, menu: wx.Menu, draft: MenuDraft) -> bool:
    if kept.published is None:
        return False
    if draft.match is None:
        return kept.draft.match is None and kept.published.buttons == draft.buttons
    return bool(menu.menuid) and kept.platform_id == str(menu.menuid)


def _plain(button: wx.Button) -> dict[str, object]:
    shown: dict[str, object] = {"name": button.name, "type": button.type}
    if button.sub_button:
        shown["sub_buttons"] = [_plain(sub) for sub in button.sub_button]
    return shown


def _shown(menu: KeptMenu, answered: set[str]) -> Menu:
    return Menu(
        **menu.draft.model_dump(),
        id=encode_id(MENU_PREFIX, menu.menu_id),
        is_published=menu.published is not None,
        has_changes=menu.published is not None
        and (menu.published.buttons, menu.published.match) != (menu.draft.buttons, menu.draft.match),
        published_at=menu.published_at,
        unanswered_keys=tuple(key for key in keys(menu.draft.buttons) if key not in answered),
        updated_at=menu.updated_at,
    )


def read_menu_id(text: str) -> MenuId:
    """Read an id as shown outside (``mnu_…``).

    Raises:
        InvalidId: it is none.
    """
    return MenuId(decode_id(MENU_PREFIX, text))
