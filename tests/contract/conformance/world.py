"""What a case finds at the platform: made on first use, by bare calls that no SDK is part of."""

import base64
import hmac
import json
import time
from contextlib import ExitStack
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from contract.conformance.hand_over import handing_over
from contract.conformance.platform import Platform, Refused

PAGE = "pages/index"
URL = "https://shop.example/tea"


class World:
    """One case's people, things and files."""

    def __init__(self, platform: Platform, files: Path) -> None:
        self.platform = platform
        self.files = files
        self.until_the_end = ExitStack()

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *reason: object) -> None:
        self.until_the_end.close()

    # People

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

    # Tags

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

    def tags(self) -> list[dict[str, Any]]:
        """Return the account's own tags."""
        listed: list[dict[str, Any]] = self.platform.get("/cgi-bin/tags/get")["tags"]
        return [tag for tag in listed if tag["id"] >= 100]

    def tags_of(self, openid: str) -> list[int]:
        found: list[int] = self.platform.post("/cgi-bin/tags/getidlist", {"openid": openid})["tagid_list"]
        return found

    def info(self, openid: str) -> dict[str, Any]:
        return self.platform.get("/cgi-bin/user/info", openid=openid)

    @cached_property
    def blocked(self) -> str:
        """A follower on the blacklist."""
        self.platform.post("/cgi-bin/tags/members/batchblacklist", {"openid_list": [self.fan]})
        return self.fan

    def blacklist(self) -> list[str]:
        listed = self.platform.post("/cgi-bin/tags/members/getblacklist", {"begin_openid": ""})
        openids: list[str] = listed.get("data", {}).get("openid", [])
        return openids

    # Message templates

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

    # Groups, menus, codes

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

    @cached_property
    def now(self) -> int:
        return int(self.platform.control("GET", "/clock")["epoch_s"])

    @cached_property
    def today(self) -> date:
        """The day in China."""
        return datetime.fromtimestamp(self.now, timezone(timedelta(hours=8))).date()

    def jsapi_ticket(self) -> str:
        return str(self.platform.get("/cgi-bin/ticket/getticket", type="jsapi")["ticket"])

    # Media and articles

    def content(self, name: str) -> dict[str, str]:
        """Return a file as a program hands it on."""
        return {"base64": base64.b64encode((self.files / name).read_bytes()).decode()}

    def _temporary(self, kind: str, name: str, account: dict[str, Any] | None = None) -> str:
        made = self.platform.upload("/cgi-bin/media/upload", self.files / name, account, type=kind)
        return str(made["thumb_media_id" if kind == "thumb" else "media_id"])

    @cached_property
    def image(self) -> str:
        """A temporary image; the others likewise."""
        return self._temporary("image", "photo.jpg")

    @cached_property
    def voice(self) -> str:
        return self._temporary("voice", "voice.amr")

    @cached_property
    def video(self) -> str:
        return self._temporary("video", "film.mp4")

    @cached_property
    def thumb(self) -> str:
        return self._temporary("thumb", "photo.jpg")

    @cached_property
    def mass_video(self) -> str:
        """A video made ready for mass messages."""
        body = {"media_id": self.video, "title": "采茶", "description": "春天"}
        return str(self.platform.post("/cgi-bin/media/uploadvideo", body)["media_id"])

    @cached_property
    def picture(self) -> str:
        """A permanent image."""
        made = self.platform.upload("/cgi-bin/material/add_material", self.files / "photo.jpg", type="image")
        return str(made["media_id"])

    def material_count(self) -> dict[str, Any]:
        return self.platform.get("/cgi-bin/material/get_materialcount")

    def _article(self) -> dict[str, Any]:
        return {
            "title": "春茶上市",
            "author": "青山",
            "content": "<p>今年的第一批。</p>",
            "thumb_media_id": self.picture,
            "need_open_comment": 1,
        }

    @cached_property
    def draft(self) -> str:
        made = self.platform.post("/cgi-bin/draft/add", {"articles": [self._article()]})
        return str(made["media_id"])

    @cached_property
    def news(self) -> str:
        """Permanent articles of the kind that drafts have replaced."""
        made = self.platform.post("/cgi-bin/material/add_news", {"articles": [self._article()]})
        return str(made["media_id"])

    def articles(self, media_id: str) -> list[dict[str, Any]]:
        found = self.platform.post("/cgi-bin/material/get_material", {"media_id": media_id})
        items: list[dict[str, Any]] = found["news_item"]
        return items

    # Mass messages, publishing, comments

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
    def published(self) -> dict[str, Any]:
        """A published draft: ``publish_id``, ``msg_data_id``, ``article_id``."""
        made = self.platform.post("/cgi-bin/freepublish/submit", {"media_id": self.draft})
        self.settle()
        asked = {"publish_id": made["publish_id"]}
        return made | self.platform.post("/cgi-bin/freepublish/get", asked)

    def settle(self) -> None:
        """Wait until the platform has finished what it does later."""
        deadline = time.monotonic() + 10
        while not self.platform.control("GET", "/idle")["idle"]:
            assert time.monotonic() < deadline, "the sandbox does not come to rest"
            time.sleep(0.01)

    # Service staff

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

    @cached_property
    def industry(self) -> bool:
        """Whether the account's industries are set."""
        body = {"industry_id1": "1", "industry_id2": "2"}
        return not self.platform.post("/cgi-bin/template/api_set_industry", body)["errcode"]

    # Subscriptions and the mini program

    def openid_at(self, account: dict[str, Any], person: int = 1) -> str:
        relations = self.platform.control("GET", f"/people/{person}")["relations"]
        return next(str(one["openid"]) for one in relations if one["appid"] == account["appid"])

    @cached_property
    def user(self) -> str:
        """A person at the mini program."""
        return self.openid_at(self.platform.mini_program)

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

    # What only our own client asks for

    def bytes_of(self, name: str) -> bytes:
        return (self.files / name).read_bytes()

    def file(self, name: str, content_type: str) -> dict[str, Any]:
        """Return a file as our client takes it."""
        return {"content": self.bytes_of(name), "filename": name, "content_type": content_type}

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
    def tag_with_fan(self) -> int:
        self.tagged  # noqa: B018 - tags.
        return self.tag

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

    def draft_titles(self) -> list[str]:
        items = self.platform.post("/cgi-bin/draft/get", {"media_id": self.draft})["news_item"]
        return [str(item["title"]) for item in items]

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

    # Readers of articles

    @cached_property
    def comment(self) -> int:
        """A follower's comment under the published article."""
        self.published  # noqa: B018 - publishes.
        appid = self.platform.shop["appid"]
        url = self.platform.control("GET", f"/accounts/{appid}/articles")["items"][-1]["url"]
        self.fan  # noqa: B018 - follows.
        made = self.platform.control("POST", "/people/1/comment", {"url": url, "content": "好茶"})
        return int(made["user_comment_id"])

    def _on_comment(self, what: str, **more: Any) -> int:
        body = {"msg_data_id": self.published["msg_data_id"], "index": 0, "user_comment_id": self.comment}
        self.platform.post(f"/cgi-bin/comment/{what}", body | more)
        return self.comment

    @cached_property
    def elected_comment(self) -> int:
        return self._on_comment("markelect")

    @cached_property
    def answered_comment(self) -> int:
        return self._on_comment("reply/add", content="谢谢")

    def comments(self) -> list[dict[str, Any]]:
        body = {"msg_data_id": self.published["msg_data_id"], "index": 0, "begin": 0, "count": 49, "type": 0}
        listed: list[dict[str, Any]] = self.platform.post("/cgi-bin/comment/list", body)["comment"]
        return listed

    # Visits of the mini program

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

    # Web pages

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

    # More of the mini program

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

    def __getattr__(self, name: str) -> Any:
        raise Refused(f"HTTP 404: no way to make {name} yet")
