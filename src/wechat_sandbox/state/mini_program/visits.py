"""What people do inside a mini program: visits, the pages they see, what they share."""

from dataclasses import dataclass

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.facts import FactKind, Facts
from wechat_sandbox.state.shelf import Shelf

HOME = "pages/index/index"
PAGES_MAX = 100
ENTRY, EXIT = 1, 2  # Flags of a page within its visit.
DEFAULT_SCENE = 1001  # 发现栏小程序主入口
RECENT_S = 7200.0  # Content security looks at people who were here within two hours.


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """One page of a visit."""

    path: str
    stay_s: float = 10.0


class Visits:
    """Visits to one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._facts = Facts(world.store)
        self._appid = account.appid
        self._last = Shelf(world.store, "mini_last_visit", float)

    def record(self, person: int, at: float, pages: list[PageView], *, scene: int = DEFAULT_SCENE) -> None:
        """A person opens the mini program and looks at these pages, one after the other.

        Raises:
            ValueError: no page, too many of them, or a stay below zero.
        """
        if not 1 <= len(pages) <= PAGES_MAX or any(page.stay_s < 0 for page in pages):
            raise ValueError(f"a visit has between 1 and {PAGES_MAX} pages and stays of at least 0 s")
        stay_ms = int(sum(page.stay_s for page in pages) * 1000)
        self._facts.record(
            self._appid,
            FactKind.MINI_VISIT,
            at,
            person=person,
            ref=str(len(pages)),
            source=scene,
            amount=stay_ms,
        )
        for number, page in enumerate(pages):
            flags = (ENTRY if number == 0 else 0) | (EXIT if number == len(pages) - 1 else 0)
            self._facts.record(
                self._appid,
                FactKind.MINI_PAGE,
                at,
                person=person,
                ref=page.path.partition("?")[0].lstrip("/"),
                source=flags,
                amount=int(page.stay_s * 1000),
            )
        self.notice(person, at)

    def notice(self, person: int, at: float) -> None:
        """Remember that a person is here; logging in says so as well as a visit does."""
        self._last.put(self._appid, str(person), at)

    def share(self, person: int, at: float, path: str) -> None:
        self._facts.record(
            self._appid, FactKind.MINI_SHARE, at, person=person, ref=path.partition("?")[0].lstrip("/")
        )

    def was_here(self, person: int, at: float) -> bool:
        """Whether a person was here within the last two hours."""
        last = self._last.find(self._appid, str(person))
        return last is not None and at < last + RECENT_S
