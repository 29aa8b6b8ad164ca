"""Mini program codes: pictures that open a page.

``LIMITED`` and ``QR_CODE`` share 100,000 codes for good; ``UNLIMITED`` has no end but a scene of 32 signs,
5,000 a minute. Source: developers.weixin.qq.com, 小程序码与小程序链接 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Call, Download, Part, Request

SCENE_MAX: Final = 32  # Digits, letters and !#$&'()*+,/:;=?@-._~

Version = Literal["release", "trial", "develop"]


class Colour(Part, frozen=True):
    r: int
    g: int
    b: int


class LimitedRequest(Request, frozen=True):
    path: str  # At most 1,024 signs, parameters included.
    width: int = 430  # Pixels, 280 to 1,280.
    auto_color: bool = False
    line_color: Colour | None = None
    is_hyaline: bool = False  # Transparent ground.
    env_version: Version = "release"


class UnlimitedRequest(Request, frozen=True):
    scene: str
    page: str = ""  # No leading slash, no parameters; left out, the home page.
    check_path: bool = True  # False lets a page be that is not published yet.
    width: int = 430
    auto_color: bool = False
    line_color: Colour | None = None
    is_hyaline: bool = False
    env_version: Version = "release"


class QrCodeRequest(Request, frozen=True):
    path: str  # At most 128 signs.
    width: int = 430


LIMITED: Final = Call("POST", "/wxa/getwxacode", LimitedRequest, Download, repeatable=True)
UNLIMITED: Final = Call("POST", "/wxa/getwxacodeunlimit", UnlimitedRequest, Download, repeatable=True)
QR_CODE: Final = Call("POST", "/cgi-bin/wxaapp/createwxaqrcode", QrCodeRequest, Download, repeatable=True)
