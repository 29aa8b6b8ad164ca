"""What crosses the boundary of gateways: accounts that carry messages outside WeChat."""

import re
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NewType
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

GatewayId = NewType("GatewayId", int)

OFFICIAL_SMS_URL: Final = "https://sms.tencentcloudapi.com"
# Within which the carriers take marketing messages, in China's time.
CHINA: Final = ZoneInfo("Asia/Shanghai")
MARKETING_FROM: Final = time(8)
MARKETING_UNTIL: Final = time(22)
TEMPLATES_MAX: Final = 200
_PARAMETER: Final = re.compile(r"\{(\d{1,2})\}")
MAIL_PATTERN: Final = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
_LINE: Final = r"^[^\r\n\x00]*$"
_UNSUBSCRIBE: Final = re.compile(r"拒收|退订")


class GatewayChannel(StrEnum):
    """How a gateway reaches people."""

    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"


# How their ids begin, outside.
GATEWAY_PREFIXES: Final = {
    GatewayChannel.SMS: "sms",
    GatewayChannel.EMAIL: "eml",
    GatewayChannel.WEBHOOK: "whk",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# Left out or empty when something is changed: the one known before.
_Secret = Annotated[str, StringConstraints(max_length=128, strip_whitespace=True)]
_Name = Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)]
_Url = Annotated[
    str, StringConstraints(pattern=r"^https?://[^\s?#]+$", max_length=200, strip_whitespace=True)
]


class SmsTemplate(_Frozen):
    """A text the carrier approved; ``{1}``, ``{2}`` … are filled in for each person."""

    template_id: Annotated[str, StringConstraints(pattern=r"^\d{1,20}$")]
    title: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    text: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    is_marketing: bool = True

    @property
    def parameters(self) -> tuple[str, ...]:
        """The numbers in its text, in order."""
        return tuple(sorted(set(_PARAMETER.findall(self.text)), key=int))

    @model_validator(mode="after")
    def _sound(self) -> "SmsTemplate":
        if self.parameters != tuple(str(one + 1) for one in range(len(self.parameters))):
            raise ValueError("parameters are numbered {1}, {2} … without a gap")
        if self.is_marketing and not _UNSUBSCRIBE.search(self.text):
            raise ValueError("a marketing text must say how to unsubscribe, for example 拒收请回复R")
        return self


class SmsSettings(_Frozen):
    """An application of Tencent Cloud SMS, without its secret."""

    channel: Literal[GatewayChannel.SMS] = GatewayChannel.SMS
    app_id: Annotated[str, StringConstraints(pattern=r"^\d{5,20}$", strip_whitespace=True)]  # SmsSdkAppId.
    secret_id: Annotated[str, StringConstraints(pattern=r"^[\w-]{4,80}$", strip_whitespace=True)]
    sign_name: Annotated[str, StringConstraints(min_length=1, max_length=20, strip_whitespace=True)]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z-]{2,30}\d*$")] = "ap-guangzhou"
    base_url: _Url = OFFICIAL_SMS_URL
    # When marketing may go out, in China's time; never wider than the carriers allow.
    marketing_from: time = MARKETING_FROM
    marketing_until: time = MARKETING_UNTIL
    templates: Annotated[tuple[SmsTemplate, ...], Field(max_length=TEMPLATES_MAX)] = ()

    @property
    def key(self) -> str:
        """What tells it from the brand's others of its channel."""
        return self.app_id

    @field_validator("base_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _sound(self) -> "SmsSettings":
        if not MARKETING_FROM <= self.marketing_from < self.marketing_until <= MARKETING_UNTIL:
            raise ValueError("marketing hours lie within 08:00 and 22:00, the earlier first")
        ids = [one.template_id for one in self.templates]
        if len(set(ids)) != len(ids):
            raise ValueError("each template is named once")
        return self


class ConnectSms(SmsSettings):
    """Connect an application, or replace what is known of the one with this app id."""

    name: _Name = ""
    secret_key: _Secret = Field(default="", repr=False)

    @property
    def secret(self) -> str:
        return self.secret_key

    @property
    def needs_secret(self) -> bool:
        return True


class MailSecurity(StrEnum):
    """How the way to the server is protected."""

    TLS = "tls"  # From the first byte, usually on port 465.
    STARTTLS = "starttls"  # After a greeting, usually on port 587.
    NONE = "none"  # Only for a relay on the same machine or network.


class EmailSettings(_Frozen):
    """A server that takes mail from one sender, without its password."""

    channel: Literal[GatewayChannel.EMAIL] = GatewayChannel.EMAIL
    from_address: Annotated[str, StringConstraints(pattern=MAIL_PATTERN, max_length=200, to_lower=True)]
    from_name: Annotated[str, StringConstraints(max_length=60, strip_whitespace=True, pattern=_LINE)] = ""
    reply_to: Annotated[str, StringConstraints(pattern=rf"{MAIL_PATTERN}|^$", max_length=200)] = ""
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,200}$", strip_whitespace=True)]
    port: Annotated[int, Field(ge=1, le=65_535)] = 465
    security: MailSecurity = MailSecurity.TLS
    username: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""

    @property
    def key(self) -> str:
        """What tells it from the brand's others of its channel."""
        return self.from_address


class ConnectEmail(EmailSettings):
    """Connect a sender, or replace what is known of the one with this address."""

    name: _Name = ""
    password: _Secret = Field(default="", repr=False)

    @property
    def secret(self) -> str:
        return self.password

    @property
    def needs_secret(self) -> bool:
        return self.username != ""


class WebhookSettings(_Frozen):
    """An address of another system, without the secret that signs."""

    channel: Literal[GatewayChannel.WEBHOOK] = GatewayChannel.WEBHOOK
    url: Annotated[
        str, StringConstraints(pattern=r"^https?://[^\s#@]+$", max_length=500, strip_whitespace=True)
    ]
    timeout_s: Annotated[float, Field(ge=1, le=20)] = 10.0

    @property
    def key(self) -> str:
        """What tells it from the brand's others of its channel."""
        return self.url


class ConnectWebhook(WebhookSettings):
    """Connect an address, or replace what is known of it."""

    name: _Name = ""
    # What signs every request; both sides know it.
    signing_secret: Annotated[str, StringConstraints(pattern=r"^$|^\S{16,128}$")] = Field(
        default="", repr=False
    )

    @property
    def secret(self) -> str:
        return self.signing_secret

    @property
    def needs_secret(self) -> bool:
        return True


Settings = Annotated[SmsSettings | EmailSettings | WebhookSettings, Field(discriminator="channel")]
Connect = ConnectSms | ConnectEmail | ConnectWebhook


class Gateway(_Frozen):
    """A connected gateway, without its secret."""

    id: str
    channel: GatewayChannel
    name: str
    settings: Settings
    created_at: datetime
    updated_at: datetime


class Gateways(_Frozen):
    """The brand's gateways."""

    items: tuple[Gateway, ...]


def settings_of(command: Connect) -> dict[str, Any]:
    """Return what a command says beside name and secret."""
    return command.model_dump(mode="json", exclude={"name", "secret_key", "password", "signing_secret"})
