"""What people do with money a merchant sends: take it, allow it for good, withdraw that."""

from aiohttp import web

from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.pay.authorizations import BY_PERSON, WAITING, Authorizations
from wechat_sandbox.state.pay.transfers import Transfers, TransferState


class PayTransfers(ControlPart):
    """Transfers as people see them."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/people/{person}/transfers", self.list_waiting),
            ("POST", "/people/{person}/confirm-transfer", self.confirm),
            ("POST", "/people/{person}/allow-transfers", self.allow),
            ("POST", "/people/{person}/disallow-transfers", self.disallow),
            ("GET", "/merchants/{mchid}/transfers", self.list_all),
            ("POST", "/merchants/{mchid}/next-transfer", self.decide_next),
        ]

    async def list_waiting(self, request: web.Request) -> web.Response:
        """Return what a person is asked to take, and to allow."""
        account, index = self.account(dict(request.query)), self.index(request)
        self.sandbox.pay.advance(self.now())
        openid = self.world.get_relation(account, index).openid
        items = []
        for merchant in self.sandbox.pay.merchants.all():
            items += [
                {
                    "kind": "transfer",
                    "merchant": merchant.name,
                    "amount": one.amount,
                    "text": one.perception or one.remark,
                    "package_info": one.package_info,
                }
                for one in Transfers(self.sandbox.pay).all(merchant.mchid)
                if (one.appid, one.openid) == (account.appid, openid)
                and one.state is TransferState.WAIT_USER_CONFIRM
            ]
            items += [
                {
                    "kind": "authorization",
                    "merchant": merchant.name,
                    "text": one.display_name,
                    "package_info": one.package_info,
                }
                for one in Authorizations(self.sandbox.pay).all(merchant.mchid)
                if (one.appid, one.openid, one.state) == (account.appid, openid, WAITING)
            ]
        return answer_json({"items": items})

    async def confirm(self, request: web.Request) -> web.Response:
        """Take the money of the transfer that ``package_info`` names."""
        self.index(request)
        body = await read_body(request, {"package_info", "appid"})
        pay, now = self.sandbox.pay, self.now()
        pay.advance(now)
        transfers = Transfers(pay)
        found = transfers.find_by_package(required(body, "package_info"))
        if found is None:
            raise Unknown("no such transfer")
        try:
            transfers.confirm(found, now)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        if found.out_authorization_no:
            # Taking the money of a transfer that also asks for leave gives it.
            leave = Authorizations(pay).find(found.mchid, found.out_authorization_no)
            if leave is not None and leave.state == WAITING:
                Authorizations(pay).allow(leave, now)
        return answer_json(found.wire())

    async def allow(self, request: web.Request) -> web.Response:
        """Allow a merchant to pay without asking."""
        self.index(request)
        body = await read_body(request, {"package_info", "appid"})
        leaves = Authorizations(self.sandbox.pay)
        found = leaves.find_by_id(required(body, "package_info"))
        if found is None:
            raise Unknown("no such request")
        try:
            leaves.allow(found, self.now())
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return answer_json(found.wire())

    async def disallow(self, request: web.Request) -> web.Response:
        """Take the leave back."""
        self.index(request)
        body = await read_body(request, {"package_info", "appid"})
        leaves = Authorizations(self.sandbox.pay)
        found = leaves.find_by_id(required(body, "package_info"))
        if found is None:
            raise Unknown("no such request")
        leaves.close(found, BY_PERSON, self.now())
        return answer_json(found.wire())

    async def list_all(self, request: web.Request) -> web.Response:
        self.sandbox.pay.advance(self.now())
        merchant = self.sandbox.pay.merchants.get(request.match_info["mchid"])
        found = Transfers(self.sandbox.pay).all(merchant.mchid)
        return answer_json({"items": [one.wire() for one in found]})

    async def decide_next(self, request: web.Request) -> web.Response:
        """Let the next transfer that is worked off fail for a reason such as ``REAL_NAME_CHECK_FAIL``."""
        merchant = self.sandbox.pay.merchants.get(request.match_info["mchid"])
        body = await read_body(request, {"fail_reason"})
        reason = to_text(body.get("fail_reason", ""), "fail_reason")
        Transfers(self.sandbox.pay).decide_next(merchant.mchid, reason)
        return answer_json({"fail_reason": reason})


PART = PayTransfers
