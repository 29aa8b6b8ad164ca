"""Content security, and how risky a person is.

Text: 4,000 a minute, 2,000,000 a day. Pictures and sound: 2,000 a minute, 200,000 a day; their result
comes as ``wxa_media_check`` within 30 minutes. The person must have visited within two hours.
Source: developers.weixin.qq.com, 小程序内容安全 and 安全风控 (read 2026).
"""

from typing import Final, Literal

from quanyu.wechat.calls import Answer, Call, Done, File, Part, Request

ContentScene = Literal[1, 2, 3, 4]  # Profile, comment, forum, social log.
RiskScene = Literal[0, 1, 2]  # Registration, marketing, publishing.


class TextRequest(Request, frozen=True, tag_field="version", tag=2):
    content: str  # At most 2,500 signs.
    scene: ContentScene
    openid: str
    title: str = ""
    nickname: str = ""
    signature: str = ""  # Of a profile.


class Verdict(Part, frozen=True):
    """100 normal; 10001 advertising, 20001 politics, 20002 porn, 20003 abuse, 20006 crime, 20008 fraud,
    20012 vulgar, 20013 copyright, 21000 other.
    """

    suggest: str = ""  # pass, review or risky.
    label: int = 0


class Detail(Part, frozen=True):
    strategy: str = ""  # content_model or keyword.
    errcode: int = 0
    suggest: str = ""
    label: int = 0
    prob: float = 0.0  # 0 to 100.
    level: int = 0
    keyword: str = ""


class TextAnswer(Answer, frozen=True):
    trace_id: str = ""
    result: Verdict = Verdict()
    detail: tuple[Detail, ...] = ()


class MediaRequest(Request, frozen=True, tag_field="version", tag=2):
    media_url: str  # The platform fetches it; at most 10 MB.
    media_type: Literal[1, 2]  # Sound, picture.
    scene: ContentScene
    openid: str


class MediaQueued(Answer, frozen=True):
    trace_id: str  # What the result will carry.


class PictureRequest(Request, frozen=True):
    media: File


class RiskRequest(Request, frozen=True):
    appid: str
    openid: str
    scene: RiskScene
    client_ip: str
    mobile_no: str = ""
    email_address: str = ""
    extended_info: str = ""
    is_test: bool = False  # Does not count against the paid calls.


class Risk(Answer, frozen=True):
    risk_rank: int  # 0 to 4, the higher the riskier.
    unoin_id: int = 0  # Of this question; the platform misspells it.


CHECK_TEXT: Final = Call("POST", "/wxa/msg_sec_check", TextRequest, TextAnswer, repeatable=True)
CHECK_MEDIA: Final = Call("POST", "/wxa/media_check_async", MediaRequest, MediaQueued)
# The old way: refuses with 87014 what is risky, at once.
CHECK_PICTURE: Final = Call("POST", "/wxa/img_sec_check", PictureRequest, Done, repeatable=True)
RISK_RANK: Final = Call("POST", "/wxa/getuserriskrank", RiskRequest, Risk, repeatable=True)
