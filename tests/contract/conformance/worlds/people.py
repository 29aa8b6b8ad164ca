"""People: who follows, writes, carries tags, and lets web pages know them."""

from functools import cached_property
from typing import Any

from contract.conformance.worlds.ground import URL, Ground


class People(Ground):
    """People: who follows, writes, carries tags, and lets web pages know them."""

    def follow(self, person: int, **how: str) -> str:
        relation = self.platform.control("POST", f"/people/{person}/follow", how)
        return str(relation["openid"])

    def say(self, person: int, text: str) -> None:
        self.platform.control("POST", f"/people/{person}/say", {"text": text})

    @cached_property
    def fan(self) -> str:
        """Somebody who follows the shop."""
        return self.follow(1)

    @cached_property
    def fans(self) -> list[str]:
        return [self.fan, self.follow(2), self.follow(3)]

    @cached_property
    def customer(self) -> str:
        """A follower who has just written, so that service messages reach them."""
        self.fan  # noqa: B018 - follows.
        self.say(1, "有新品吗")
        return self.fan

    def arrived(self, person: int = 1) -> list[dict[str, Any]]:
        """Return what accounts sent to a person, oldest first, as (kind, body)."""
        items: list[dict[str, Any]] = self.platform.control("GET", f"/messages?person={person}")["items"]
        return [{"kind": item["kind"], "body": item["body"]} for item in items]

    def received(self, person: int) -> list[dict[str, Any]]:
        """Return the same, once what the platform does later is done."""
        self.settle()
        return self.arrived(person)

    def openid_at(self, account: dict[str, Any], person: int = 1) -> str:
        relations = self.platform.control("GET", f"/people/{person}")["relations"]
        return next(str(one["openid"]) for one in relations if one["appid"] == account["appid"])

    def info(self, openid: str) -> dict[str, Any]:
        return self.platform.get("/cgi-bin/user/info", openid=openid)

    @cached_property
    def tag(self) -> int:
        made = self.platform.post("/cgi-bin/tags/create", {"tag": {"name": "金卡"}})
        return int(made["tag"]["id"])

    @cached_property
    def tagged(self) -> str:
        """A follower who carries the tag."""
        body = {"openid_list": [self.fan], "tagid": self.tag}
        self.platform.post("/cgi-bin/tags/members/batchtagging", body)
        return self.fan

    @cached_property
    def tag_with_fan(self) -> int:
        self.tagged  # noqa: B018 - tags.
        return self.tag

    def tags(self) -> list[dict[str, Any]]:
        """Return the account's own tags."""
        listed: list[dict[str, Any]] = self.platform.get("/cgi-bin/tags/get")["tags"]
        return [tag for tag in listed if tag["id"] >= 100]

    def tags_of(self, openid: str) -> list[int]:
        found: list[int] = self.platform.post("/cgi-bin/tags/getidlist", {"openid": openid})["tagid_list"]
        return found

    @cached_property
    def blocked(self) -> str:
        """A follower on the blacklist."""
        self.platform.post("/cgi-bin/tags/members/batchblacklist", {"openid_list": [self.fan]})
        return self.fan

    def blacklist(self) -> list[str]:
        listed = self.platform.post("/cgi-bin/tags/members/getblacklist", {"begin_openid": ""})
        openids: list[str] = listed.get("data", {}).get("openid", [])
        return openids

    @cached_property
    def group(self) -> int:
        made = self.platform.post("/cgi-bin/groups/create", {"group": {"name": "门店"}})
        return int(made["group"]["id"])

    @cached_property
    def grouped(self) -> str:
        """A follower in the group."""
        body = {"openid": self.fan, "to_groupid": self.group}
        self.platform.post("/cgi-bin/groups/members/update", body)
        return self.fan

    def groups(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.platform.get("/cgi-bin/groups/get")["groups"]
        return listed

    def oauth_code(self) -> str:
        """Let the fan allow a web page to know them; return the code."""
        query = {
            "appid": self.platform.shop["appid"],
            "redirect_uri": URL,
            "response_type": "code",
            "scope": "snsapi_userinfo",
            "state": "s1",
            "person": 1,
            "confirm": 1,
        }
        self.fan  # noqa: B018 - follows.
        return self.platform.led_back("/connect/oauth2/authorize", **query)["code"]

    @cached_property
    def web_grant(self) -> dict[str, Any]:
        """What a code of the fan was exchanged for."""
        shop = self.platform.shop
        query = {"appid": shop["appid"], "secret": shop["secret"], "code": self.oauth_code()}
        return self.platform.get("/sns/oauth2/access_token", **query, grant_type="authorization_code")
