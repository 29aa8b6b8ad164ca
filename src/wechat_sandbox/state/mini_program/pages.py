"""Which pages a mini program has published.

A new mini program of the sandbox has published every page, since there is no code to look into; naming pages
through the control API makes it strict.
"""

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf

PAGES_MAX = 1000


class Pages:
    """The published pages of one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._account = account
        self._shelf = Shelf(world.store, "mini_pages", list[str])

    def all(self) -> list[str]:
        """Return the named pages, the home page first; none when every page is there."""
        return self._shelf.find(self._account.appid, "release") or []

    def publish(self, pages: list[str]) -> None:
        """Release these pages and no others; an empty list means every page again."""
        if len(pages) > PAGES_MAX:
            raise ValueError(f"at most {PAGES_MAX} pages")
        self._shelf.put(self._account.appid, "release", [page.lstrip("/") for page in pages])

    def is_published(self, page: str) -> bool:
        """Whether a page, given with or without a query, can be opened."""
        known = self.all()
        path = page.partition("?")[0].lstrip("/")
        return bool(path) and (not known or path in known)
