"""What a phone knows of web pages: whether they are signed, and who looks at them."""

from aiohttp import web

from wechat_sandbox.control_http import answer_json, read_body, required
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.oauth import OAuth
from wechat_sandbox.state.one_time import one_time_template
from wechat_sandbox.state.tickets import page_is_signed


class WebPages(ControlPart):
    """Pages inside WeChat."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/accounts/{appid}/check-page", self.check_page),
            ("GET", "/accounts/{appid}/one-time-template", self.show_one_time_template),
            ("POST", "/people/{person}/revoke", self.revoke),
        ]

    async def check_page(self, request: web.Request) -> web.Response:
        """Tell whether ``wx.config`` with these values would be accepted (else 63002)."""
        account = self.world.get_account(request.match_info["appid"])
        body = await read_body(request, {"url", "noncestr", "timestamp", "signature"})
        accepted = page_is_signed(
            self.world,
            account,
            self.now(),
            nonce=required(body, "noncestr"),
            timestamp=required(body, "timestamp"),
            url=required(body, "url"),
            signature=required(body, "signature"),
        )
        return answer_json({"accepted": accepted})

    async def show_one_time_template(self, request: web.Request) -> web.Response:
        """Return the template id the console shows for one-time subscription."""
        account = self.world.get_account(request.match_info["appid"])
        return answer_json({"template_id": one_time_template(account)})

    async def revoke(self, request: web.Request) -> web.Response:
        """A person takes back what they allowed (event ``user_authorization_revoke``)."""
        body = await read_body(request, {"appid"})
        account, index = self.account(body), self.index(request)
        OAuth(self.world).revoke(account, index)
        relation = self.world.get_relation(account, index)
        self.world.report_event(
            account,
            relation,
            "user_authorization_revoke",
            self.now(),
            {"OpenID": relation.openid, "AppID": account.appid, "RevokeInfo": "1"},
        )
        return self.relation(account, index)


PART = WebPages
