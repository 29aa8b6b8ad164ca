"""The gateway of text messages in the sandbox, and our client for it, on one clock moved by hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from quanyu.kernel.clock import FixedClock
from quanyu.modules.channels.gateways.contracts import SmsSettings, SmsTemplate
from quanyu.modules.channels.gateways.sms import SmsClient
from quanyu.wechat.transport import Timeouts, Transport, open_transport
from wechat_sandbox.clock import ManualClock
from wechat_sandbox.config import SandboxConfig
from wechat_sandbox.sandbox import Sandbox

APP, SECRET_ID, SECRET = "1400000001", "AKIDsandbox0001", "sandbox-secret-key"
PAID, SALE = "2000001", "2000002"
TEMPLATES = (
    SmsTemplate(template_id=PAID, title="付款成功", text="您的订单{1}已付款{2}元。", is_marketing=False),
    SmsTemplate(template_id=SALE, title="春茶上新", text="{1}您好，春茶上新，拒收请回复R", is_marketing=True),
)


@dataclass
class Texting:
    """Both sides of the gateway."""

    sandbox: Sandbox
    transport: Transport
    platform_clock: ManualClock
    clock: FixedClock

    @property
    def settings(self) -> SmsSettings:
        return SmsSettings(
            app_id=APP,
            secret_id=SECRET_ID,
            sign_name="青山茶食",
            base_url=f"{self.sandbox.url}/sms.tencentcloudapi.com",
            templates=TEMPLATES,
        )

    def client(self, *, secret: str = SECRET, **changes: Any) -> SmsClient:
        settings = self.settings.model_copy(update=changes)
        return SmsClient(self.transport, settings, secret, self.clock)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        async with aiohttp.ClientSession(self.sandbox.url) as session:
            options = {} if method == "GET" else {"json": body or {}}
            async with session.request(method, f"/sandbox{path}", **options) as answer:
                assert answer.status < 300, await answer.text()
                return await answer.json()

    async def arrived(self) -> list[tuple[str, str]]:
        """Return (number, text) of what went out."""
        found = await self.control("GET", f"/sms/{APP}/messages")
        return [(one["phone"], one["text"]) for one in found["items"]]

    async def reply(self, phone: str, text: str) -> None:
        await self.control("POST", f"/sms/{APP}/replies", {"phone": phone, "text": text})

    def later(self, seconds: float) -> None:
        """Let time pass on both sides."""
        self.platform_clock.advance(seconds)
        self.clock.advance(timedelta(seconds=seconds))

    def change(self, **changes: Any) -> None:
        """Change the application on the platform's side."""
        apps = dict(self.sandbox.sms.apps)
        self.sandbox.sms.apps = {APP: replace(apps[APP], **changes)}


def application() -> dict[str, Any]:
    """Describe the application as the sandbox's configuration does."""
    return {
        "app_id": APP,
        "secret_id": SECRET_ID,
        "secret_key": SECRET,
        "sign_name": "青山茶食",
        "templates": [
            {"template_id": one.template_id, "text": one.text, "type": 1 if one.is_marketing else 2}
            for one in TEMPLATES
        ],
    }


@pytest.fixture
async def texting(clock: FixedClock) -> AsyncIterator[Texting]:
    platform_clock = ManualClock(clock.now().timestamp())
    config = SandboxConfig(port=0, seed=7, people=5, crowd=False, sms=(application(),)).checked()
    sandbox = Sandbox(config, platform_clock)
    await sandbox.start()
    async with open_transport(Timeouts(connect_s=1, read_s=2, total_s=3)) as transport:
        yield Texting(sandbox, transport, platform_clock, clock)
    await sandbox.stop()
