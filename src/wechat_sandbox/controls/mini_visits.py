"""People opening mini programs, looking at pages and sharing them."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.controls.mini_people import find_mini_program
from wechat_sandbox.state.mini_program.links import SCENES, Links, LinkUnusable
from wechat_sandbox.state.mini_program.visits import DEFAULT_SCENE, HOME, PageView, Visits


class MiniVisits(ControlPart):
    """Visits."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/people/{person}/visit", self.visit),
            ("POST", "/people/{person}/open-link", self.open_link),
            ("POST", "/people/{person}/share-page", self.share),
            ("GET", "/accounts/{appid}/links", self.list_links),
        ]

    async def visit(self, request: web.Request) -> web.Response:
        """Open a mini program and look at pages: ``[{path, stay_s?}]``, the home page by default."""
        body = await read_body(request, {"appid", "pages", "scene"})
        account = find_mini_program(self, body)
        scene = body.get("scene", DEFAULT_SCENE)
        if isinstance(scene, bool) or not isinstance(scene, int):
            raise BadRequest("scene is a whole number")
        pages = _read_pages(body.get("pages", [{"path": HOME}]))
        self._visit(account, self.index(request), pages, scene=scene)
        return answer_json({"visited": [page.path for page in pages], "scene": scene})

    async def open_link(self, request: web.Request) -> web.Response:
        """Open a scheme, a link or what is inside a code; the page it leads to is visited."""
        body = await read_body(request, {"link", "stay_s"})
        try:
            link = Links(self.world).open(required(body, "link"), self.now())
        except LinkUnusable as error:
            raise BadRequest(str(error)) from error
        stay_s = _seconds(body.get("stay_s", 10))
        page = PageView(path=link.path or HOME, stay_s=stay_s)
        account = self.world.get_account(link.appid)
        self._visit(account, self.index(request), [page], scene=SCENES[link.kind])
        return answer_json({"appid": link.appid, "path": page.path, "query": link.query})

    async def share(self, request: web.Request) -> web.Response:
        body = await read_body(request, {"appid", "path"})
        account, path = find_mini_program(self, body), to_text(body.get("path", HOME), "path")
        Visits(self.world, account).share(self.index(request), self.now(), path)
        return answer_json({"shared": path})

    async def list_links(self, request: web.Request) -> web.Response:
        """Return links and codes with the text a scanner would read."""
        account = self.world.get_account(request.match_info["appid"])
        return answer_json({"items": [asdict(link) for link in Links(self.world).all(account)]})

    def _visit(self, account: Account, person: int, pages: list[PageView], *, scene: int) -> None:
        try:
            Visits(self.world, account).record(person, self.now(), pages, scene=scene)
        except ValueError as error:
            raise BadRequest(str(error)) from error


def _read_pages(items: Any) -> list[PageView]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadRequest("pages is a list of {path, stay_s}")
    return [PageView(path=required(item, "path"), stay_s=_seconds(item.get("stay_s", 10))) for item in items]


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest("stay_s is a number")
    return float(value)


PART = MiniVisits
