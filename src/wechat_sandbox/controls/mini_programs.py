"""What the owner of a mini program sets outside the API: its published pages."""

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.mini_program.pages import Pages


class MiniPrograms(ControlPart):
    """Settings of mini programs."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/accounts/{appid}/pages", self.list_pages),
            ("PUT", "/accounts/{appid}/pages", self.publish),
        ]

    async def list_pages(self, request: web.Request) -> web.Response:
        return answer_json({"pages": Pages(self.world, self._mini_program(request)).all()})

    async def publish(self, request: web.Request) -> web.Response:
        """Release these pages and no others; none means every page."""
        pages = (await read_body(request, {"pages"})).get("pages")
        if not isinstance(pages, list) or not all(isinstance(page, str) and page for page in pages):
            raise BadRequest("pages is a list of paths")
        published = Pages(self.world, self._mini_program(request))
        try:
            published.publish(pages)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return answer_json({"pages": published.all()})

    def _mini_program(self, request: web.Request) -> Account:
        account = self.world.get_account(request.match_info["appid"])
        if not account.is_mini_program:
            raise BadRequest(f"{account.appid} is no mini program")
        return account


PART = MiniPrograms
