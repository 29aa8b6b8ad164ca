"""What the page asks the control API for: people to play, and a conversation with everything around it."""

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

import msgspec
from aiohttp import web

from wechat_sandbox.accounts import OFFICIAL, Account
from wechat_sandbox.changes import Watcher
from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import BadRequest, answer_json, to_number
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.menus import Menus
from wechat_sandbox.storage import Line
from wechat_sandbox.web.contacts import Contacts

if TYPE_CHECKING:
    from wechat_sandbox.sandbox import Sandbox

LINES: Final = 100
CALLBACKS: Final = 100
_GATHER_S: Final = 0.1  # A busy crowd changes much at once: tell it in one go.
_BEAT_S: Final = 15.0  # Without a word in this time some browsers think the stream has died.


class Phone(ControlPart):
    """Handlers under ``/sandbox/phone``."""

    def __init__(self, sandbox: "Sandbox") -> None:
        super().__init__(sandbox)
        self.contacts = Contacts(sandbox.world, sandbox.seed)

    def routes(self) -> list[Route]:
        return [
            ("GET", "/phone/accounts", self.list_accounts),
            ("GET", "/phone/contacts/{appid}", self.list_contacts),
            ("GET", "/phone/chats/{appid}/{person}", self.get_chat),
            ("GET", "/phone/changes", self.stream_changes),
        ]

    async def list_accounts(self, request: web.Request) -> web.Response:
        """Return the accounts without their secrets: a page has no use for them."""
        items = [
            _account_card(account) | {"followers": len(self.world.followers(account))}
            for account in self.world.accounts.values()
            if account.kind in OFFICIAL  # Nobody follows a mini program, or writes to it before opening it.
        ]
        return answer_json({"items": items, "people": self.world.people, "clock": self._clock()})

    async def list_contacts(self, request: web.Request) -> web.Response:
        """Return people by name or number, without a query those who talked last."""
        account = self.world.get_account(request.match_info["appid"])
        limit = to_number(request.query.get("limit", "60"), "limit")
        if not 1 <= limit <= 200:
            raise BadRequest("limit is between 1 and 200")
        found = await self.contacts.find(account, request.query.get("q", "").strip(), limit)
        return answer_json({"items": [self._contact(account, person) for person in found]})

    async def get_chat(self, request: web.Request) -> web.Response:
        """Return a conversation as the phone shows it, with what became of each callback."""
        account = self.world.get_account(request.match_info["appid"])
        index = self.index(request)
        before = to_number(request.query.get("before", str(2**62)), "before")
        relation = self.world.get_relation(account, index)
        lines = self.store.latest_lines(account.appid, index, before, LINES + 1)
        callbacks = self.store.latest_callbacks(account.appid, relation.openid, CALLBACKS)
        return answer_json(
            {
                "account": _account_card(account),
                "person": self._card(index),
                "relation": asdict(relation),
                "windows": self._windows(relation),
                "menu": Menus(self.world, account).shown_to(relation).button,
                "lines": [_line(line) for line in lines[-LINES:]],
                "has_more": len(lines) > LINES,
                "callbacks": callbacks,
                "clock": self._clock(),
            }
        )

    async def stream_changes(self, request: web.Request) -> web.StreamResponse:
        """Name the conversations that changed, as server-sent events, until the page goes."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        with self.sandbox.changes.watch() as watcher, suppress(ConnectionResetError):  # The page has gone.
            await response.write(b"retry: 1000\n\n")
            while not self.sandbox.changes.closed:
                await response.write(await _next_word(watcher))
                await asyncio.sleep(_GATHER_S)
        return response

    # Inside

    def _clock(self) -> dict[str, Any]:
        now = self.now()
        return {"now": iso(now), "epoch_s": now, "rate": self.sandbox.clock.rate}

    def _card(self, index: int) -> dict[str, Any]:
        person = make_person(self.sandbox.seed, index, self.world.people)
        return asdict(person) | {"member_no": person.member_no}

    def _contact(self, account: Account, index: int) -> dict[str, Any]:
        person = make_person(self.sandbox.seed, index, self.world.people)
        relation = self.world.get_relation(account, index)
        lines = self.store.latest_lines(account.appid, index, 2**62, 1)
        return {
            "index": index,
            "nickname": person.nickname,
            "gender": person.gender,
            "city": person.city,
            "openid": relation.openid,
            "following": relation.following,
            "last": _line(lines[0]) if lines else None,
        }

    def _windows(self, relation: Relation) -> list[dict[str, Any]]:
        now = self.now()
        return [
            {"trigger": trigger, "remaining": grant.remaining, "expires_at": iso(grant.expires_at)}
            for trigger, grant in relation.grants.items()
            if now < grant.expires_at
        ]


async def _next_word(watcher: Watcher) -> bytes:
    try:
        async with asyncio.timeout(_BEAT_S):
            changed = await watcher.take()
    except TimeoutError:
        return b": still here\n\n"
    return b"data: " + msgspec.json.encode(sorted(changed)) + b"\n\n"


def _account_card(account: Account) -> dict[str, Any]:
    return {
        "appid": account.appid,
        "name": account.name,
        "original_id": account.original_id,
        "callback_url": account.callback_url,
    }


def _line(line: Line) -> dict[str, Any]:
    # Ids above 2**53 would lose their last digits in a browser.
    msgid = None if line.msgid is None else str(line.msgid)
    return {
        "seq": line.seq,
        "direction": line.direction,
        "kind": line.kind,
        "at": iso(line.at),
        "body": line.body,
        "msgid": msgid,
        "client_msg_id": line.client_msg_id,
    }


PART = Phone
