"""WeChat Pay as a whole: what its parts share."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import CHINA
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.pay.agenda import Agenda
from wechat_sandbox.state.pay.funds import Funds
from wechat_sandbox.state.pay.merchants import Merchant, Merchants
from wechat_sandbox.state.pay.notices import Notices
from wechat_sandbox.state.pay.platform_keys import PlatformKeys
from wechat_sandbox.wire.pay.errors import NO_OPENID, PayError

_COUNTER = "pay_counter"


class Pay:
    """The ground the families of WeChat Pay stand on."""

    def __init__(self, world: Core) -> None:
        self.world = world
        self.store = world.store
        self.merchants = Merchants(world.store, world.seed)
        self.platform = PlatformKeys(world.store, world.seed)
        self.agenda = Agenda(world.store)
        self.funds = Funds(world.store)
        self.notices = Notices(world.store)
        # A page that is open for this person is told that something changed.
        self.on_change: Callable[[str, str], None] = lambda appid, openid: None
        # A person has a payment sheet before them: (appid, person, prepay id, instant).
        self.on_prepared: Callable[[str, int, str, float], None] = lambda appid, person, prepay, at: None
        self._counter = int(world.store.read_meta(_COUNTER) or 0)

    def now(self) -> float:
        return self.world.now()

    def advance(self, at: float) -> None:
        """Do what time alone brings about."""
        self.agenda.advance(self, at)

    # Numbers

    def ordinal(self) -> int:
        """Return a number never given before, also after a restart."""
        self._counter += 1
        self.store.write_meta(_COUNTER, self._counter)
        return self._counter

    def digits(self, begin: str, at: float, length: int) -> str:
        """Return a new platform number: how it begins, the day, a running number."""
        day = datetime.fromtimestamp(at, CHINA).strftime("%Y%m%d")
        return f"{begin}{day}{self.ordinal():0{length - len(begin) - 8}d}"

    def prepay_id(self, at: float) -> str:
        stamp = datetime.fromtimestamp(at, CHINA).strftime("%Y%m%d%H%M%S")
        return f"wx{stamp}{self.token('prepay', 20)}"

    def token(self, purpose: str, length: int) -> str:
        """Return letters and digits that nobody guesses and a seed repeats."""
        text = f"{self.world.seed}:{purpose}:{self.ordinal()}"
        return hashlib.sha512(text.encode()).hexdigest()[:length]

    # Who is meant

    def check_binding(self, merchant: Merchant, appid: str) -> None:
        """Refuse an appid that is not bound to the merchant."""
        bound = merchant.appids or list(self.world.accounts)
        if appid not in bound:
            raise PayError("APPID_MCHID_NOT_MATCH")

    def find_person(self, appid: str, openid: str) -> Relation | None:
        """Return who an openid is; None for an appid that is no account of this sandbox.

        Raises:
            PayError: the account is here and knows nobody like that.
        """
        account = self.world.accounts.get(appid)
        if account is None:
            return None
        relation = self.world.find_relation(account, openid)
        if relation is None:
            raise PayError("PARAM_ERROR", "appid 和 openid 不匹配", reason=NO_OPENID)
        return relation

    def account(self, appid: str) -> Account | None:
        return self.world.accounts.get(appid)

    def note(self, appid: str, openid: str) -> None:
        """Tell open pages that something of this person changed."""
        self.on_change(appid, openid)
