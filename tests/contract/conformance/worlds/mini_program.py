"""The whole of what a case finds at the platform, visits of the mini program last."""

import hmac
from functools import cached_property
from typing import Any

from contract.conformance.worlds.ground import PAGE
from contract.conformance.worlds.notices import Notices


class World(Notices):
    """The whole of what a case finds at the platform, visits of the mini program last."""

    def act(self, what: str, person: int = 1, **more: Any) -> dict[str, Any]:
        """Let a person do something in the mini program."""
        body = {"appid": self.platform.mini_program["appid"]} | more
        done: dict[str, Any] = self.platform.control("POST", f"/people/{person}/{what}", body)
        return done

    def login_code(self) -> str:
        return str(self.act("login")["code"])

    @cached_property
    def session_key(self) -> str:
        """The key of the user's session."""
        mini = self.platform.mini_program
        query = {"appid": mini["appid"], "secret": mini["secret"], "js_code": self.login_code()}
        opened = self.platform.get("/sns/jscode2session", **query, grant_type="authorization_code")
        return str(opened["session_key"])

    @cached_property
    def signature(self) -> str:
        """What proves the session key."""
        return hmac.new(self.session_key.encode(), b"", "sha256").hexdigest()

    @cached_property
    def with_phone(self) -> int:
        """Somebody who gives their phone number away."""
        return next(
            one["index"] for one in self.platform.control("GET", "/people?limit=40")["items"] if one["phone"]
        )

    @cached_property
    def sealed(self) -> str:
        """Data that the platform sealed for the front end."""
        self.session_key  # noqa: B018 - logs in.
        return str(self.act("open-data")["encryptedData"])

    @cached_property
    def order(self) -> dict[str, Any]:
        """An order that the user paid for."""
        return self.act("orders", paid_amount=6800)

    @property
    def payer(self) -> str:
        return str(self.order["openid"])

    @property
    def payment(self) -> str:
        return str(self.order["transaction_id"])

    def shipment(self, transaction_id: str) -> dict[str, Any]:
        """Return what an upload of shipping information says."""
        return {
            "order_key": {"order_number_type": 2, "transaction_id": transaction_id},
            "logistics_type": 1,
            "delivery_mode": 1,
            "shipping_list": [
                {"tracking_no": "YT123456789", "express_company": "YTO", "item_desc": "桂花乌龙"}
            ],
            "upload_time": f"{self.today.isoformat()}T12:00:00.000+08:00",
            "payer": {"openid": self.payer},
        }

    @cached_property
    def shipped(self) -> str:
        """The transaction of an order on its way."""
        mini = self.platform.mini_program
        self.platform.post("/wxa/sec/order/upload_shipping_info", self.shipment(self.payment), mini)
        return self.payment

    def trade(self) -> dict[str, Any]:
        body = {"transaction_id": self.payment}
        found = self.platform.post("/wxa/sec/order/get_order", body, self.platform.mini_program)
        order: dict[str, Any] = found["order"]
        return order

    def _target(self) -> dict[str, str]:
        return {"path": PAGE, "query": "store=1", "env_version": "release"}

    @cached_property
    def scheme(self) -> str:
        body = {"jump_wxa": self._target(), "expire_type": 1, "expire_interval": 7}
        mini = self.platform.mini_program
        return str(self.platform.post("/wxa/generatescheme", body, mini)["openlink"])

    @cached_property
    def url_link(self) -> str:
        body = {"path": PAGE, "query": "store=1"}
        mini = self.platform.mini_program
        return str(self.platform.post("/wxa/generate_urllink", body, mini)["url_link"])

    @cached_property
    def card_key(self) -> dict[str, Any]:
        """What a new service card is known by: its person, its kind and the code of the button."""
        return {"openid": self.user, "notify_type": 1001, "notify_code": self.act("card-code")["code"]}

    @cached_property
    def active_card(self) -> dict[str, Any]:
        mini = self.platform.mini_program
        self.platform.post("/wxa/set_user_notify", self.card_key | {"content_json": "{}"}, mini)
        return self.card_key

    @cached_property
    def activity(self) -> str:
        """An updatable message."""
        mini = self.platform.mini_program
        made = self.platform.get("/cgi-bin/message/wxopen/activityid/create", mini, openid=self.user)
        return str(made["activity_id"])

    @cached_property
    def visitor(self) -> str:
        """A person who has just looked at a page of the mini program."""
        self.act("visit")
        return self.user

    @cached_property
    def mini_image(self) -> str:
        return self._temporary("image", "photo.jpg", self.platform.mini_program)

    @cached_property
    def business(self) -> int:
        """A sub-merchant of the mini program's customer service."""
        body = {"account_name": "shop1", "nickname": "门店", "icon_media_id": self.mini_image}
        return int(
            self.platform.post("/cgi-bin/business/register", body, self.platform.mini_program)["business_id"]
        )

    @cached_property
    def mini_customer(self) -> str:
        """A person who has written to the mini program."""
        self.act("enter-session")
        self.act("say", text="在吗")
        return self.user

    @cached_property
    def corp(self) -> str:
        """The enterprise whose staff serves the mini program."""
        body = {"corpid": "ww1234567890abcdef"}
        self.platform.post("/customservice/work/bind", body, self.platform.mini_program)
        return body["corpid"]
