"""QR codes with a scene: temporary or permanent, a number or a text."""

import base64
import hashlib
from dataclasses import dataclass

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

PERMANENT_MAX = 100_000
EVERYWHERE = "*"  # Tickets are found without knowing the account.
_URL_PREFIX = "http://weixin.qq.com/q/"


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """One code; ``expires_at`` in virtual epoch seconds, None for a permanent one."""

    appid: str
    ticket: str
    scene: str
    is_text: bool
    url: str
    created_at: float
    expires_at: float | None = None


class QrCodes:
    """All codes of the platform."""

    def __init__(self, world: Core) -> None:
        self._world = world
        self._codes = Shelf(world.store, "qrcode", QrCode)
        self._permanent = Shelf(world.store, "qrcode_permanent", str)

    def create(
        self, account: Account, *, scene: str, is_text: bool, at: float, lasts_s: int | None
    ) -> QrCode:
        """Make a code; a permanent one of the same scene is the same code again (45029 above 100,000)."""
        if lasts_s is not None:
            number = self._world.new_id(at)
            return self._keep(account, f"{scene}:{number}", scene, is_text, at, at + lasts_s)
        key = f"{'s' if is_text else 'n'}:{scene}"
        known = self._permanent.find(account.appid, key)
        if known is not None and (code := self._codes.find(EVERYWHERE, known)) is not None:
            return code
        if self._permanent.count(account.appid) >= PERMANENT_MAX:
            raise PlatformError(45029)
        code = self._keep(account, key, scene, is_text, at, None)
        self._permanent.put(account.appid, key, code.ticket)
        return code

    def find(self, ticket: str) -> QrCode | None:
        """Return the code of a ticket, also an expired one."""
        return self._codes.find(EVERYWHERE, ticket)

    def find_by_url(self, url: str) -> QrCode | None:
        """Return the code whose image holds an address."""
        values = self._codes.values(EVERYWHERE)
        return next((code for code in values if code.url == url), None)

    def all(self, account: Account) -> list[QrCode]:
        return [code for code in self._codes.values(EVERYWHERE) if code.appid == account.appid]

    def _keep(
        self,
        account: Account,
        salt: str,
        scene: str,
        is_text: bool,
        at: float,
        expires_at: float | None,
    ) -> QrCode:
        ticket = make_ticket(f"{account.appid}:{self._world.seed}:{salt}")
        digest = hashlib.sha256(ticket.encode()).digest()
        code = QrCode(
            appid=account.appid,
            ticket=ticket,
            scene=scene,
            is_text=is_text,
            url=_URL_PREFIX + base64.urlsafe_b64encode(digest).decode()[:22],
            created_at=at,
            expires_at=expires_at,
        )
        self._codes.put(EVERYWHERE, ticket, code)
        return code


def make_ticket(salt: str) -> str:
    """Return a ticket like the platform's: ``gQ…==``."""
    digest = hashlib.sha512(salt.encode()).digest()
    return "gQ" + base64.urlsafe_b64encode(digest + digest[:6]).decode()[:92] + "=="
