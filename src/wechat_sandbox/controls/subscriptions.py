"""People answering requests for subscribe messages, and changing their minds in the settings."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.subscriptions import Subscriptions


class SubscriptionControl(ControlPart):
    """Allowances of people."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/people/{person}/subscriptions", self.show),
            ("POST", "/people/{person}/subscriptions", self.answer),
            ("POST", "/people/{person}/subscriptions/withdraw", self.withdraw),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Return what a person lets an account send, by template."""
        index = self.index(request)
        mine = Subscriptions(self.world, self.account(dict(request.query)))
        rows = [
            {"template_id": notice.template_id, "title": notice.title}
            | asdict(mine.allowance(index, notice.template_id))
            for notice in mine.all()
        ]
        return answer_json({"items": rows})

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a popup: ``answers`` maps template ids to accept or reject."""
        body = await read_body(request, {"appid", "answers", "scene", "remember"})
        answers, scene, remember = body.get("answers"), body.get("scene", 0), body.get("remember", False)
        if not isinstance(answers, dict) or scene not in (0, 1, 2) or not isinstance(remember, bool):
            raise BadRequest("answers maps template ids to accept or reject; scene is 0, 1 or 2")
        mine = Subscriptions(self.world, self.account(body))
        told = self._answer(mine, self.index(request), answers, scene=scene, remember=remember)
        return answer_json({"errMsg": "requestSubscribeMessage:ok"} | told)

    async def withdraw(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "template_id"})
        mine, template_id = Subscriptions(self.world, self.account(body)), required(body, "template_id")
        mine.withdraw(self.index(request), template_id, self.now())
        return answer_json(asdict(mine.allowance(self.index(request), template_id)))

    def _answer(
        self, mine: Subscriptions, person: int, answers: dict[str, Any], **how: Any
    ) -> dict[str, str]:
        try:
            return mine.answer(person, answers, self.now(), **how)
        except ValueError as error:
            raise BadRequest(str(error)) from error


PART = SubscriptionControl
