"""Tickets for pages and cards: ``jsapi`` and ``wx_card``, two hours each."""

import secrets
from collections.abc import Mapping

from wechat_sandbox.accounts import OFFICIAL
from wechat_sandbox.endpoints.registry import OK, REGISTRY, Call
from wechat_sandbox.state.tickets import TICKET_LASTS_S, Ticket, tickets
from wechat_sandbox.wire.errors import PlatformError

_TYPES = ("jsapi", "wx_card")


@REGISTRY.get("/cgi-bin/ticket/getticket", kinds=OFFICIAL, daily_limit=1_000_000)
def get_ticket(call: Call) -> Mapping[str, object]:
    """Return the ticket of a kind: the same until it ends."""
    kind = call.query.get("type", "")
    if kind not in _TYPES:
        raise PlatformError(40097)
    shelf = tickets(call.world)
    ticket = shelf.find(call.account.appid, kind)
    if ticket is None or call.at >= ticket.expires_at:
        ticket = Ticket(value=secrets.token_urlsafe(64), expires_at=call.at + TICKET_LASTS_S)
        shelf.put(call.account.appid, kind, ticket)
    return OK | {"ticket": ticket.value, "expires_in": int(ticket.expires_at - call.at)}
