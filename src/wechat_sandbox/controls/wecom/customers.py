"""What customers and members do to each other on their phones."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, read_page, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, refusal, whole_number
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.customers import WECOM_USER, External, Link, made_id
from wechat_sandbox.state.wecom.meeting import BY_SEARCH, Way
from wechat_sandbox.wire.errors import PlatformError


class CorpCustomers(CorpPart):
    """Customers; ``{who}`` is the number of a simulated person, or an external user id."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/customers/{who}"
        return [
            ("GET", "/corps/{corpid}/customers", self.list_all),
            ("GET", "/corps/{corpid}/welcomes", self.list_welcomes),
            ("POST", "/corps/{corpid}/outsiders", self.make_outsider),
            ("GET", own, self.show),
            ("GET", f"{own}/chat", self.chat),
            ("POST", f"{own}/add", self.add),
            ("POST", f"{own}/accept", self.accept),
            ("POST", f"{own}/delete-member", self.delete_member),
            ("POST", f"{own}/be-deleted", self.be_deleted),
            ("POST", f"{own}/say", self.say),
            ("POST", f"{own}/hear", self.hear),
            ("PATCH", f"{own}/edit", self.edit),
            ("PUT", f"{own}/archive-consent", self.set_consent),
        ]

    async def list_all(self, request: web.Request) -> web.Response:
        """Return customers with everyone who has them."""
        corp = self.corp(request)
        after, limit = read_page(request)
        found = self.customers(corp).externals()[after + 1 : after + 1 + limit]
        return answer_json({"items": [self._card(corp, external) for external in found]})

    async def list_welcomes(self, request: web.Request) -> web.Response:
        """Return the latest welcome codes, newest first: whom they greet, since when, whether used."""
        _, limit = read_page(request)
        found = self.meetings(self.corp(request)).welcomes(limit)
        return answer_json({"items": [{"code": code} | asdict(welcome) for code, welcome in found]})

    async def make_outsider(self, request: web.Request) -> web.Response:
        """Make a user of another company's 企业微信, who can be a customer like anybody."""
        corp = self.corp(request)
        body = await read_body(request, {"name", "position", "corp_name", "corp_full_name"})
        texts: dict[str, Any] = {name: to_text(value, name) for name, value in body.items()}
        required(body, "name")
        number = len(self.customers(corp).externals())
        external = External(
            external_userid=made_id("wo", self.world.seed, corp.corpid, "outsider", number),
            type=WECOM_USER,
            **texts,
        )
        self.customers(corp).save_external(external)
        return answer_json(asdict(external), status=201)

    async def show(self, request: web.Request) -> web.Response:
        corp = self.corp(request)
        return answer_json(self._card(corp, self.external(corp, request)))

    async def chat(self, request: web.Request) -> web.Response:
        """Return what the customer and members said to each other, welcomes too, oldest first."""
        corp = self.corp(request)
        after, limit = read_page(request, default_after=0)
        lines = self.world.store.read_lines(
            "appid = ? AND substr(openid, instr(openid, '/') + 1) = ? AND seq > ?",
            (corp.corpid, self.external(corp, request).external_userid, after),
            limit,
        )
        names = ("seq", "direction", "kind", "at", "body")
        return answer_json(
            {
                "items": [
                    {name: getattr(line, name) for name in names} | {"userid": line.openid.partition("/")[0]}
                    for line in lines
                ]
            }
        )

    async def add(self, request: web.Request) -> web.Response:
        """A customer and a member add each other; ``half`` leaves the member to accept."""
        corp = self.corp(request)
        names = {"userid", "add_way", "state", "half", "oper_userid", "remark", "wechat_channels"}
        body = await read_body(request, names)
        channels = body.get("wechat_channels")
        if channels is not None and not isinstance(channels, dict):
            raise BadRequest("wechat_channels is an object")
        member = self.member(corp, required(body, "userid"))
        way = Way(
            add_way=whole_number(body, "add_way", BY_SEARCH),
            state=to_text(body.get("state", ""), "state"),
            oper_userid=to_text(body.get("oper_userid", ""), "oper_userid"),
            remark=to_text(body.get("remark", ""), "remark"),
            wechat_channels=channels,
        )
        external = self.external(corp, request)
        try:
            link = self.meetings(corp).add(member, external, self.now(), way, half=body.get("half") is True)
        except PlatformError as error:
            raise refusal(error) from error
        return answer_json(asdict(link), status=201)

    async def accept(self, request: web.Request) -> web.Response:
        """The member accepts who was added without asking."""
        corp, link, _ = await self._link(request, set())
        self.meetings(corp).accept(link, self.now())
        return answer_json(asdict(link))

    async def delete_member(self, request: web.Request) -> web.Response:
        """The customer deletes the member (``del_follow_user``)."""
        corp, link, _ = await self._link(request, set())
        self.meetings(corp).delete_by_customer(link, self.now())
        return answer_json(asdict(link))

    async def be_deleted(self, request: web.Request) -> web.Response:
        """The member deletes the customer (``del_external_contact``)."""
        corp, link, _ = await self._link(request, set())
        self.meetings(corp).delete_by_member(link, self.now())
        return answer_json({"deleted": True})

    async def say(self, request: web.Request) -> web.Response:
        """The customer writes to the member."""
        return await self._speak(request, by_customer=True)

    async def hear(self, request: web.Request) -> web.Response:
        """The member writes to the customer."""
        return await self._speak(request, by_customer=False)

    async def edit(self, request: web.Request) -> web.Response:
        """The member changes remark, description, phones or tags in the app."""
        names = {"remark", "description", "remark_mobiles", "tag_ids", "private_tags", "remark_corp_name"}
        corp, link, body = await self._link(request, names)
        for name, value in body.items():
            wanted = type(getattr(link, name))
            if not isinstance(value, wanted):
                raise BadRequest(f"{name} is a {wanted.__name__}")
            setattr(link, name, value)
        self.meetings(corp).edit_by_member(link, self.now())
        return answer_json(asdict(link))

    async def set_consent(self, request: web.Request) -> web.Response:
        """Let the customer agree to the archive (told as ``msg_audit_approved``), or not yet."""
        corp = self.corp(request)
        body = await read_body(request, {"userid", "agreed"})
        external, agreed = self.external(corp, request), body.get("agreed", True)
        if agreed is True and not external.archive_agreed:
            userid = self.member(corp, required(body, "userid")).userid
            self.link(corp, userid, external)
            self.meetings(corp).approve_archive(external, userid, self.now())
        elif agreed is False:
            external.archive_agreed = False
            self.customers(corp).save_external(external)
        return answer_json(asdict(external))

    async def _speak(self, request: web.Request, *, by_customer: bool) -> web.Response:
        corp, link, body = await self._link(request, {"text"})
        if link.deleted_by_customer:
            raise BadRequest("the customer has deleted this member")
        self.meetings(corp).speak(link, required(body, "text"), self.now(), by_customer=by_customer)
        return answer_json(asdict(link))

    async def _link(self, request: web.Request, allowed: set[str]) -> tuple[Corp, Link, dict[str, Any]]:
        """Return the company, the relation with the member a body names, and the rest of the body."""
        corp = self.corp(request)
        body = await read_body(request, {"userid", *allowed})
        userid = required(body, "userid")
        link = self.link(corp, userid, self.external(corp, request))
        return corp, link, {name: value for name, value in body.items() if name != "userid"}

    def _card(self, corp: Corp, external: External) -> dict[str, Any]:
        customers = self.customers(corp)
        followers = [asdict(link) for link in customers.links_to(external.external_userid)]
        return asdict(external) | {"unionid": customers.unionid_of(external), "followers": followers}


PART = CorpCustomers
