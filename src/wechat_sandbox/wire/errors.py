"""The platform's error codes and their wire text (official global error code page, 2025-2026)."""

import os
import time
from collections.abc import Mapping

TEXTS: dict[int, str] = {
    -1: "system error",
    40001: (
        "invalid credential, access_token is invalid or not latest, could get access_token by "
        "getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
    ),
    40002: "invalid grant_type",
    40003: "invalid openid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40031: "invalid openid list",
    40032: "invalid openid list size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40035: "invalid parameter",
    40037: "invalid template_id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret, view more at http://t.cn/RAEkdVq",
    40164: "invalid ip, not in whitelist",
    40243: "AppSecret has been frozen",
    40246: "keyword not in template library",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41009: "missing openid",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45026: "template num exceeds limit",
    45047: "out of response count limit",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block receive message",
    48006: "forbid to clear quota because of reaching the limit",
    76001: "rid not found",
    76002: "rid malformed",
    76003: "rid belongs to another account",
    76021: "cgi_path not found, please check",
    76022: "could not use this cgi_path, no permission",
}


class PlatformError(Exception):
    """The platform refuses a call; nothing took effect."""

    def __init__(self, code: int, detail: str = "", extra: Mapping[str, object] | None = None) -> None:
        super().__init__(code, detail)
        self.code = code
        self.extra = dict(extra or {})  # Fields the answer carries beside the error.
        self.text = TEXTS.get(code, "unknown error") + (f" {detail}" if detail else "")


def new_rid() -> str:
    """Return a request id: three groups of eight hex digits, the first the time of the request."""
    return f"{int(time.time()):08x}-{os.urandom(4).hex()}-{os.urandom(4).hex()}"


def envelope(code: int, text: str, rid: str) -> dict[str, object]:
    """Return the error body of a call."""
    return {"errcode": code, "errmsg": f"{text} rid: {rid}"}
