"""Reading and answering text messages."""

from dataclasses import asdict

from aiohttp import web

from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.core import Unknown


class TextMessages(ControlPart):
    """Telephones without WeChat."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/sms/{app_id}/messages", self.list_messages),
            ("POST", "/sms/{app_id}/replies", self.reply),
        ]

    async def list_messages(self, request: web.Request) -> web.Response:
        """Return what went out, oldest first."""
        app_id = self._app(request)
        sent = self.sandbox.sms.sent(app_id)
        return answer_json({"items": [asdict(one) | {"at": iso(one.at)} for one in sent]})

    async def reply(self, request: web.Request) -> web.Response:
        """Let a number that got a message answer it."""
        app_id = self._app(request)
        body = await read_body(request, {"phone", "text"})
        phone, text = required(body, "phone"), required(body, "text")
        if not any(one.phone == phone for one in self.sandbox.sms.sent(app_id)):
            raise BadRequest("this number got nothing to answer")
        return answer_json(asdict(self.sandbox.sms.answer(app_id, phone, text, self.now())))

    def _app(self, request: web.Request) -> str:
        app_id = request.match_info["app_id"]
        if app_id not in self.sandbox.sms.apps:
            raise Unknown(f"no application {app_id}")
        return app_id


PART = TextMessages
