"""What people do on their phones inside mini programs."""

import json
from dataclasses import asdict
from typing import Any

from aiohttp import web

from wechat_sandbox.accounts import Account
from wechat_sandbox.control_http import BadRequest, answer_json, read_body, required, to_text
from wechat_sandbox.controls.base import ControlPart, Route
from wechat_sandbox.crowd.people import make_person
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Unknown
from wechat_sandbox.state.mini_program.risk import RANKS, Risk
from wechat_sandbox.state.mini_program.sessions import CodeKind, Sessions
from wechat_sandbox.state.mini_program.trades import Trade, Trades

# Since 2022-10-25 the platform tells every mini program the same of everybody.
_NICKNAME = "微信用户"
_AVATAR = "https://thirdwx.qlogo.cn/mmopen/vi_32/POgEwh4mIHO4nibH0KlMECNjjGxQUq24ZEaGT4poC6icRiccVGKSyXwibcPq4BWmiaIGuG1icwxaQX6grC9VemZoJ8rg/132"


class MiniPeople(ControlPart):
    """Codes, sealed data, orders."""

    def routes(self) -> list[Route]:
        return [
            ("POST", "/people/{person}/login", self.login),
            ("POST", "/people/{person}/phone-code", self.phone_code),
            ("POST", "/people/{person}/plugin-code", self.plugin_code),
            ("POST", "/people/{person}/card-code", self.card_code),
            ("POST", "/people/{person}/open-data", self.open_data),
            ("PUT", "/people/{person}/risk", self.set_risk),
            ("GET", "/people/{person}/orders", self.list_orders),
            ("POST", "/people/{person}/orders", self.pay),
            ("POST", "/people/{person}/orders/confirm", self.confirm),
            ("POST", "/people/{person}/orders/refund", self.refund),
        ]

    async def login(self, request: web.Request) -> web.Response:
        """``wx.login``: give the page a code for five minutes."""
        return await self._issue(request, CodeKind.LOGIN)

    async def phone_code(self, request: web.Request) -> web.Response:
        """The phone button: a code, unless the person never gives their number away."""
        if not self._phone(self.index(request)):
            raise BadRequest("this person does not give their phone number away")
        return await self._issue(request, CodeKind.PHONE)

    async def plugin_code(self, request: web.Request) -> web.Response:
        return await self._issue(request, CodeKind.PLUGIN)

    async def card_code(self, request: web.Request) -> web.Response:
        """The button that starts a service card."""
        return await self._issue(request, CodeKind.CARD)

    async def open_data(self, request: web.Request) -> web.Response:
        """Seal data with the person's session key: ``user_info``, ``phone`` or ``data`` of one's own."""
        body = await read_body(request, {"appid", "kind", "data"})
        account = find_mini_program(self, body)
        relation = self.world.get_relation(account, self.index(request))
        sessions = Sessions(self.world, account)
        session = sessions.find(relation, self.now())
        if session is None:
            raise BadRequest("this person has no session: log in and change the code first")
        data, raw = self._data(relation, body)
        sealed = sessions.seal(session, data, self.now(), raw=raw)
        return answer_json(
            {
                "rawData": sealed.raw_data,
                "signature": sealed.signature,
                "encryptedData": sealed.encrypted_data,
                "iv": sealed.iv,
            }
        )

    async def set_risk(self, request: web.Request) -> web.Response:
        """Set what ``getuserriskrank`` tells of a person; 4 cannot log in."""
        body = await read_body(request, {"appid", "rank"})
        rank = body.get("rank")
        if isinstance(rank, bool) or not isinstance(rank, int) or rank not in RANKS:
            raise BadRequest("rank is between 0 and 4")
        Risk(self.world, find_mini_program(self, body)).set(self.index(request), rank)
        return answer_json({"rank": rank})

    async def list_orders(self, request: web.Request) -> web.Response:
        account, index = find_mini_program(self, dict(request.query)), self.index(request)
        orders = [trade for trade in Trades(self.world, account).all() if trade.person == index]
        return answer_json({"items": [asdict(trade) for trade in orders]})

    async def pay(self, request: web.Request) -> web.Response:
        """Pay an order in the mini program; ``paid_amount`` is in fen."""
        body = await read_body(
            request, {"appid", "paid_amount", "merchant_id", "merchant_trade_no", "description"}
        )
        amount = body.get("paid_amount", 6800)
        if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
            raise BadRequest("paid_amount is a whole number of fen")
        account, at = find_mini_program(self, body), self.now()
        relation = self.world.get_relation(account, self.index(request))
        try:
            trade = Trades(self.world, account).pay(
                relation,
                at,
                amount=amount,
                merchant_id=to_text(body.get("merchant_id", "1900000109"), "merchant_id"),
                trade_no=to_text(body.get("merchant_trade_no", f"T{self.world.new_id(at)}"), "trade_no"),
                description=to_text(body.get("description", "桂花乌龙茶"), "description"),
            )
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return answer_json(asdict(trade), status=201)

    async def confirm(self, request: web.Request) -> web.Response:
        """The person confirms that an order has come."""
        trades, trade = await self._order(request)
        try:
            trades.confirm(trade, self.now(), by_hand=True)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        return answer_json(asdict(trade))

    async def refund(self, request: web.Request) -> web.Response:
        trades, trade = await self._order(request)
        trades.refund(trade)
        return answer_json(asdict(trade))

    async def _issue(self, request: web.Request, kind: CodeKind) -> web.Response:
        account = find_mini_program(self, await read_body(request, {"appid"}))
        code = Sessions(self.world, account).issue_code(kind, self.index(request), self.now())
        return answer_json({"code": code})

    async def _order(self, request: web.Request) -> tuple[Trades, Trade]:
        body = await read_body(request, {"appid", "transaction_id"})
        trades = Trades(self.world, find_mini_program(self, body))
        trade = trades.find(transaction_id=required(body, "transaction_id"))
        if trade is None or trade.person != self.index(request):
            raise Unknown("this person has no such order")
        return trades, trade

    def _phone(self, index: int) -> str:
        return make_person(self.sandbox.seed, index, self.world.people).phone

    def _data(self, relation: Relation, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Return what to seal, and the text that is handed over beside it in the clear."""
        kind, data = body.get("kind", "user_info"), body.get("data")
        if isinstance(data, dict):
            return data, ""
        if kind == "phone":
            phone = self._phone(relation.person)
            return {"phoneNumber": phone, "purePhoneNumber": phone, "countryCode": "86"}, ""
        if kind != "user_info":
            raise BadRequest("kind is user_info or phone; or give data")
        shown = {
            "nickName": _NICKNAME,
            "gender": 0,
            "language": "",
            "city": "",
            "province": "",
            "country": "",
            "avatarUrl": _AVATAR,
        }
        raw = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        return {"openId": relation.openid, **shown, "unionId": relation.unionid}, raw


def find_mini_program(part: ControlPart, body: dict[str, Any]) -> Account:
    """Return the mini program a body names, the first one when it names none."""
    if "appid" in body:
        account = part.account(body)
        if not account.is_mini_program:
            raise BadRequest(f"{account.appid} is no mini program")
        return account
    for account in part.world.accounts.values():
        if account.is_mini_program:
            return account
    raise Unknown("there is no mini program")


PART = MiniPeople
