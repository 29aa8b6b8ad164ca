"""Notices people agree to: subscribe messages of both products, and one-time subscription."""

from functools import cached_property
from typing import Any

from contract.conformance.worlds.account import AccountWorld
from contract.conformance.worlds.ground import URL


class Notices(AccountWorld):
    """Notices people agree to: subscribe messages of both products, and one-time subscription."""

    def _notice(self, account: dict[str, Any]) -> dict[str, Any]:
        """Take the first notice of the public library into an account's own list."""
        category = self.platform.get("/wxaapi/newtmpl/getcategory", account)["data"][0]["id"]
        page = {"ids": category, "start": 0, "limit": 1}
        tid = self.platform.get("/wxaapi/newtmpl/getpubtemplatetitles", account, **page)["data"][0]["tid"]
        words = self.platform.get("/wxaapi/newtmpl/getpubtemplatekeywords", account, tid=tid)["data"][:2]
        body = {"tid": str(tid), "kidList": [word["kid"] for word in words], "sceneDesc": "到货"}
        template_id = self.platform.post("/wxaapi/newtmpl/addtemplate", body, account)["priTmplId"]
        listed = self.platform.get("/wxaapi/newtmpl/gettemplate", account)["data"]
        content = next(one["content"] for one in listed if one["priTmplId"] == template_id)
        places = [part.split(".DATA")[0] for part in content.split("{{")[1:]]
        data = {place: {"value": word["example"]} for place, word in zip(places, words, strict=True)}
        return {"id": template_id, "data": data}

    def _accept(self, account: dict[str, Any], template_id: str) -> None:
        body = {"appid": account["appid"], "answers": {template_id: "accept"}}
        self.platform.control("POST", "/people/1/subscriptions", body)

    @cached_property
    def _mini_notice(self) -> dict[str, Any]:
        return self._notice(self.platform.mini_program)

    @cached_property
    def _shop_notice(self) -> dict[str, Any]:
        return self._notice(self.platform.shop)

    @property
    def notice(self) -> str:
        """A subscribe message template of the mini program."""
        return str(self._mini_notice["id"])

    @property
    def notice_data(self) -> dict[str, Any]:
        data: dict[str, Any] = self._mini_notice["data"]
        return data

    @cached_property
    def user(self) -> str:
        """A person at the mini program."""
        return self.openid_at(self.platform.mini_program)

    @cached_property
    def subscriber(self) -> str:
        """A person who accepted one such message."""
        self._accept(self.platform.mini_program, self.notice)
        return self.user

    @property
    def shop_notice(self) -> str:
        return str(self._shop_notice["id"])

    @property
    def shop_notice_data(self) -> dict[str, Any]:
        data: dict[str, Any] = self._shop_notice["data"]
        return data

    @cached_property
    def shop_subscriber(self) -> str:
        self._accept(self.platform.shop, self.shop_notice)
        return self.fan

    @cached_property
    def category(self) -> int:
        """A category, a title and keywords of the public library of notices."""
        return int(self.platform.get("/wxaapi/newtmpl/getcategory")["data"][0]["id"])

    @cached_property
    def title(self) -> int:
        page = {"ids": self.category, "start": 0, "limit": 1}
        return int(self.platform.get("/wxaapi/newtmpl/getpubtemplatetitles", **page)["data"][0]["tid"])

    @cached_property
    def keywords(self) -> list[int]:
        listed = self.platform.get("/wxaapi/newtmpl/getpubtemplatekeywords", tid=self.title)["data"]
        return [int(one["kid"]) for one in listed[:2]]

    def notices(self) -> list[str]:
        return [str(one["priTmplId"]) for one in self.platform.get("/wxaapi/newtmpl/gettemplate")["data"]]

    @cached_property
    def one_time_template(self) -> str:
        """The template of one-time subscription, as the console shows it."""
        appid = self.platform.shop["appid"]
        return str(self.platform.control("GET", f"/accounts/{appid}/one-time-template")["template_id"])

    @cached_property
    def one_time_subscriber(self) -> str:
        """Somebody who agreed to one message for scene 1000."""
        query = {
            "action": "get_confirm",
            "appid": self.platform.shop["appid"],
            "scene": 1000,
            "template_id": self.one_time_template,
            "redirect_url": URL,
            "person": 1,
            "confirm": "confirm",
        }
        return self.platform.led_back("/mp/subscribemsg", **query)["openid"]
