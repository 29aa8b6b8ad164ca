"""Binding apps to an open-platform account, which gives one person one ``unionid`` across them.

Source: developers.weixin.qq.com, 开放平台账号管理 (read 2026).
"""

from typing import Final

from quanyu.wechat.calls import Answer, Call, Done, Nothing, Request


class AppRequest(Request, frozen=True):
    appid: str


class BindRequest(Request, frozen=True):
    appid: str
    open_appid: str


class OpenAccountAnswer(Answer, frozen=True):
    open_appid: str


class HasOpenAccountAnswer(Answer, frozen=True):
    have_open: bool


class SameEntityAnswer(Answer, frozen=True):
    same_entity: bool


CREATE: Final = Call("POST", "/cgi-bin/open/create", AppRequest, OpenAccountAnswer)
BIND: Final = Call("POST", "/cgi-bin/open/bind", BindRequest, Done)
UNBIND: Final = Call("POST", "/cgi-bin/open/unbind", BindRequest, Done)
GET: Final = Call("POST", "/cgi-bin/open/get", AppRequest, OpenAccountAnswer, repeatable=True)
HAS: Final = Call("POST", "/cgi-bin/open/have", Nothing, HasOpenAccountAnswer, repeatable=True)
SAME_ENTITY: Final = Call("GET", "/cgi-bin/open/sameentity", Nothing, SameEntityAnswer, repeatable=True)
