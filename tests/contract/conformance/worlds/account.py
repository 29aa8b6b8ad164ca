"""What an official account has: templates, menus, codes, bindings, a service staff, sent messages."""

import json
from functools import cached_property
from typing import Any

from contract.conformance.hand_over import handing_over
from contract.conformance.worlds.ground import PAGE, URL
from contract.conformance.worlds.things import Things


class AccountWorld(Things):
    """What an official account has: templates, menus, codes, bindings, a service staff, sent messages."""

    @cached_property
    def template(self) -> dict[str, Any]:
        """A message template of the shop."""
        listed = self.platform.get("/cgi-bin/template/get_all_private_template")["template_list"]
        found: dict[str, Any] = listed[0]
        return found

    @cached_property
    def template_data(self) -> dict[str, dict[str, str]]:
        """A value for each place of the template."""
        places = [part.split(".DATA")[0] for part in self.template["content"].split("{{")[1:]]
        return {place: {"value": "桂花乌龙"} for place in places}

    def templates(self) -> list[str]:
        listed = self.platform.get("/cgi-bin/template/get_all_private_template")["template_list"]
        return [template["template_id"] for template in listed]

    @cached_property
    def industry(self) -> bool:
        """Whether the account's industries are set."""
        body = {"industry_id1": "1", "industry_id2": "2"}
        return not self.platform.post("/cgi-bin/template/api_set_industry", body)["errcode"]

    @cached_property
    def mass(self) -> int:
        """A mass message that was sent."""
        body = {"touser": self.fans, "msgtype": "text", "text": {"content": "新茶"}}
        msg_id = int(self.platform.post("/cgi-bin/message/mass/send", body)["msg_id"])
        self.settle()
        return msg_id

    @cached_property
    def mass_article(self) -> int:
        body = {"touser": self.fans, "msgtype": "mpnews", "mpnews": {"media_id": self.draft}}
        msg_id = int(self.platform.post("/cgi-bin/message/mass/send", body)["msg_id"])
        self.settle()
        return msg_id

    @cached_property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons of the shop's menu."""
        buttons = [
            {"type": "click", "name": "会员", "key": "MEMBER"},
            {"type": "view", "name": "商城", "url": URL},
        ]
        self.platform.post("/cgi-bin/menu/create", {"button": buttons})
        return buttons

    @cached_property
    def conditional_menu(self) -> str:
        body = {"button": self.buttons, "matchrule": {"tag_id": str(self.tag)}}
        return str(self.platform.post("/cgi-bin/menu/addconditional", body)["menuid"])

    def menu(self) -> dict[str, Any]:
        """Return the menu, or what the platform says where there is none."""
        status, content = self.platform.read("/cgi-bin/menu/get")
        assert status == 200
        found: dict[str, Any] = json.loads(content)
        return found

    @cached_property
    def ticket(self) -> str:
        body = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "store_1"}}}
        return str(self.platform.post("/cgi-bin/qrcode/create", body)["ticket"])

    def jsapi_ticket(self) -> str:
        return str(self.platform.get("/cgi-bin/ticket/getticket", type="jsapi")["ticket"])

    def opens_page(self, config: dict[str, Any]) -> bool:
        """Tell whether a phone accepts this ``wx.config`` on the page ``URL``."""
        shown = {"url": URL, "noncestr": config["nonceStr"], "timestamp": config["timestamp"]}
        shown |= {"signature": config["signature"]}
        checked = self.platform.control("POST", f"/accounts/{config['appId']}/check-page", shown)
        return bool(checked["accepted"])

    def quota(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.platform.post("/cgi-bin/openapi/quota/get", {"cgi_path": path})["quota"]
        return found

    @cached_property
    def rid(self) -> str:
        """The platform's name of a refused call."""
        _, content = self.platform.read("/cgi-bin/user/info", openid="nobody")
        return str(json.loads(content)["errmsg"].partition("rid: ")[2])

    @cached_property
    def short_key(self) -> str:
        return str(self.platform.post("/cgi-bin/shorten/gen", {"long_data": "order=1"})["short_key"])

    def _open_call(self, what: str) -> dict[str, Any]:
        old_shop, open_appid = self.platform.old_shop, self.platform.shop["platform_id"]
        body = {"appid": old_shop["appid"], "open_appid": open_appid}
        self.platform.post(f"/cgi-bin/open/{what}", body, old_shop)
        return old_shop

    def _is_bound(self) -> bool:
        return bool(self.platform.get("/cgi-bin/open/have", self.platform.old_shop)["have_open"])

    @cached_property
    def loner(self) -> dict[str, Any]:
        """The old shop, bound to no open-platform account."""
        if self._is_bound():
            shop = self.platform.old_shop
            asked = self.platform.post("/cgi-bin/open/get", {"appid": shop["appid"]}, shop)
            body = {"appid": shop["appid"], "open_appid": asked["open_appid"]}
            self.platform.post("/cgi-bin/open/unbind", body, shop)
        return self.platform.old_shop

    @cached_property
    def bound(self) -> dict[str, Any]:
        """The old shop, bound to the shop's open-platform account."""
        self.loner  # noqa: B018 - unbinds.
        return self._open_call("bind")

    @cached_property
    def linked(self) -> str:
        """The mini program, linked to the shop."""
        appid = str(self.platform.mini_program["appid"])
        body = {"appid": appid, "notify_users": 0, "show_profile": 1}
        self.platform.post("/cgi-bin/wxopen/wxamplink", body)
        return appid

    @cached_property
    def jump_rule(self) -> str:
        body = {"prefix": "https://shop.example/q/", "path": PAGE, "is_edit": 0, "permit_sub_rule": 1}
        self.platform.post("/cgi-bin/wxopen/qrcodejumpadd", body | {"appid": self.linked, "open_version": 3})
        return str(body["prefix"])

    wechat_id = "tea_000009"  # How an invitation names a person.

    def kf_name(self, prefix: str) -> str:
        return f"{prefix}@{self.platform.shop['original_id']}"

    @cached_property
    def kf(self) -> str:
        """A member of the service staff."""
        body = {"kf_account": self.kf_name("tea"), "nickname": "小青"}
        self.platform.post("/customservice/kfaccount/add", body)
        return str(body["kf_account"])

    def staff(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.platform.get("/cgi-bin/customservice/getkflist")["kf_list"]
        return listed

    @cached_property
    def online_kf(self) -> str:
        """One whom a person works as, and who sits at the desk."""
        body = {"kf_account": self.kf, "invite_wx": self.wechat_id}
        self.platform.post("/customservice/kfaccount/inviteworker", body)
        self.platform.control("POST", "/people/9/answer-invitation", {"accept": True})
        self.platform.control("POST", f"/accounts/{self.platform.shop['appid']}/kf/{self.kf}/online", {})
        return self.kf

    @cached_property
    def waiting(self) -> str:
        """A customer who was handed over and waits for the staff."""
        self.callback_url  # noqa: B018 - answers by handing over.
        customer = self.customer
        self.settle()
        return customer

    @cached_property
    def callback_url(self) -> str:
        """An address to which the shop's callbacks go, for as long as this world lasts."""
        return self.until_the_end.enter_context(handing_over(self.platform))

    @cached_property
    def conversed(self) -> str:
        """A customer the staff has written to."""
        name = f"/accounts/{self.platform.shop['appid']}/kf/{self.online_kf}/say"
        self.served  # noqa: B018 - opens the session.
        self.platform.control("POST", name, {"person": 1, "text": "在的"})
        return self.fan

    @cached_property
    def served(self) -> str:
        """A customer in a session."""
        body = {"kf_account": self.online_kf, "openid": self.customer}
        self.platform.post("/customservice/kfsession/create", body)
        return self.customer

    def session(self, openid: str) -> dict[str, Any]:
        return self.platform.get("/customservice/kfsession/getsession", openid=openid)
