"""What customers do with codes, links and transfers, and the console with tags and quota."""

from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import Route
from wechat_sandbox.controls.wecom.base import CorpPart, refusal
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.wecom.acquisition import Acquisition, AcquisitionLink, Quota
from wechat_sandbox.state.wecom.contact_ways import ContactWays, Scanned
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.state.wecom.link_visits import LinkVisits
from wechat_sandbox.state.wecom.transfers import Transfers
from wechat_sandbox.wire.errors import PlatformError


class Visits(CorpPart):
    """Codes, links, transfers."""

    def routes(self) -> list[Route]:
        own = "/corps/{corpid}/customers/{who}"
        return [
            ("GET", "/corps/{corpid}/ways", self.list_ways),
            ("GET", "/corps/{corpid}/requests", self.list_requests),
            ("POST", f"{own}/scan", self.scan),
            ("POST", f"{own}/be-accepted", self.be_accepted),
            ("POST", f"{own}/open-link", self.open_link),
            ("POST", f"{own}/refuse-transfer", self.refuse_transfer),
            ("GET", "/corps/{corpid}/transfers", self.list_transfers),
            ("PUT", "/corps/{corpid}/acquisition-quota", self.set_quota),
            ("DELETE", "/corps/{corpid}/acquisition-links/{link}", self.delete_link),
        ]

    async def list_ways(self, request: web.Request) -> web.Response:
        """Return the ways with the address of their pictures and what stands in them."""
        ways = ContactWays(self.world, self.corp(request))
        items = [
            asdict(way) | {"qr_code": ways.picture_url(way), "url": ways.inner_url(way)} for way in ways.all()
        ]
        return answer_json({"items": items})

    async def list_requests(self, request: web.Request) -> web.Response:
        """Return who waits to be accepted."""
        requests = ContactWays(self.world, self.corp(request)).requests()
        return answer_json({"items": [asdict(one) for one in requests]})

    async def scan(self, request: web.Request) -> web.Response:
        """Scan a way's code, by id, picture or inner address (``code``).

        ``half`` leaves the member to accept; ``userid`` says who serves instead of drawing.
        """
        corp = self.corp(request)
        body = await read_body(request, {"code", "half", "userid"})
        ways = ContactWays(self.world, corp)
        way = ways.find_by_mark(required(body, "code"))
        if way is None:
            raise Unknown("no such code")
        external = self.external(corp, request)
        userid = to_text(body.get("userid", ""), "userid")
        try:
            scanned = ways.scan(way, external, self.now(), half=body.get("half") is True, userid=userid)
        except PlatformError as error:
            raise refusal(error) from error
        return answer_json(scanned.as_dict(), status=201)

    async def be_accepted(self, request: web.Request) -> web.Response:
        """The member accepts a request."""
        corp = self.corp(request)
        userid = required(await read_body(request, {"userid"}), "userid")
        ways = ContactWays(self.world, corp)
        asked = ways.find_request(userid, self.external(corp, request).external_userid)
        if asked is None:
            raise Unknown("this customer has not asked that member")
        try:
            link = ways.accept(asked, self.now())
        except PlatformError as error:
            raise refusal(error) from error
        return answer_json(asdict(link), status=201)

    async def open_link(self, request: web.Request) -> web.Response:
        """Tap an acquisition link by its ``url``; without ``adds`` they only look."""
        corp = self.corp(request)
        body = await read_body(request, {"url", "adds"})
        link, state = self._link_and_state(corp, required(body, "url"))
        external, adds = self.external(corp, request), body.get("adds", True)
        try:
            scanned = LinkVisits(self.world, corp).visit(
                link, external, state, self.now(), adds=adds is not False
            )
        except PlatformError as error:
            raise refusal(error) from error
        return answer_json(_shown(scanned), status=201)

    async def refuse_transfer(self, request: web.Request) -> web.Response:
        """The customer does not want to be passed on."""
        corp = self.corp(request)
        await read_body(request, set())
        external = self.external(corp, request)
        transfer = Transfers(self.world, corp).refuse(external.external_userid, self.now())
        if transfer is None:
            raise Unknown("this customer is not being passed on")
        return answer_json(asdict(transfer))

    async def list_transfers(self, request: web.Request) -> web.Response:
        """Return the transfers that wait."""
        transfers = Transfers(self.world, self.corp(request))
        transfers.advance(self.now())
        return answer_json({"items": [asdict(one) for one in transfers.waiting()]})

    async def set_quota(self, request: web.Request) -> web.Response:
        """Set the quota of links: ``total``, and ``batches`` of ``expire_date`` and ``balance``."""
        corp = self.corp(request)
        body = await read_body(request, {"total", "batches"})
        try:
            quota = msgspec.convert(body, Quota, strict=True)
        except msgspec.ValidationError as error:
            raise BadRequest(str(error)) from error
        Acquisition(self.world, corp).set_quota(quota, self.now())
        return answer_json(asdict(quota) | {"balance": quota.balance})

    async def delete_link(self, request: web.Request) -> web.Response:
        """Delete an acquisition link in the console, which is told (``delete_link``)."""
        corp = self.corp(request)
        acquisition = Acquisition(self.world, corp)
        link = acquisition.find(request.match_info["link"])
        if link is None:
            raise Unknown("no such link")
        acquisition.drop(link)
        acquisition.tell("delete_link", self.now(), {"LinkId": link.link_id}, about=link.link_id)
        return answer_json({"deleted": link.link_id})

    def _link_and_state(self, corp: Corp, url: str) -> tuple[AcquisitionLink, str]:
        parts = urlsplit(url)
        link = Acquisition(self.world, corp).find(parts.path.rpartition("/")[2])
        if link is None:
            raise Unknown("no such link")
        return link, parse_qs(parts.query).get("customer_channel", [""])[0][:64]


def _shown(scanned: Scanned | None) -> dict[str, Any]:
    return scanned.as_dict() if scanned else {"userid": "", "external_userid": "", "link": None}


PART = Visits
