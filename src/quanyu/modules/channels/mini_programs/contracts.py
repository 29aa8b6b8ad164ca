"""What crosses the boundary of mini programs."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.channels.accounts import MessageMode
from quanyu.modules.channels.contracts import CallbackSetup, ConnectAccount
from quanyu.wechat.official_account.replies import Wire

MINI_PROGRAM_PREFIX = "mpa"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConnectMiniProgram(ConnectAccount):
    """Connect a mini program, or replace the credentials of a connected one (the same app id)."""

    # As 开发管理 / 消息推送 says: 消息加密方式 and 数据格式.
    mode: MessageMode = MessageMode.SECURE
    data_format: Wire = Wire.JSON
    # What people write goes on to the staff in 小程序客服; else it ends here.
    hands_over: bool = True


class MiniProgram(_Frozen):
    """A connected mini program, without its secrets."""

    id: str
    app_id: str
    name: str
    base_url: str
    callback_url: str
    mode: MessageMode
    data_format: Wire
    hands_over: bool
    people: int  # Who logged in or did something that the platform told us of.
    last_callback_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ConnectedMiniProgram(_Frozen):
    """The mini program, and how to point the platform at us."""

    account: MiniProgram
    setup: CallbackSetup


class MiniPrograms(_Frozen):
    """The brand's mini programs."""

    items: tuple[MiniProgram, ...]


OpenId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{10,64}$")]
_Code = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class LogIn(_Frozen):
    """Open a session with what ``wx.login`` gave; the code is good once, for five minutes."""

    code: _Code


class LoggedIn(_Frozen):
    """Who logged in. The session key stays here, sealed."""

    openid: str
    unionid: str  # Empty unless the mini program belongs to an open-platform account.


class GivePhoneNumber(_Frozen):
    """Exchange the code of the phone button; each success is charged by the platform."""

    openid: OpenId  # Whose button it was; the platform checks that.
    code: _Code


class PhoneNumber(_Frozen):
    """The number a person gave."""

    phone_number: str = Field(repr=False)  # E.164.


class OpenData(_Frozen):
    """Something a ``wx`` function returned encrypted."""

    openid: OpenId
    encrypted_data: Annotated[str, StringConstraints(min_length=1, max_length=64 * 1024)]
    iv: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class OpenedData(_Frozen):
    """What it holds; its watermark is checked."""

    data: dict[str, Any] = Field(repr=False)


class NameSession(_Frozen):
    """Whose session is asked about."""

    openid: OpenId


class SessionState(_Frozen):
    """Whether the session kept here is the one the platform knows."""

    valid: bool
