"""What the companies' page asks for: companies without their secrets, whoever works there, what was told."""

from dataclasses import asdict
from typing import Any, Final

from aiohttp import web

from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import answer_json, to_number
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart
from wechat_sandbox.endpoints.wecom.oauth import MEMBER_COOKIE
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.acquisition import Acquisition
from wechat_sandbox.state.wecom.app_messages import AppMessages
from wechat_sandbox.state.wecom.contact_ways import ContactWays
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.corp_tags import CorpTags
from wechat_sandbox.state.wecom.customers import Link
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.mass_sending import MassSending
from wechat_sandbox.state.wecom.moments import Moments

SHOWN: Final = 100
MESSAGES: Final = 20
CALLBACKS: Final = 60


class CorpPhone(CorpPart):
    """Handlers under ``/sandbox/phone`` about companies."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/phone/corps", self.list_corps),
            ("GET", "/phone/corps/{corpid}", self.show_corp),
            ("GET", "/phone/corps/{corpid}/{userid}", self.show_member),
            ("GET", "/phone/corps/{corpid}/{userid}/toolbar/{agentid}", self.open_toolbar),
        ]

    async def list_corps(self, request: web.Request) -> web.Response:
        """Return companies with their staff and how much each member has still to do."""
        return answer_json({"items": [self._card(corp) for corp in self.world.corps]})

    async def show_corp(self, request: web.Request) -> web.Response:
        """Return the codes and links people can use, who waits to be accepted, and the latest callbacks."""
        corp = self.corp(request)
        customers, ways = self.customers(corp), ContactWays(self.world, corp)
        hooks = [*corp.hooks.values(), *(agent.hook for agent in corp.agents)]
        return answer_json(
            {
                "is_heard": any(hook.url for hook in hooks),
                "ways": [
                    {"config_id": way.config_id, "remark": way.remark, "state": way.state, "user": way.user}
                    | {"picture": f"/wwpic/{way.config_id}"}
                    for way in ways.all()[-SHOWN:]
                ],
                "links": [
                    {"name": link.link_name, "url": link.url}
                    for link in Acquisition(self.world, corp).all()[-SHOWN:]
                ],
                "requests": [
                    asdict(one) | {"name": customers.get_external(one.external_userid).name}
                    for one in ways.requests()
                ],
                "callbacks": self.store.latest_callbacks_of(corp.corpid, CALLBACKS),
            }
        )

    async def show_member(self, request: web.Request) -> web.Response:
        """Return a member's customers, latest first, and what the apps have sent them."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        links = self.customers(corp).links_of(member.userid)[::-1][:SHOWN]
        messages = AppMessages(self.world, corp).of_member(member.userid, MESSAGES)
        return answer_json(
            {
                "customers": [self._customer(corp, link) for link in links],
                "messages": [
                    {"kind": one.kind, "body": one.body_of(member.userid), "at": iso(one.sent_at)}
                    for one in messages
                ],
            }
        )

    async def open_toolbar(self, request: web.Request) -> web.StreamResponse:
        """Lead the browser to the page an app shows beside chats, as a member sign-in pages will know."""
        corp = self.corp(request)
        member = self.member(corp, request.match_info["userid"])
        agent = corp.find_agent(to_number(request.match_info["agentid"], "agentid"))
        if agent is None or not agent.toolbar_url:
            raise Unknown("this app has no page beside chats")
        answer = web.Response(status=303, headers={"Location": agent.toolbar_url})
        answer.set_cookie(MEMBER_COOKIE, member.userid, path="/", httponly=True, samesite="Lax")
        return answer

    def _customer(self, corp: Corp, link: Link) -> dict[str, Any]:
        external, tags = self.customers(corp).get_external(link.external_userid), CorpTags(self.world, corp)
        names = [tag.name for one in link.tag_ids if (tag := tags.find(one))] + link.private_tags
        chat = f"{link.userid}/{link.external_userid}"
        line = self.store.read_lines("appid = ? AND openid = ?", (corp.corpid, chat), SHOWN)[-1:]
        return {
            "external_userid": link.external_userid,
            "index": external.person,
            "nickname": external.name,
            "remark": link.remark,
            "state": link.state,
            "tags": names,
            "deleted_by_customer": link.deleted_by_customer,
            "last": str(line[0].body.get("content", "")) if line else "",
        }

    def _card(self, corp: Corp) -> dict[str, object]:
        sending, moments = MassSending(self.world, corp), Moments(self.world, corp)
        moments.advance(self.now())
        customers = self.customers(corp)
        staff = [
            {
                "userid": member.userid,
                "name": member.name,
                "customers": customers.count_of(member.userid),
                "tasks": len(sending.open_tasks(member.userid, self.now()))
                + len(moments.open_tasks(member.userid)),
            }
            for member in self.directory(corp).members()
        ]
        return {
            "corpid": corp.corpid,
            "name": corp.name,
            "staff": staff,
            "toolbar": [{"agentid": one.agentid, "name": one.name} for one in corp.agents if one.toolbar_url],
            "groups": len(GroupChats(self.world, corp).all()),
            "kf": len(KfDesk(self.world, corp).book.accounts()),
        }


PART = CorpPhone
