"""What the owner of a merchant sets and sees outside the API: keys, limits, money, callbacks."""

from dataclasses import asdict
from typing import Any

import msgspec
from aiohttp import web

from wechat_sandbox.clock import iso
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, read_page, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.state.pay.funds import Purse
from wechat_sandbox.state.pay.merchants import SETTINGS, Merchant
from wechat_sandbox.state.pay.orders import Orders
from wechat_sandbox.state.pay.platform_keys import NOTICE_S
from wechat_sandbox.state.pay.refunds import Refunds, RefundState
from wechat_sandbox.state.pay.sharing import FAIL_REASONS, Sharing

_ONE = "/merchants/{mchid}"


class PayMerchants(ControlPart):
    """Merchants of WeChat Pay."""

    def routes(self) -> list[Route]:
        return [
            ("GET", "/merchants", self.list_all),
            ("POST", "/merchants", self.make),
            ("GET", _ONE, self.get),
            ("PUT", _ONE, self.change),
            ("POST", f"{_ONE}/renew-certificate", self.renew),
            ("GET", f"{_ONE}/balance", self.balance),
            ("POST", f"{_ONE}/deposit", self.deposit),
            ("GET", f"{_ONE}/orders", self.list_orders),
            ("GET", f"{_ONE}/refunds", self.list_refunds),
            ("GET", f"{_ONE}/callbacks", self.list_callbacks),
            ("POST", f"{_ONE}/next-refund", self.decide_next_refund),
            ("POST", f"{_ONE}/next-share", self.decide_next_share),
            ("POST", "/platform-certificates/rotate", self.rotate),
        ]

    def merchant(self, request: web.Request) -> Merchant:
        self.sandbox.pay.advance(self.now())
        return self.sandbox.pay.merchants.get(request.match_info["mchid"])

    async def list_all(self, request: web.Request) -> web.Response:
        return answer_json({"items": [one.settings() for one in self.sandbox.pay.merchants.all()]})

    async def make(self, request: web.Request) -> web.Response:
        """Make a merchant; what is not given comes from the seed."""
        values = await read_body(request, set(SETTINGS | {"mchid"}))
        try:
            made = self.sandbox.pay.merchants.add(values)
        except (ValueError, msgspec.ValidationError) as error:
            raise BadRequest(str(error)) from error
        return answer_json(self._whole(made), status=201)

    async def get(self, request: web.Request) -> web.Response:
        """Return everything a program needs to act as this merchant, its private key included."""
        return answer_json(self._whole(self.merchant(request)))

    async def change(self, request: web.Request) -> web.Response:
        merchant = self.merchant(request)
        values = await read_body(request, set(SETTINGS))
        try:
            self.sandbox.pay.merchants.change(merchant, values)
        except (ValueError, msgspec.ValidationError) as error:
            raise BadRequest(str(error)) from error
        return answer_json(self._whole(merchant))

    async def renew(self, request: web.Request) -> web.Response:
        """Replace the merchant's certificate; the former one is no longer known."""
        merchant = self.merchant(request)
        self.sandbox.pay.merchants.renew(merchant, self.now())
        return answer_json(self._whole(merchant))

    async def rotate(self, request: web.Request) -> web.Response:
        """Make the platform's next certificate; it signs a day from now, or ``after_s``."""
        after_s = (await read_body(request, {"after_s"})).get("after_s", NOTICE_S)
        if isinstance(after_s, bool) or not isinstance(after_s, int | float) or after_s < 0:
            raise BadRequest("after_s is a number of seconds")
        made = self.sandbox.pay.platform.rotate(self.now(), after_s=float(after_s))
        return answer_json({"serial_no": made.serial_no, "signs_from": iso(made.signs_from)})

    async def balance(self, request: web.Request) -> web.Response:
        return answer_json(self._balances(self.merchant(request)))

    async def deposit(self, request: web.Request) -> web.Response:
        """Put money into an account, or take it out with a negative amount."""
        merchant, body = self.merchant(request), await read_body(request, {"account", "amount"})
        amount, account = body.get("amount"), to_text(body.get("account", "OPERATION"), "account")
        if account not in list(Purse):
            raise BadRequest(f"account is one of {', '.join(Purse)}")
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise BadRequest("amount is a whole number of fen")
        held = self.sandbox.pay.funds.balance(merchant.mchid, Purse(account))
        if amount < 0 and held.available + amount < 0:
            raise BadRequest("there is less money in this account")
        name = "充值" if amount > 0 else "提现"
        self.sandbox.pay.funds.move(
            merchant.mchid,
            amount,
            at=self.now(),
            name=name,
            kind=name,
            ref=str(self.sandbox.pay.ordinal()),
            purse=Purse(account),
        )
        return answer_json(self._balances(merchant))

    async def list_orders(self, request: web.Request) -> web.Response:
        """Return the latest orders, newest first."""
        merchant = self.merchant(request)
        _, limit = read_page(request)
        found = Orders(self.sandbox.pay).latest(merchant.mchid, limit)
        return answer_json({"items": [asdict(order) for order in found]})

    async def list_refunds(self, request: web.Request) -> web.Response:
        merchant = self.merchant(request)
        return answer_json({"items": [asdict(one) for one in Refunds(self.sandbox.pay).all(merchant.mchid)]})

    async def list_callbacks(self, request: web.Request) -> web.Response:
        """Return every callback with its attempts, oldest first."""
        merchant = self.merchant(request)
        return answer_json({"items": [asdict(one) for one in self.sandbox.pay.notices.all(merchant.mchid)]})

    async def decide_next_refund(self, request: web.Request) -> web.Response:
        """Let the next refund that is processed end as told."""
        merchant, body = self.merchant(request), await read_body(request, {"status"})
        try:
            fate = RefundState(to_text(body.get("status"), "status"))
        except ValueError as error:
            raise BadRequest("status is SUCCESS, ABNORMAL or CLOSED") from error
        Refunds(self.sandbox.pay).decide_next(merchant.mchid, fate)
        return answer_json({"status": fate})

    async def decide_next_share(self, request: web.Request) -> web.Response:
        """Let the next receiver of a shared profit get nothing, and why."""
        merchant, body = self.merchant(request), await read_body(request, {"fail_reason"})
        reason = to_text(body.get("fail_reason", ""), "fail_reason")
        if reason not in FAIL_REASONS:
            raise BadRequest(f"fail_reason is one of {', '.join(sorted(FAIL_REASONS))}")
        Sharing(self.sandbox.pay).decide_next(merchant.mchid, reason)
        return answer_json({"fail_reason": reason})

    def _balances(self, merchant: Merchant) -> dict[str, Any]:
        held = {one: self.sandbox.pay.funds.balance(merchant.mchid, one) for one in Purse}
        return {one.value: asdict(found) | {"available": found.available} for one, found in held.items()}

    def _whole(self, merchant: Merchant) -> dict[str, Any]:
        pay, now = self.sandbox.pay, self.now()
        return merchant.settings() | {
            **asdict(pay.merchants.keys(merchant, now)),
            "public_key_id": pay.platform.public_key_id,
            "public_key_pem": pay.platform.public_key_pem,
            "platform_certificates": [
                {
                    "serial_no": one.serial_no,
                    "certificate_pem": one.certificate_pem,
                    "signs_from": iso(one.signs_from),
                }
                for one in pay.platform.certificates(now)
            ],
            "balance": self._balances(merchant),
        }


PART = PayMerchants
