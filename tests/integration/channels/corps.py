"""The platform's side of a connected corp: signs, encrypts and delivers."""

from dataclasses import dataclass
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.contracts import ConnectCorp, ConnectedCorp
from quanyu.modules.channels.wecom.corps import read_corp_id
from quanyu.modules.channels.wecom.service import CorpDesk
from quanyu.wechat.callbacks.crypto import MessageCrypt

from .conftest import Answer, ask

PATH = "/callbacks/wecom"
AT = 1772596800


@dataclass
class CorpSide:
    """One connected corp, seen from the platform."""

    door: Any
    connected: ConnectedCorp

    @property
    def id(self) -> AccountId:
        return read_corp_id(self.connected.corp.id)

    @property
    def corp_id(self) -> str:
        return self.connected.corp.corp_id

    @property
    def path(self) -> str:
        return f"{PATH}/{self.connected.setup.url.rpartition('/')[2]}"

    def crypt(self, receive_id: str = "") -> MessageCrypt:
        setup = self.connected.setup
        return MessageCrypt(
            token=setup.token, encoding_aes_key=setup.encoding_aes_key, app_id=receive_id or self.corp_id
        )

    def signed(self, plain: str, *, nonce: str = "2", receive_id: str = "") -> tuple[dict[str, str], str]:
        """Return a query and what is encrypted."""
        crypt = self.crypt(receive_id)
        encrypted = crypt.seal(plain.encode())
        signature = crypt.sign_sealed(encrypted, timestamp="1", nonce=nonce)
        return {"msg_signature": signature, "timestamp": "1", "nonce": nonce}, encrypted

    async def deliver(self, document: str, *, nonce: str = "2", receive_id: str = "", **query: str) -> Answer:
        signed, encrypted = self.signed(document, nonce=nonce, receive_id=receive_id)
        body = f"<xml><ToUserName>{self.corp_id}</ToUserName><Encrypt>{encrypted}</Encrypt></xml>".encode()
        return await ask(self.door, "POST", self.path, query={**signed, **query}, body=body)

    def event(self, name: str, change: str = "", *, at: int = AT, **fields: str) -> str:
        """Return the document of an event."""
        head = {"ToUserName": self.corp_id, "FromUserName": "sys", "CreateTime": at, "MsgType": "event"}
        about = {**head, "Event": name, **({"ChangeType": change} if change else {}), **fields}
        inside = "".join(f"<{key}><![CDATA[{value}]]></{key}>" for key, value in about.items())
        return f"<xml>{inside}</xml>"

    def added(self, customer: str, *, staff: str = "zhang01", at: int = AT, **more: str) -> str:
        """Return the document of a customer who was added."""
        fields = {
            "UserID": staff,
            "ExternalUserID": customer,
            "State": "s1",
            "WelcomeCode": "WELCOME",
            **more,
        }
        return self.event("change_external_contact", "add_external_contact", at=at, **fields)


async def connect(
    desk: CorpDesk, uows: UnitOfWorkFactory, tenant_id: TenantId, door: Any, corp_id: str, **more: Any
) -> CorpSide:
    """Connect a corp and stand on the other side of it."""
    command = ConnectCorp(corp_id=corp_id, agent_id=1000002, app_secret="0123456789abcdef", **more)
    async with uows.app(tenant_id) as uow:
        return CorpSide(door, await desk.connect(uow, command))
