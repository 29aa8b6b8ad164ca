"""Parameter QR codes, and short keys for long data.

A temporary code lives up to 30 days; an account has 100,000 permanent ones, for good.
Source: developers.weixin.qq.com, 生成带参数的二维码 and 短key托管 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Download, Host, Part, Proof, Request

EXPIRE_SECONDS_MAX: Final = 2_592_000

ActionName = Literal["QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"]


class Scene(Part, frozen=True):
    """One of the two: a number, 1 to 100,000 in permanent codes, or a text of 1 to 64 signs."""

    scene_id: int | None = None
    scene_str: str = ""


class ActionInfo(Part, frozen=True):
    scene: Scene


class CreateCodeRequest(Request, frozen=True):
    action_name: ActionName  # LIMIT means permanent, STR a text as scene.
    action_info: ActionInfo
    expire_seconds: int = 0  # Temporary codes only; left out, the platform takes 60 seconds.


class CodeCreated(Answer, frozen=True):
    ticket: str
    url: str  # What the code says, for drawing it oneself.
    expire_seconds: int = 0  # 0 for a permanent code.


class TicketRequest(Request, frozen=True):
    ticket: str


class ShortenRequest(Request, frozen=True):
    long_data: str  # At most 4 KB.
    expire_seconds: int = 0  # At most 30 days, which is what the platform takes when left out.


class Shortened(Answer, frozen=True):
    short_key: str  # 15 letters and digits.


class ShortKeyRequest(Request, frozen=True):
    short_key: str


class LongData(Answer, frozen=True):
    long_data: str
    create_time: int = 0  # Unix seconds.
    expire_seconds: int = 0  # What is left.


CREATE: Final = Call("POST", "/cgi-bin/qrcode/create", CreateCodeRequest, CodeCreated)
# Open to everybody who has the ticket; HTTP 404 for a bad one.
IMAGE: Final = Call(
    "GET",
    "/cgi-bin/showqrcode",
    TicketRequest,
    Download,
    proof=Proof.NONE,
    repeatable=True,
    host=Host.PAGES,
)
SHORTEN: Final = Call("POST", "/cgi-bin/shorten/gen", ShortenRequest, Shortened, repeatable=True)
FETCH: Final = Call("POST", "/cgi-bin/shorten/fetch", ShortKeyRequest, LongData, repeatable=True)


def temporary(scene: str | int, *, seconds: int) -> CreateCodeRequest:
    """Return the request for a code that lives ``seconds``, at most 30 days."""
    if isinstance(scene, int):
        return CreateCodeRequest(
            action_name="QR_SCENE", action_info=ActionInfo(Scene(scene_id=scene)), expire_seconds=seconds
        )
    return CreateCodeRequest(
        action_name="QR_STR_SCENE", action_info=ActionInfo(Scene(scene_str=scene)), expire_seconds=seconds
    )


def permanent(scene: str | int) -> CreateCodeRequest:
    """Return the request for a code that lives for ever and counts against the account's 100,000."""
    if isinstance(scene, int):
        return CreateCodeRequest(action_name="QR_LIMIT_SCENE", action_info=ActionInfo(Scene(scene_id=scene)))
    return CreateCodeRequest(action_name="QR_LIMIT_STR_SCENE", action_info=ActionInfo(Scene(scene_str=scene)))
