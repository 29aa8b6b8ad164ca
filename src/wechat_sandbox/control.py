"""The control API under ``/sandbox``: look inside, act as a person, inject faults.

It answers local callers only, and changing calls must send JSON, so that no web page can make a
browser do it.
"""

import os
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from wechat_sandbox import __version__
from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import (
    BadRequest,
    answer_json,
    guard,
    read_body,
    read_page,
    required,
    to_number,
    to_text,
)
from wechat_sandbox.controls import ControlPart, Route, all_parts
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.hosts import PLATFORM_HOSTS
from wechat_sandbox.relations import FollowScene
from wechat_sandbox.state.identities import wechat_id_of
from wechat_sandbox.storage import Line
from wechat_sandbox.world import Unknown

if TYPE_CHECKING:
    from wechat_sandbox.sandbox import Sandbox

EXPORT_PAGE = 5000


class Control(ControlPart):
    """Handlers of the control API."""

    def __init__(self, sandbox: "Sandbox") -> None:
        super().__init__(sandbox)
        self._started_at = time.monotonic()

    def route_table(self) -> list[web.RouteDef]:
        """Return all routes of the control API, each guarded."""
        table = self.routes()
        for part in all_parts():
            table += part(self.sandbox).routes()
        guarded = [web.route(method, f"/sandbox{path}", guard(handler)) for method, path, handler in table]
        return [*guarded, web.route("*", "/sandbox/{rest:.*}", guard(_no_such_path))]

    def routes(self) -> list[Route]:
        return [
            ("GET", "", self.info),
            ("GET", "/clock", self.clock),
            ("GET", "/tls", self.tls),
            ("GET", "/idle", self.idle),
            ("GET", "/counters", self.counters),
            ("GET", "/accounts", self.list_accounts),
            ("POST", "/accounts/{appid}/verify", self.verify_account),
            ("POST", "/accounts/{appid}/void-tokens", self.void_tokens),
            ("GET", "/people", self.list_people),
            ("GET", "/people/{person}", self.get_person),
            ("PATCH", "/people/{person}", self.change_person),
            ("POST", "/people/{person}/follow", self.follow),
            ("POST", "/people/{person}/unfollow", self.unfollow),
            ("POST", "/people/{person}/scan", self.scan),
            ("GET", "/conversations", self.list_conversations),
            ("GET", "/conversations/{appid}/{person}", self.get_conversation),
            ("GET", "/messages", self.list_messages),
            ("GET", "/messages/export", self.export_messages),
            ("GET", "/messages/repeated", self.repeated_messages),
            ("GET", "/callbacks", self.list_callbacks),
            ("GET", "/hits", self.list_hits),
            ("POST", "/crowd/pause", self.pause),
            ("POST", "/crowd/resume", self.resume),
            ("POST", "/reset", self.reset),
        ]

    # The whole

    async def info(self, request: web.Request) -> web.Response:
        sandbox = self.sandbox
        return answer_json(
            {
                "version": __version__,
                "seed": sandbox.seed,
                "phase": sandbox.phase,
                "people": self.world.people,
                "pid": os.getpid(),
                "uptime_s": round(time.monotonic() - self._started_at, 1),
                "tracking_url": sandbox.tracker.url,
                "clock": self._clock(),
                "endpoints": sandbox.desk.registry.paths(),
                "corp_endpoints": sandbox.corp_desk.registry.paths(),
            }
        )

    async def tls(self, request: web.Request) -> web.Response:
        """Return where HTTPS is served and which authority to trust for it."""
        doors = self.sandbox.doors
        return answer_json(
            {
                "https_port": doors.https_port,
                "https_url": doors.https_url,
                "ca_pem": doors.ca_pem.decode(),
                "hosts": PLATFORM_HOSTS,
            }
        )

    async def clock(self, request: web.Request) -> web.Response:
        return answer_json(self._clock())

    async def idle(self, request: web.Request) -> web.Response:
        return answer_json(
            {
                "idle": self.sandbox.idle,
                "phase": self.sandbox.phase,
                "callbacks_pending": self.sandbox.mailman.pending,
                "hits_pending": self.sandbox.tracker.pending,
                "pay_callbacks_pending": self.sandbox.courier.pending,
            }
        )

    async def counters(self, request: web.Request) -> web.Response:
        sandbox = self.sandbox
        return answer_json(
            {
                "lines": self.store.count_lines(),
                "last_line": self.store.last_line_seq(),
                "callbacks": self.store.count_callbacks(),
                "delivery": sandbox.mailman.counts,
                "hits": self.store.count_hits(),
                "tracking": sandbox.tracker.counts | {"pending": sandbox.tracker.pending},
                "tracking_last_error": sandbox.tracker.last_error,
                "crowd": sandbox.crowd.counts,
                "followers": {
                    appid: len(self.world.followers(account))
                    for appid, account in self.world.accounts.items()
                },
                "corp_calls": sandbox.corp_desk.calls,
                "corp_errors": sandbox.corp_desk.errors,
                "calls": sandbox.desk.calls | sandbox.pay_desk.calls,
                "errors": sandbox.desk.errors | sandbox.pay_desk.errors,
                "pay_delivery": sandbox.courier.counts,
            }
        )

    async def reset(self, request: web.Request) -> web.Response:
        self.sandbox.reset()
        return answer_json({"reset": True})

    async def pause(self, request: web.Request) -> web.Response:
        self.sandbox.crowd.pause()
        return answer_json({"paused": True})

    async def resume(self, request: web.Request) -> web.Response:
        self.sandbox.crowd.resume()
        return answer_json({"paused": False})

    # Accounts

    async def list_accounts(self, request: web.Request) -> web.Response:
        return answer_json({"items": [account.as_dict() for account in self.world.accounts.values()]})

    async def verify_account(self, request: web.Request) -> web.Response:
        account = self.world.get_account(request.match_info["appid"])
        verified = bool(account.callback_url) and await self.sandbox.mailman.verify(account)
        return answer_json({"verified": verified})

    async def void_tokens(self, request: web.Request) -> web.Response:
        account = self.world.get_account(request.match_info["appid"])
        self.world.books[account.appid].void_current(self.sandbox.clock.now())
        self.world.save_book(account.appid)
        return answer_json({"voided": True})

    # People

    async def list_people(self, request: web.Request) -> web.Response:
        after, limit = read_page(request)
        end = min(self.world.people, after + 1 + limit)
        return answer_json({"items": [self._person(index) for index in range(after + 1, end)]})

    async def get_person(self, request: web.Request) -> web.Response:
        index = self.index(request)
        life = self.sandbox.crowd.life(index)
        return answer_json(self._person(index) | {"biography": asdict(life)})

    async def change_person(self, request: web.Request) -> web.Response:
        """Make a person block template messages or refuse messages altogether."""
        body = await read_body(request, {"appid", "blocks_messages", "refuses_messages"})
        relation = self.world.get_relation(self.account(body), self.index(request))
        for name in ("blocks_messages", "refuses_messages"):
            if name in body:
                if not isinstance(body[name], bool):
                    raise BadRequest(f"{name} is true or false")
                setattr(relation, name, body[name])
        self.store.write_relation(relation.appid, relation.person, relation)
        return answer_json(asdict(relation))

    async def follow(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "scene", "qr_scene"})
        qr_scene = to_text(body.get("qr_scene", ""), "qr_scene")
        default = FollowScene.QR_CODE if qr_scene else FollowScene.SEARCH
        try:
            scene = FollowScene(body.get("scene", default))
        except ValueError as error:
            raise BadRequest(str(error)) from error
        account, index = self.account(body), self.index(request)
        self.world.follow(account, index, self.now(), scene=scene, qr_scene=qr_scene)
        return self.relation(account, index)

    async def unfollow(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid"})
        account, index = self.account(body), self.index(request)
        self.world.unfollow(account, index, self.now())
        return self.relation(account, index)

    async def scan(self, request: web.Request) -> web.Response:
        """Scan a code by its ticket, by the address inside it, or a printed one by its scene."""
        body = await read_body(request, {"appid", "qr_scene", "ticket", "url"})
        index, mark = self.index(request), body.get("ticket") or body.get("url")
        if mark:
            account = self.world.scan_code(index, self.now(), mark=to_text(mark, "ticket"))
        else:
            account = self.account(body)
            self.world.scan(account, index, self.now(), qr_scene=required(body, "qr_scene"))
        return self.relation(account, index)

    # Conversations and logs

    async def list_conversations(self, request: web.Request) -> web.Response:
        _, limit = read_page(request)
        names = ("appid", "person", "openid", "lines", "last_at")
        rows = self.store.conversations(limit)
        return answer_json({"items": [dict(zip(names, row, strict=True)) for row in rows]})

    async def get_conversation(self, request: web.Request) -> web.Response:
        """Return a conversation as the person's phone shows it, oldest first."""
        account, index = self.world.get_account(request.match_info["appid"]), self.index(request)
        relation = self.world.get_relation(account, index)
        after, limit = read_page(request, default_after=0)
        lines = self.store.read_lines(
            "appid = ? AND person = ? AND seq > ? AND direction <> 'blocked'",
            (account.appid, index, after),
            limit,
        )
        person = make_person(self.sandbox.seed, index, self.world.people)
        return answer_json(
            {
                "account": account.name,
                "person": person.nickname,
                "openid": relation.openid,
                "following": relation.following,
                "lines": [_line(line) for line in lines],
            }
        )

    async def list_messages(self, request: web.Request) -> web.Response:
        """Return accepted messages of accounts to people, in order, filtered by ``person``."""
        after, limit = read_page(request, default_after=0)
        clause, values = "direction IN ('to_person', 'blocked') AND seq > ?", [after]
        if "person" in request.query:
            clause, values = f"{clause} AND person = ?", [after, to_number(request.query["person"], "person")]
        lines = self.store.read_lines(clause, values, limit)
        last = lines[-1].seq if lines else after
        return answer_json({"items": [_line(line) for line in lines], "next_after": last})

    async def export_messages(self, request: web.Request) -> web.StreamResponse:
        """Stream every accepted message as one JSON object per line."""
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        after = 0
        clause = "direction IN ('to_person', 'blocked') AND seq > ?"
        while lines := self.store.read_lines(clause, (after,), EXPORT_PAGE):
            await response.write(b"".join(msgspec.json.encode(_line(line)) + b"\n" for line in lines))
            after = lines[-1].seq
        await response.write_eof()
        return response

    async def repeated_messages(self, request: web.Request) -> web.Response:
        """Return every (openid, client_msg_id) that was accepted more than once: none, one hopes."""
        names = ("appid", "openid", "client_msg_id", "times")
        rows = self.store.repeated_intents()
        return answer_json({"items": [dict(zip(names, row, strict=True)) for row in rows]})

    async def list_callbacks(self, request: web.Request) -> web.Response:
        after, limit = read_page(request, default_after=0)
        return answer_json({"items": self.store.read_callbacks(after, request.query.get("state"), limit)})

    async def list_hits(self, request: web.Request) -> web.Response:
        after, limit = read_page(request, default_after=0)
        return answer_json({"items": self.store.read_hits(after, limit)})

    # Inside

    def _clock(self) -> dict[str, Any]:
        now = self.now()
        return {"now": iso(now), "epoch_s": now, "rate": self.sandbox.clock.rate}

    def _person(self, index: int) -> dict[str, Any]:
        person = make_person(self.sandbox.seed, index, self.world.people)
        relations = [
            asdict(self.world.get_relation(account, index)) for account in self.world.accounts.values()
        ]
        shown = {"member_no": person.member_no, "wechat_id": wechat_id_of(index), "relations": relations}
        return asdict(person) | shown


async def _no_such_path(request: web.Request) -> web.StreamResponse:
    raise Unknown(f"no control call {request.method} {request.path}")


def _line(line: Line) -> dict[str, Any]:
    return asdict(line) | {"at_iso": iso(line.at)}
