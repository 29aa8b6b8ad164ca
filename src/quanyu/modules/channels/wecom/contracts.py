"""What crosses the boundary of connected companies."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.channels.contracts import AccountId, CallbackSetup, ConnectAccount
from quanyu.wechat.wecom.client import OFFICIAL_BASE_URL

CORP_PREFIX: Final = "wcp"
CHANNEL: Final = "wecom"  # ``context.channel`` of everything that happens in a corp.
CUSTOMER_NAMESPACE: Final = "external_userid"  # Of identifiers; the scope is the corp id.


class CorpSecret(StrEnum):
    """The secrets of a corp; each has tokens of its own and opens calls of its own."""

    APP = "app"  # Of the app, which may call customer contact.
    CONTACTS = "contacts"  # 通讯录同步
    SERVICE = "service"  # 微信客服
    ARCHIVE = "archive"  # 会话内容存档


@dataclass(frozen=True, slots=True, kw_only=True)
class Corp:
    """A connected corp, without what is secret."""

    id: AccountId
    corp_id: str
    agent_id: int
    name: str
    base_url: str
    secrets: frozenset[CorpSecret]

    @property
    def source(self) -> str:
        """The source of its events in the log."""
        return f"{CHANNEL}:{self.corp_id}"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_Secret = Annotated[str, StringConstraints(min_length=8, max_length=128)]
_OptionalSecret = Annotated[str, StringConstraints(pattern=r"^(\S{8,128})?$")]


class ConnectCorp(ConnectAccount):
    """Connect a corp by one of its apps, or replace the credentials of a connected one (the same corp id).

    An optional secret that is left out stays as it is.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", str_strip_whitespace=True, validate_by_name=True, validate_by_alias=True
    )

    app_id: Annotated[str, StringConstraints(pattern=r"^w[wpx][0-9a-zA-Z_-]{4,60}$")] = Field(alias="corp_id")
    agent_id: Annotated[int, Field(ge=1, le=2**31 - 1)]
    contacts_secret: _OptionalSecret = Field(default="", repr=False)
    service_secret: _OptionalSecret = Field(default="", repr=False)
    archive_secret: _OptionalSecret = Field(default="", repr=False)
    # A sandbox plays all of the platform at one address, so this one may have a path.
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s/?#]$", max_length=200)] = (
        OFFICIAL_BASE_URL
    )

    @property
    def optional_secrets(self) -> dict[CorpSecret, str]:
        """The further secrets that are given."""
        given = {
            CorpSecret.CONTACTS: self.contacts_secret,
            CorpSecret.SERVICE: self.service_secret,
            CorpSecret.ARCHIVE: self.archive_secret,
        }
        return {kind: secret for kind, secret in given.items() if secret}


class ReplaceSecrets(_Frozen):
    """Put new secrets in place of old ones; what is left out stays, what is in ``remove`` goes."""

    app_secret: _Secret | None = Field(default=None, repr=False)
    contacts_secret: _Secret | None = Field(default=None, repr=False)
    service_secret: _Secret | None = Field(default=None, repr=False)
    archive_secret: _Secret | None = Field(default=None, repr=False)
    remove: tuple[CorpSecret, ...] = ()

    @model_validator(mode="after")
    def _keeps_the_app(self) -> "ReplaceSecrets":
        if CorpSecret.APP in self.remove:
            raise ValueError("the app's secret cannot be removed, only replaced")
        if both := set(self.given) & set(self.remove):
            raise ValueError(f"both given and removed: {', '.join(sorted(both))}")
        return self

    @property
    def given(self) -> dict[CorpSecret, str]:
        """The secrets that are given."""
        fields = {
            CorpSecret.APP: self.app_secret,
            CorpSecret.CONTACTS: self.contacts_secret,
            CorpSecret.SERVICE: self.service_secret,
            CorpSecret.ARCHIVE: self.archive_secret,
        }
        return {kind: secret for kind, secret in fields.items() if secret is not None}


class ShownCorp(_Frozen):
    """A connected corp as people see it."""

    id: str
    corp_id: str
    agent_id: int
    name: str
    base_url: str
    callback_url: str
    secrets: tuple[CorpSecret, ...]  # Which are there; never what they are.
    last_callback_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ConnectedCorp(_Frozen):
    """The corp, and how to point the platform at us."""

    corp: ShownCorp
    setup: CallbackSetup


class ShownCorps(_Frozen):
    """The brand's corps."""

    items: tuple[ShownCorp, ...]
