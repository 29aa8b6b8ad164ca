"""What the simulated brand's owner would read off the platform's settings pages: made once, kept for good."""

import json
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from quanyu.infra.secret_file import read_or_create_secret
from quanyu.modules.channels.gateways.contracts import SmsTemplate

NAME: Final = "青山茶食"
_AGENT_ID: Final = 1_000_002
SMS_TEMPLATES: Final = (
    SmsTemplate(
        template_id="2210001",
        title="付款成功通知",
        text="您的订单{1}已付款成功，共{2}元，我们会尽快发货。",
        is_marketing=False,
    ),
    SmsTemplate(template_id="2210002", title="新品上市", text="{1}您好，今年的明前春茶到店了，拒收请回复R"),
)
_ALNUM: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """The simulated official account."""

    appid: str
    secret: str
    original_id: str
    token: str
    aes_key: str

    @classmethod
    def new(cls) -> "DemoAccount":
        """Make credentials of the real forms."""
        return cls(
            appid=f"wx{secrets.token_hex(8)}",
            secret=secrets.token_hex(16),
            original_id=f"gh_{secrets.token_hex(6)}",
            token=secrets.token_hex(12),
            aes_key=_letters(43),
        )

    @classmethod
    def at(cls, path: Path) -> "DemoAccount":
        """Return the account of earlier runs, or a new one."""
        return cls(**_kept(path, lambda: asdict(cls.new())))

    def as_config(self, callback_url: str) -> str:
        """Return it as a table of the sandbox's configuration."""
        return _table("account", {"name": NAME, "callback_url": callback_url, **asdict(self)})


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """The simulated company of 企业微信: one app, which may call customer contact."""

    corpid: str
    app_secret: str
    contacts_secret: str
    service_secret: str
    token: str
    aes_key: str
    agent_id: int = _AGENT_ID

    @classmethod
    def new(cls) -> "DemoCompany":
        """Make credentials of the real forms."""
        return cls(
            corpid=f"ww{secrets.token_hex(8)}",
            app_secret=_letters(43),
            contacts_secret=_letters(43),
            service_secret=_letters(43),
            token=secrets.token_hex(12),
            aes_key=_letters(43),
        )

    @classmethod
    def at(cls, path: Path) -> "DemoCompany":
        """Return the company of earlier runs, or a new one."""
        return cls(**_kept(path, lambda: asdict(cls.new())))

    def as_config(self, callback_url: str) -> str:
        """Return it as a table of the sandbox's configuration; one address hears everything."""
        hook = {"url": callback_url, "token": self.token, "aes_key": self.aes_key}
        app = {"agentid": self.agent_id, "secret": self.app_secret, "name": "全域助手"}
        corp = {
            "corpid": self.corpid,
            "name": NAME,
            "secrets": {"contacts": self.contacts_secret, "kf": self.service_secret},
            "hooks": {"contacts": hook, "customers": hook, "kf": hook},
            "agents": [app],
        }
        return _table("corp", corp)


@dataclass(frozen=True, slots=True)
class DemoSms:
    """The simulated application of text messages."""

    app_id: str
    secret_id: str
    secret_key: str
    sign_name: str = NAME

    @classmethod
    def new(cls) -> "DemoSms":
        """Make credentials of the real forms."""
        app_id = f"14{secrets.randbelow(10**8):08}"
        return cls(app_id=app_id, secret_id=f"AKID{_letters(32)}", secret_key=_letters(32))

    @classmethod
    def at(cls, path: Path) -> "DemoSms":
        """Return the application of earlier runs, or a new one."""
        return cls(**_kept(path, lambda: asdict(cls.new())))

    def as_config(self) -> str:
        """Return it as a table of the sandbox's configuration."""
        templates = [
            {"template_id": one.template_id, "text": one.text, "type": 1 if one.is_marketing else 2}
            for one in SMS_TEMPLATES
        ]
        return _table("sms", {**asdict(self), "templates": templates})


def _letters(length: int) -> str:
    return "".join(secrets.choice(_ALNUM) for _ in range(length))


def _kept(path: Path, make: Any) -> dict[str, Any]:
    content = read_or_create_secret(path, lambda: json.dumps(make()).encode())
    known: dict[str, Any] = json.loads(content)
    return known


def _table(name: str, values: dict[str, Any]) -> str:
    """Return one TOML table of an array; a JSON value without nulls is a TOML value, but for objects."""
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    return "\n".join([f"[[{name}]]", *lines])


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
