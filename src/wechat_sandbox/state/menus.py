"""Custom menus: the one for everyone, conditional ones for some, and what a person is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from wechat_sandbox.accounts import Account, MenuButton
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.identities import client_platform_of
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

CONDITIONAL_DOMAINS_MAX = 3
_FIRST_MENU_ID = 400_000_000
_DEFAULT = "default"

Button = dict[str, Any]  # As it came over the wire.


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """One menu; a menu without buttons says that the account has removed its menu."""

    menuid: int
    button: tuple[Button, ...]
    matchrule: dict[str, Any] = field(default_factory=dict)

    def leaves(self) -> Iterator[Button]:
        """Yield the buttons that do something."""
        for button in self.button:
            yield from button.get("sub_button") or (button,)


class Menus:
    """The menus of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._main = Shelf(world.store, "menu", Menu)
        self._conditional = Shelf(world.store, "menu_conditional", Menu)

    def create(self, buttons: list[Button]) -> None:
        """Publish the menu for everyone."""
        menu = Menu(menuid=self._next_id(), button=tuple(buttons))
        self._main.put(self._account.appid, _DEFAULT, menu)

    def delete(self) -> None:
        """Remove all menus, the conditional ones too."""
        self._main.put(self._account.appid, _DEFAULT, Menu(menuid=0, button=()))
        self._conditional.clear(self._account.appid)

    def find_made(self) -> Menu | None:
        """Return the menu made through the API, None when there is none."""
        menu = self._main.find(self._account.appid, _DEFAULT)
        return menu if menu is not None and menu.button else None

    def current(self) -> Menu:
        """Return the menu in force, also one made in the console."""
        menu = self._main.find(self._account.appid, _DEFAULT)
        if menu is not None:
            return menu
        return Menu(menuid=_FIRST_MENU_ID - 1, button=tuple(_as_button(one) for one in self._account.menu))

    def add_conditional(self, buttons: list[Button], matchrule: dict[str, Any]) -> int:
        """Publish a menu for some (65303 without one for everyone, 65316 above three domains)."""
        if not self.current().button:
            raise PlatformError(65303)
        menu = Menu(menuid=self._next_id(), button=tuple(buttons), matchrule=matchrule)
        domains = {domain for one in (*self.conditional(), menu) for domain in _domains(one)}
        if len(domains) > CONDITIONAL_DOMAINS_MAX:
            raise PlatformError(65316)
        self._conditional.put(self._account.appid, str(menu.menuid), menu)
        return menu.menuid

    def delete_conditional(self, menuid: int) -> None:
        if not self._conditional.drop(self._account.appid, str(menuid)):
            raise PlatformError(65301)

    def conditional(self) -> list[Menu]:
        """Return conditional menus, the latest first, which is the order they are tried in."""
        return self._conditional.values(self._account.appid)[::-1]

    def shown_to(self, relation: Relation) -> Menu:
        """Return the menu a person sees."""
        for menu in self.conditional():
            if self._matches(menu.matchrule, relation):
                return menu
        return self.current()

    def shows_media(self, media_id: str) -> bool:
        """Tell whether any menu in force shows a file."""
        menus = (self.current(), *self.conditional())
        return any(leaf.get("media_id") == media_id for menu in menus for leaf in menu.leaves())

    def _matches(self, rule: dict[str, Any], relation: Relation) -> bool:
        tag = rule.get("tag_id", rule.get("group_id"))
        if tag not in (None, ""):
            # With several tags the one applied last decides.
            last = relation.tagid_list[-1] if relation.tagid_list else None
            if last != int(str(tag)):
                return False
        platform = rule.get("client_platform_type")
        if platform in (None, ""):
            return True
        return int(str(platform)) == client_platform_of(self._world.seed, relation.person)

    def _next_id(self) -> int:
        key = f"last_menu:{self._account.appid}"
        following = int(self._world.store.read_meta(key) or _FIRST_MENU_ID) + 1
        self._world.store.write_meta(key, following)
        return following


def _as_button(button: MenuButton) -> Button:
    fields: Button = {"type": button.type, "name": button.name, "key": button.key, "url": button.url}
    fields["sub_button"] = [_as_button(one) for one in button.sub_button]
    return {name: value for name, value in fields.items() if value}


def _domains(menu: Menu) -> set[str]:
    hosts = (urlsplit(str(leaf.get("url", ""))).hostname for leaf in menu.leaves())
    return {host for host in hosts if host}
