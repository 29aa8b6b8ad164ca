"""微信客服 from both sides of the counter: customers who write, servicers who answer."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, attempt, whole_number
from wechat_sandbox.state.shelf import plain
from wechat_sandbox.state.wecom.corp import KF, Corp
from wechat_sandbox.state.wecom.events import tell_scope
from wechat_sandbox.state.wecom.kf_book import Enter, KfAccount
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.kf_upgrades import Upgrades


class CorpKf(CorpPart):
    """Accounts of 微信客服 and their chats; ``{who}`` is a person's number or an external user id."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/kf/{open_kfid}"
        chat = f"{own}/chats/{{who}}"
        return [
            ("GET", "/corps/{corpid}/kf", self.list_accounts),
            ("PUT", own, self.change_account),
            ("PUT", f"{own}/servicers/{{userid}}", self.set_receiving),
            ("GET", f"{own}/chats", self.list_chats),
            ("GET", chat, self.show_chat),
            ("POST", f"{chat}/enter", self.enter),
            ("POST", f"{chat}/say", self.say),
            ("POST", f"{chat}/send", self.send),
            ("POST", f"{chat}/recall", self.recall),
            ("POST", f"{chat}/refuse", self.refuse),
            ("POST", f"{chat}/rate", self.rate),
            ("POST", f"{chat}/accept-upgrade", self.accept_upgrade),
            ("POST", f"{chat}/take", self.take),
            ("POST", f"{chat}/pass-on", self.pass_on),
            ("POST", f"{chat}/answer", self.answer),
            ("POST", f"{chat}/reject", self.reject),
            ("POST", f"{chat}/end", self.end),
        ]

    async def list_accounts(self, request: web.Request) -> web.Response:
        accounts = self._desk(self.corp(request)).book.accounts()
        return answer_json({"items": [plain(asdict(account)) for account in accounts]})

    async def change_account(self, request: web.Request) -> web.Response:
        """Let the API manage an account, or keep it from it; both are told (``kf_account_auth_change``)."""
        corp, account = self._account(request)
        managed = (await read_body(request, {"managed"})).get("managed", True)
        if not isinstance(managed, bool):
            raise BadRequest("managed is true or false")
        if managed != account.managed:
            account = replace(account, managed=managed)
            self._desk(corp).book.save(account)
            name = "AuthAddOpenKfId" if managed else "AuthDelOpenKfId"
            fields = {name: account.open_kfid}
            for scope in (KF, *(agent.scope for agent in corp.agents if agent.calls_kf)):
                tell_scope(self.world, corp, scope, "kf_account_auth_change", self.now(), {**fields})
        return answer_json(plain(asdict(account)))

    async def set_receiving(self, request: web.Request) -> web.Response:
        """A servicer goes to work (``receiving``), or stops."""
        corp, account = self._account(request)
        body = await read_body(request, {"receiving", "stop_type"})
        self._desk(corp).set_receiving(
            account.open_kfid,
            self.member(corp, request.match_info["userid"]).userid,
            self.now(),
            receiving=body.get("receiving", True) is True,
            stop_type=whole_number(body, "stop_type", 0),
        )
        return answer_json({"done": True})

    async def list_chats(self, request: web.Request) -> web.Response:
        corp, account = self._account(request)
        desk = self._desk(corp)
        sessions = [one for one in desk.book.sessions() if one.open_kfid == account.open_kfid]
        now = self.now()
        items = [plain(asdict(desk.session(one.open_kfid, one.external_userid, now))) for one in sessions]
        return answer_json({"items": items})

    async def show_chat(self, request: web.Request) -> web.Response:
        """Return a chat as the customer's phone shows it, with where its session stands."""
        corp, account = self._account(request)
        who = self.external(corp, request).external_userid
        desk = self._desk(corp)
        lines = [
            plain(asdict(message)) | {"number": number, "at_iso": iso(message.send_time)}
            for number, message in desk.book.log(account.open_kfid).all()
            if message.external_userid == who
        ]
        session = plain(asdict(desk.session(account.open_kfid, who, self.now())))
        card = Upgrades(self.world, corp).find(account.open_kfid, who)
        shown = None if card is None else plain(asdict(card))
        return answer_json({"session": session, "lines": lines, "upgrade": shown, "account": account.name})

    async def enter(self, request: web.Request) -> web.Response:
        """A customer opens the chat by a link with its ``scene`` and ``scene_param``."""
        body = await read_body(request, {"scene", "scene_param", "channels"})
        texts = {name: to_text(body.get(name, ""), name) for name in ("scene", "scene_param")}
        channels = body.get("channels") or {}
        entered = Enter(at=self.now(), channels=dict(channels), **texts)
        return self._act(request, lambda desk, kf, who: desk.enter(kf, who, entered))

    async def say(self, request: web.Request) -> web.Response:
        """A customer writes; ``menu_id`` when they tapped an item of a menu message."""
        body = await read_body(request, {"text", "menu_id"})
        content = {"content": required(body, "text")}
        content |= {"menu_id": to_text(body["menu_id"], "menu_id")} if "menu_id" in body else {}
        return self._act(request, lambda desk, kf, who: desk.hear(kf, who, "text", content, self.now()))

    async def send(self, request: web.Request) -> web.Response:
        """A customer sends a message of any kind, as ``sync_msg`` will show it."""
        body = await read_body(request, None)
        kind = required(body, "msgtype")
        if not isinstance(body.get(kind), dict):
            raise BadRequest(f"{kind} is an object")
        return self._act(request, lambda desk, kf, who: desk.hear(kf, who, kind, body[kind], self.now()))

    async def recall(self, request: web.Request) -> web.Response:
        """A customer, or with ``by_servicer`` their servicer, takes a message back."""
        body = await read_body(request, {"msgid", "by_servicer"})
        msgid = required(body, "msgid")
        if body.get("by_servicer") is True:
            return self._act(request, lambda desk, kf, who: desk.recall_answer(kf, who, msgid, self.now()))
        return self._act(request, lambda desk, kf, who: desk.recall(kf, who, msgid, self.now()))

    async def refuse(self, request: web.Request) -> web.Response:
        """A customer takes no messages of the account (``refuses``), or takes them again."""
        refuses = (await read_body(request, {"refuses"})).get("refuses", True) is True
        return self._act(request, lambda desk, kf, who: desk.refuse(kf, who, self.now(), refuses=refuses))

    async def rate(self, request: web.Request) -> web.Response:
        """A customer says how content they are: 1, 2 or 3."""
        score = whole_number(await read_body(request, {"score"}), "score", 1)
        if score not in (1, 2, 3):
            raise BadRequest("score is 1, 2 or 3")
        return self._act(request, lambda desk, kf, who: desk.rate(kf, who, score, self.now()))

    async def accept_upgrade(self, request: web.Request) -> web.Response:
        """A customer takes the card of a member or a group."""
        corp, account = self._account(request)
        external = self.external(corp, request)
        upgrades = Upgrades(self.world, corp)
        card = attempt(lambda: upgrades.accept(account.open_kfid, external, self.now()))
        return answer_json(plain(asdict(card)))

    async def take(self, request: web.Request) -> web.Response:
        """A servicer takes a customer up."""
        userid = required(await read_body(request, {"userid"}), "userid")
        return self._act(request, lambda desk, kf, who: desk.take(kf, who, userid, self.now()))

    async def pass_on(self, request: web.Request) -> web.Response:
        to = required(await read_body(request, {"to"}), "to")
        return self._act(request, lambda desk, kf, who: desk.pass_on(kf, who, to, self.now()))

    async def answer(self, request: web.Request) -> web.Response:
        """The servicer writes to the customer."""
        content = {"content": required(await read_body(request, {"text"}), "text")}
        return self._act(request, lambda desk, kf, who: desk.answer(kf, who, "text", content, self.now()))

    async def reject(self, request: web.Request) -> web.Response:
        """The servicer switches a customer's messages off (``rejected``), or on again."""
        rejected = (await read_body(request, {"rejected"})).get("rejected", True) is True
        return self._act(request, lambda desk, kf, who: desk.reject(kf, who, self.now(), rejected=rejected))

    async def end(self, request: web.Request) -> web.Response:
        await read_body(request, set())
        return self._act(request, lambda desk, kf, who: desk.end(kf, who, self.now()))

    # Inside

    def _desk(self, corp: Corp) -> KfDesk:
        return KfDesk(self.world, corp)

    def _account(self, request: web.Request) -> tuple[Corp, KfAccount]:
        corp = self.corp(request)
        return corp, attempt(lambda: self._desk(corp).book.get(request.match_info["open_kfid"]))

    def _act(self, request: web.Request, act: Callable[[KfDesk, str, str], Any]) -> web.Response:
        """Do something in one chat and show its session."""
        corp, account = self._account(request)
        who = self.external(corp, request).external_userid
        desk = self._desk(corp)
        done = attempt(lambda: act(desk, account.open_kfid, who))
        session = plain(asdict(desk.session(account.open_kfid, who, self.now())))
        return answer_json({"session": session, "done": done})


PART = CorpKf
