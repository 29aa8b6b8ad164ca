"""What else people do with WeChat Pay: complain, receive coupons, use services on their score."""

from typing import Any

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.endpoints.pay.guides import Guide
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.pay.busifavor import DELETED, EXPIRED, SENT, BusiFavor
from wechat_sandbox.state.pay.complaints import PLATFORM_ACTS, Complaint, Complaints
from wechat_sandbox.state.pay.favor import Favor
from wechat_sandbox.state.pay.orders import Orders
from wechat_sandbox.state.pay.payscore import PayScore, Permission, ServiceOrder
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError

_CHANNELS = ("MINIAPP", "H5", "FTOF", "MEMBERCARD_ACT", "HALL", "JSAPI", "FINDER_LIVEROOM")


class PayActs(ControlPart):
    """Acts of people beyond paying."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/people/{person}/coupons", self.list_coupons),
            ("POST", "/people/{person}/receive-coupon", self.receive),
            ("POST", "/people/{person}/complain", self.complain),
            ("POST", "/people/{person}/complain-more", self.complain_more),
            ("POST", "/people/{person}/delete-coupon", self.delete_coupon),
            ("POST", "/complaints/{complaint_id}/platform-service", self.involve_platform),
            ("POST", "/people/{person}/service-order", self.service_order),
            ("POST", "/people/{person}/service", self.service),
            ("GET", "/guide-card", self.guide_card),
        ]

    async def list_coupons(self, request: web.Request) -> web.Response:
        """Return the cash and merchant coupons in a person's wallet."""
        account, index = self.account(dict(request.query)), self.index(request)
        openid, pay, now = self.world.get_relation(account, index).openid, self.sandbox.pay, self.now()
        favor, busi = Favor(pay), BusiFavor(pay)
        items = [favor.wire(one, now) for one in favor.coupons_of(openid)]
        items += [busi.wire(one, now) for one in busi.coupons_of(openid)]
        return answer_json({"items": items})

    async def receive(self, request: web.Request) -> web.Response:
        """Take a merchant coupon by one of the ways people find them."""
        index = self.index(request)
        body = await read_body(request, {"appid", "stock_id", "channel", "out_request_no"})
        account, pay = self.account(body), self.sandbox.pay
        channel = to_text(body.get("channel", "MINIAPP"), "channel")
        if channel not in _CHANNELS:
            raise BadRequest(f"channel is one of {', '.join(_CHANNELS)}")
        busi = BusiFavor(pay)
        stock = busi.find(required(body, "stock_id"))
        if stock is None:
            raise Unknown("no such stock")
        try:
            made = busi.send(
                stock,
                appid=account.appid,
                openid=self.world.get_relation(account, index).openid,
                number=to_text(body.get("out_request_no", f"hand-{pay.ordinal()}"), "out_request_no"),
                at=self.now(),
                channel=channel,
            )
        except PayError as error:
            raise BadRequest(f"{error.code}: {error.message}") from error
        return answer_json(busi.wire(made, self.now()))

    async def complain(self, request: web.Request) -> web.Response:
        """Complain about a payment."""
        index = self.index(request)
        allowed = {"transaction_id", "detail", "problem_type", "refund_amount", "immediate"}
        body, pay = await read_body(request, allowed), self.sandbox.pay
        order = Orders(pay).find_transaction(required(body, "transaction_id"))
        if order is None:
            raise Unknown("no such payment")
        refund = body.get("refund_amount", 0)
        if isinstance(refund, bool) or not isinstance(refund, int):
            raise BadRequest("refund_amount is a whole number of fen")
        person = make_person(self.sandbox.seed, index, self.world.people)
        made = Complaints(pay).make(
            order,
            detail=to_text(body.get("detail", "商品与描述不符"), "detail"),
            problem_type=to_text(body.get("problem_type", "REFUND" if refund else "OTHERS"), "problem_type"),
            refund=refund,
            phone=person.phone,
            at=self.now(),
            immediate=body.get("immediate") is True,
        )
        return answer_json(made.wire())

    async def complain_more(self, request: web.Request) -> web.Response:
        """Say more to a complaint, also to one that was settled."""
        self.index(request)
        body = await read_body(request, {"complaint_id", "text"})
        complaint = self._complaint(required(body, "complaint_id"))
        text = to_text(body.get("text", "还没有解决"), "text")
        Complaints(self.sandbox.pay).speak(complaint, text, self.now(), pictures=[])
        return answer_json(complaint.wire())

    async def involve_platform(self, request: web.Request) -> web.Response:
        """Let the platform's service be called in (``apply``), sent away, answer, or be done."""
        body = await read_body(request, {"act", "text"})
        complaint = self._complaint(request.match_info["complaint_id"])
        act = required(body, "act")
        if act not in PLATFORM_ACTS:
            raise BadRequest(f"act is one of {', '.join(PLATFORM_ACTS)}")
        text = to_text(body.get("text", ""), "text")
        Complaints(self.sandbox.pay).involve_platform(complaint, act, self.now(), text=text)
        return answer_json(complaint.wire())

    async def delete_coupon(self, request: web.Request) -> web.Response:
        """Throw a merchant coupon away."""
        index = self.index(request)
        body = await read_body(request, {"appid", "coupon_code"})
        busi = BusiFavor(self.sandbox.pay)
        openid = self.world.get_relation(self.account(body), index).openid
        found = busi.coupon_of(openid, required(body, "coupon_code"))
        if found is None or found.now(self.now()) not in (SENT, EXPIRED):
            raise Unknown("no such coupon that can be thrown away")
        found.state = DELETED
        busi.save(found)
        return answer_json(busi.wire(found, self.now()))

    async def service_order(self, request: web.Request) -> web.Response:
        """Confirm a service order, or pay what it cost, by its ``package`` or ``order_id``."""
        index, body = self.index(request), await read_body(request, {"package", "order_id", "act"})
        scores, now = PayScore(self.sandbox.pay), self.now()
        order = scores.find_by_package(str(body.get("package") or body.get("order_id", "")))
        if order is None:
            raise Unknown("no such service order")
        try:
            if body.get("act", "confirm") == "confirm":
                scores.confirm(order, self._openid(order, index), now)
            else:
                scores.pay_up(order, now)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return answer_json(order.wire())

    async def service(self, request: web.Request) -> web.Response:
        """Open or close a service, as asked for by ``apply_permissions_token``."""
        index = self.index(request)
        body = await read_body(request, {"apply_permissions_token", "open"})
        found, scores = (
            self._permission(required(body, "apply_permissions_token")),
            PayScore(self.sandbox.pay),
        )
        opens = bool(body.get("open", True))
        account = self.world.get_account(found.appid)
        found.openid = self.world.get_relation(account, index).openid
        event = "PAYSCORE.USER_OPEN_SERVICE" if opens else "PAYSCORE.USER_CLOSE_SERVICE"
        state = "AVAILABLE" if opens else "UNAVAILABLE"
        scores.change_permission(found, state, self.now(), event=event)
        return answer_json(found.wire())

    async def guide_card(self, request: web.Request) -> web.Response:
        """Return the card of the guide a payer sees after paying."""
        order = Orders(self.sandbox.pay).find_transaction(request.query.get("transaction_id", ""))
        if order is None or not order.guide_id:
            raise Unknown("no guide for this payment")
        found = Shelf(self.store, "pay_guide", Guide).find(order.mchid, order.guide_id)
        assert found is not None
        return answer_json(
            {"guide_id": found.guide_id, "name": found.name, "qr_code": found.qr_code, "avatar": found.avatar}
        )

    def _openid(self, order: ServiceOrder, index: int) -> str:
        account: Account = self.world.get_account(order.body["appid"])
        return self.world.get_relation(account, index).openid

    def _complaint(self, complaint_id: str) -> Complaint:
        for merchant in self.sandbox.pay.merchants.all():
            found = Complaints(self.sandbox.pay).find(merchant.mchid, complaint_id)
            if found is not None:
                return found
        raise Unknown("no such complaint")

    def _permission(self, token: str) -> Permission:
        every: list[Any] = [
            one
            for merchant in self.sandbox.pay.merchants.all()
            for one in PayScore(self.sandbox.pay).permissions.values(merchant.mchid)
        ]
        for one in every:
            if one.token == token:
                found: Permission = one
                return found
        raise Unknown("no such request")


PART = PayActs
