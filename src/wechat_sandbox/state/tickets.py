"""Tickets of accounts, and checking a page's signature as a phone would."""

import hashlib
import hmac
from dataclasses import dataclass

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf

TICKET_LASTS_S = 7200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One ticket; ``expires_at`` in virtual epoch seconds."""

    value: str
    expires_at: float


def tickets(world: Core) -> Shelf[Ticket]:
    return Shelf(world.store, "ticket", Ticket)


def sign_page(ticket: str, *, nonce: str, timestamp: str, url: str) -> str:
    """Return the JS-SDK signature of a page (its address without ``#…``)."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def page_is_signed(
    world: Core, account: Account, at: float, *, nonce: str, timestamp: str, url: str, signature: str
) -> bool:
    """Tell whether a page's ``wx.config`` would be accepted."""
    ticket = tickets(world).find(account.appid, "jsapi")
    if ticket is None or at >= ticket.expires_at:
        return False
    expected = sign_page(ticket.value, nonce=nonce, timestamp=timestamp, url=url)
    return hmac.compare_digest(expected.encode(), signature.encode())
