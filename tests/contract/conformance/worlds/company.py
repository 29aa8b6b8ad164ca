"""A company of the platform, prepared from outside for calls of an SDK."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract.conformance.platform import Platform

HOST = "/qyapi.weixin.qq.com/cgi-bin"
OWNER, COLLEAGUE = "staff01", "staff02"


@dataclass
class Company:
    """One company; every method prepares something and returns its id."""

    platform: Platform
    files: Path
    corp: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.corp = self.platform.control("POST", "/corps")["corp"]

    def account(self, scope: str) -> dict[str, Any]:
        """Return what an SDK signs in with."""
        return {"appid": self.corp["corpid"], "secret": self.corp["secrets"][scope]}

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.platform.control(method, f"/corps/{self.corp['corpid']}{path}", body)

    def api(self, path: str, body: Any, *, scope: str = "customers") -> dict[str, Any]:
        """Make a call that the case is not about."""
        return self.platform.post(f"{HOST}{path}", body, access_token=self.token(scope))

    def token(self, scope: str) -> str:
        who = self.account(scope)
        answer = self.platform.get(
            f"{HOST}/gettoken", corpid=who["appid"], corpsecret=who["secret"], access_token=""
        )
        return str(answer["access_token"])

    @property
    def now(self) -> int:
        return int(self.platform.control("GET", "/clock")["epoch_s"])

    def customer(self, person: int = 1) -> str:
        made = self.control("POST", f"/customers/{person}/add", {"userid": OWNER})
        return str(made["external_userid"])

    def left_behind(self) -> str:
        """Return a customer whose member has left the company."""
        customer = self.customer()
        self.control("POST", f"/staff/{OWNER}/leave")
        return customer

    def group(self, name: str = "一店") -> str:
        return str(self.control("POST", "/groups", {"owner": OWNER, "name": name})["chat_id"])

    def media(self, name: str = "photo.png", kind: str = "image") -> str:
        path = f"{HOST}/media/upload"
        made = self.platform.upload(path, self.files / name, access_token=self.token("customers"), type=kind)
        return str(made["media_id"])

    def kf(self) -> str:
        body = {"name": "售前", "media_id": self.media()}
        return str(self.api("/kf/account/add", body, scope="kf")["open_kfid"])

    def chat(self) -> tuple[str, str]:
        """Return an account of 微信客服 and a customer who has just written to it."""
        kf = self.kf()
        said = self.control("POST", f"/kf/{kf}/chats/1/say", {"text": "在吗"})
        return kf, str(said["session"]["external_userid"])

    def said(self, kf: str) -> list[Any]:
        """Return what the chat of the customer shows last: kind and content."""
        last = self.control("GET", f"/kf/{kf}/chats/1")["lines"][-1]
        return [last["msgtype"], last["body"]]
