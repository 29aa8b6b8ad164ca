"""Mini programs an official account has linked: its menus and messages may open them."""

from dataclasses import dataclass

from wechat_sandbox.accounts import Account, AccountKind
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One linked mini program."""

    appid: str
    notify_users: bool
    show_profile: bool


class Linked:
    """The links of one account; mini programs of the sandbox itself are linked from the start."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._shelf = Shelf(world.store, "linked", Link)
        self._cut = Shelf(world.store, "unlinked", bool)

    def add(self, link: Link) -> None:
        self._cut.drop(self._account.appid, link.appid)
        self._shelf.put(self._account.appid, link.appid, link)

    def remove(self, appid: str) -> bool:
        """Cut a link and tell whether there was one."""
        known = self.has(appid)
        self._shelf.drop(self._account.appid, appid)
        self._cut.put(self._account.appid, appid, True)
        return known

    def has(self, appid: str) -> bool:
        return appid in {link.appid for link in self.all()}

    def all(self) -> list[Link]:
        own = [
            Link(appid=one.appid, notify_users=False, show_profile=True)
            for one in self._world.accounts.values()
            if one.kind is AccountKind.MINI_PROGRAM and self._cut.find(self._account.appid, one.appid) is None
        ]
        made = self._shelf.values(self._account.appid)
        return own + [link for link in made if link.appid not in {one.appid for one in own}]
