"""A corp of the sandbox connected to a running platform, and customers who add its staff at a steady pace."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from support.processes import HTTP, Platform, Sandbox
from wechat_sandbox.wire.codec import CallbackCodec, sign
from wechat_sandbox.wire.xml import document

CORPS = "/api/v1/wecom/corps"


@dataclass
class WecomSide:
    """One company at the platform, connected by one of its apps."""

    platform: Platform
    sandbox: Sandbox
    known: dict[str, Any]  # The sandbox's own record, with secrets.
    id: str  # Ours, ``wcp_…``.
    callback: dict[str, str]

    @property
    def corp_id(self) -> str:
        return str(self.known["corpid"])

    def ask(self, method: str, path: str, /, **body: Any) -> Any:
        """Call the control API of the company."""
        return self.sandbox.ask(method, f"/corps/{self.corp_id}{path}", **body)

    def staff(self) -> list[str]:
        return [one["userid"] for one in self.ask("GET", "/staff")["items"]]

    def add(self, person: int, userid: str, **how: Any) -> None:
        """Let a person and a member add each other."""
        self.ask("POST", f"/customers/{person}/add", userid=userid, **how)

    def add_steadily(self, people: range, *, per_s: float) -> None:
        """Let people add members one after the other, evenly spread over time and staff."""
        staff, began = self.staff(), time.monotonic()

        def one(place: int, person: int) -> None:
            time.sleep(max(0.0, began + place / per_s - time.monotonic()))
            self.add(person, staff[person % len(staff)])

        with ThreadPoolExecutor(max_workers=16) as threads:
            for done in [threads.submit(one, place, person) for place, person in enumerate(people)]:
                done.result()

    def welcomes(self, limit: int = 1_000) -> list[dict[str, Any]]:
        """The codes handed out, newest first, with whether they were used."""
        path = f"{self.sandbox.url}/sandbox/corps/{self.corp_id}/welcomes"
        items: list[dict[str, Any]] = HTTP.get(path, params={"limit": limit}).json()["items"]
        return items

    def tell(self, **fields: Any) -> int:
        """Deliver an add by hand; return the status of the answer."""
        message = {
            "ToUserName": self.corp_id,
            "FromUserName": "sys",
            "CreateTime": int(time.time()),
            "MsgType": "event",
            "Event": "change_external_contact",
            "ChangeType": "add_external_contact",
            **fields,
        }
        token, stamp, nonce = self.callback["token"], str(int(time.time())), "n1"
        encrypted = CallbackCodec(token, self.callback["encoding_aes_key"], self.corp_id).encrypt(
            document(message).encode()
        )
        query = {"msg_signature": sign(token, stamp, nonce, encrypted), "timestamp": stamp, "nonce": nonce}
        body = document({"ToUserName": self.corp_id, "Encrypt": encrypted})
        answer = HTTP.post(
            self.callback["url"], params=query, content=body, headers={"content-type": "text/xml"}
        )
        return answer.status_code


def connect_corp(platform: Platform, sandbox: Sandbox, *, staff: int = 10) -> WecomSide:
    """Make a company in the sandbox, connect it by its app, and point its customer events at the platform."""
    made = sandbox.ask(
        "POST", "/corps", name="青山茶食", staff=staff, agents=[{"name": "全域", "calls_customers": True}]
    )["corp"]
    agent = made["agents"][0]
    answer = platform.ask(
        "POST",
        CORPS,
        {
            "corp_id": made["corpid"],
            "agent_id": agent["agentid"],
            "app_secret": agent["secret"],
            "name": "青山茶食",
            "base_url": f"{sandbox.url}/qyapi.weixin.qq.com",
        },
    )
    assert answer.status_code == 201, answer.text
    connected = answer.json()
    setup = connected["setup"]
    pointed = sandbox.ask(
        "PUT",
        f"/corps/{made['corpid']}/callbacks/customers",
        url=setup["url"],
        token=setup["token"],
        aes_key=setup["encoding_aes_key"],
    )
    assert pointed["verified"] is True
    return WecomSide(platform, sandbox, made, connected["corp"]["id"], setup)
