"""Who looks at a page of a company: codes of five minutes, tickets of half an hour.

Source: official pages 91022 and 98152.
"""

import secrets
from dataclasses import dataclass, replace

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.wire.errors import PlatformError

CODE_S = 300.0
TICKET_S = 1800.0
BASE, PRIVATE = "snsapi_base", "snsapi_privateinfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpCode:
    """A code in a redirect; good once."""

    scope: str
    issued_at: float
    userid: str = ""  # A member, …
    person: int = -1  # … or somebody outside.
    agentid: int = 0  # 0: any app of the company.
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTicket:
    """What a member allowed an app to see of them."""

    userid: str
    agentid: int
    issued_at: float


class CorpOAuth:
    """Codes and tickets of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._corp = corp
        self._codes = Shelf(world.store, "corp_oauth_code", CorpCode)
        self._tickets = Shelf(world.store, "corp_user_ticket", UserTicket)

    def issue(self, code: CorpCode) -> str:
        value = secrets.token_urlsafe(48)
        self._codes.put(self._corp.corpid, value, code)
        return value

    def take(self, value: str, agentid: int, at: float) -> CorpCode:
        """Change a code for who is behind it.

        Raises:
            PlatformError: 40029 unknown or another app's, 42022 used, 42003 too old.
        """
        code = self._codes.find(self._corp.corpid, value) if value else None
        if code is None or (code.agentid and agentid and code.agentid != agentid):
            raise PlatformError(40029)
        if code.used:
            raise PlatformError(42022)
        if at >= code.issued_at + CODE_S:
            raise PlatformError(42003)
        self._codes.put(self._corp.corpid, value, replace(code, used=True))
        return code

    def new_ticket(self, userid: str, agentid: int, at: float) -> str:
        value = secrets.token_urlsafe(48)
        ticket = UserTicket(userid=userid, agentid=agentid, issued_at=at)
        self._tickets.put(self._corp.corpid, value, ticket)
        return value

    def find_ticket(self, value: str, agentid: int, at: float) -> UserTicket:
        """Return what a ticket allows (84015 unknown or another app's, 84014 too old)."""
        ticket = self._tickets.find(self._corp.corpid, value) if value else None
        if ticket is None or ticket.agentid != agentid:
            raise PlatformError(84015)
        if at >= ticket.issued_at + TICKET_S:
            raise PlatformError(84014)
        return ticket
