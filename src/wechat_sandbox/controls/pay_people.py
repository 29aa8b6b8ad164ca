"""What people do at the cashier: look at a payment, confirm it, go away, fail; show a payment code."""

from typing import Any

from aiohttp import web

from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.pay.cashier import Cashier, NotPayable, Sheet
from wechat_sandbox.state.pay.orders import H5_LINK_S, OPEN, PREPAY_S
from wechat_sandbox.state.pay.payment_codes import PaymentCodes

_LATEST = 200
_OUTCOMES = ("paid", "cancel", "fail")


class PayPeople(ControlPart):
    """People who pay."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/cashier", self.look),
            ("GET", "/people/{person}/payments", self.list_open),
            ("POST", "/people/{person}/pay", self.pay),
            ("POST", "/people/{person}/payment-code", self.show_code),
        ]

    @property
    def cashier(self) -> Cashier:
        self.sandbox.pay.advance(self.now())
        return Cashier(self.sandbox.pay)

    async def look(self, request: web.Request) -> web.Response:
        """Return what a prepay id, a Native code or an H5 address leads to.

        With the ``package`` of an H5 address its five minutes are held to.
        """
        try:
            sheet = self.cashier.open(request.query.get("mark", ""))
            package = request.query.get("package")
            if package is not None:
                prepay = sheet.prepay
                if package != prepay.code or self.now() > prepay.created_at + H5_LINK_S:
                    raise NotPayable("支付链接无效或已过期")
            return answer_json(self._card(sheet))
        except NotPayable as error:
            raise BadRequest(str(error)) from error

    async def list_open(self, request: web.Request) -> web.Response:
        """Return what waits to be paid by this person, newest first."""
        account, index = self.account(dict(request.query)), self.index(request)
        openid = self.world.get_relation(account, index).openid
        cashier, cards, seen = self.cashier, [], set()
        for prepay in cashier.orders.prepays(_LATEST):
            orders = cashier.orders.orders_of(prepay)
            if (prepay.mchid, prepay.number) in seen or not orders or orders[0].payer_openid != openid:
                continue
            seen.add((prepay.mchid, prepay.number))
            if prepay.appid == account.appid and orders[0].state in OPEN:
                cards.append(self._card(Sheet(prepay=prepay, orders=orders)))
        return answer_json({"items": cards})

    async def pay(self, request: web.Request) -> web.Response:
        """Confirm, cancel or fail a payment.

        ``mark`` is a prepay id, a Native code or an H5 address; ``invocation`` is what a page gives the
        client, whose signature is checked; ``mchid`` and ``out_trade_no`` name the latest of an order.
        ``ago_s`` lets it have happened earlier, for what needs a past (bills, sharing of profits).
        """
        index = self.index(request)
        allowed = {"mark", "invocation", "mchid", "out_trade_no", "outcome", "bank_type", "ago_s"}
        allowed |= {"appid"}
        body = await read_body(request, allowed)
        outcome, ago_s = body.get("outcome", "paid"), body.get("ago_s", 0)
        if outcome not in _OUTCOMES:
            raise BadRequest(f"outcome is one of {', '.join(_OUTCOMES)}")
        if isinstance(ago_s, bool) or not isinstance(ago_s, int | float) or ago_s < 0:
            raise BadRequest("ago_s is a number of seconds")
        cashier, now = self.cashier, self.now()
        try:
            sheet = self._sheet(cashier, body)
            if outcome == "paid":
                bank_type = to_text(body.get("bank_type", ""), "bank_type")
                cashier.confirm(sheet, index, now, bank_type=bank_type, paid_at=now - ago_s)
            else:
                cashier.give_up(sheet, now, why=outcome)
        except NotPayable as error:
            raise BadRequest(str(error)) from error
        return answer_json(self._card(sheet))

    async def show_code(self, request: web.Request) -> web.Response:
        """Hold out a payment code; with ``asks_password`` the payment waits for the person."""
        index, body = self.index(request), await read_body(request, {"asks_password"})
        codes = PaymentCodes(self.sandbox.pay)
        shown = codes.show(index, self.now(), asks_password=bool(body.get("asks_password", False)))
        return answer_json({"code": shown.code})

    def _sheet(self, cashier: Cashier, body: dict[str, Any]) -> Sheet:
        invocation = body.get("invocation")
        if invocation is not None:
            if not isinstance(invocation, dict):
                raise BadRequest("invocation is an object")
            return cashier.invoke(invocation)
        if "out_trade_no" in body:
            number = to_text(body["out_trade_no"], "out_trade_no")
            mchid = to_text(body.get("mchid", self._first_mchid()), "mchid")
            prepay = cashier.orders.newest_prepay(mchid, number)
            return cashier.open(prepay.prepay_id if prepay else "")
        return cashier.open(to_text(body.get("mark"), "mark"))

    def _first_mchid(self) -> str:
        return next((one.mchid for one in self.sandbox.pay.merchants.all()), "")

    def _card(self, sheet: Sheet) -> dict[str, Any]:
        prepay, first = sheet.prepay, sheet.orders[0]
        merchant = self.sandbox.pay.merchants.get(first.mchid)
        account = self.world.accounts.get(prepay.appid)
        relation = self.world.find_relation(account, sheet.openid) if account and sheet.openid else None
        return {
            "prepay_id": prepay.prepay_id,
            "appid": prepay.appid,
            "merchant": merchant.name,
            "mchid": first.mchid,
            "number": prepay.number,
            "trade_type": first.trade_type,
            "state": sheet.state.value,
            "total": sheet.total,
            "payer_total": sum(one.payer_total for one in sheet.orders),
            "items": [
                {
                    "description": one.description,
                    "out_trade_no": one.out_trade_no,
                    "total": one.total,
                    "transaction_id": one.transaction_id,
                    "discounts": [
                        {"name": found["name"], "amount": found["amount"]} for found in one.promotions
                    ],
                }
                for one in sheet.orders
            ],
            "person": relation.person if relation else None,
            "expires_at": iso(min(first.expires_at, prepay.created_at + PREPAY_S)),
            "attempts": first.attempts,
        }


PART = PayPeople
