"""What the companies' page asks for: companies without their secrets, and whoever works there."""

from aiohttp import web

from wechat_sandbox.control_http import answer_json
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.group_chats import GroupChats
from wechat_sandbox.state.wecom.kf_desk import KfDesk
from wechat_sandbox.state.wecom.mass_sending import MassSending
from wechat_sandbox.state.wecom.moments import Moments


class CorpPhone(CorpPart):
    """Handlers under ``/sandbox/phone`` about companies."""

    def routes(self) -> list[Route]:
        return [("GET", "/phone/corps", self.list_corps)]

    async def list_corps(self, request: web.Request) -> web.Response:
        """Return companies with their staff and how much each member has still to do."""
        return answer_json({"items": [self._card(corp) for corp in self.world.corps]})

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
            "groups": len(GroupChats(self.world, corp).all()),
            "kf": len(KfDesk(self.world, corp).book.accounts()),
        }


PART = CorpPhone
