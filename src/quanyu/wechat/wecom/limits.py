"""How often a corp may call: the published limits, as rules the client keeps by itself.

Source: developer.work.weixin.qq.com, 访问频率限制 (path 90312), read 2026. Exempt is who signs in with a
valid code. Not counted here: what the platform drops in silence instead of refusing (messages one member
receives), for nobody is held back by it.
"""

from typing import Any, Final

from quanyu.wechat.calls import Call
from quanyu.wechat.wecom import app_chats, credentials, media, oauth
from quanyu.wechat.windows import Rule, Span, Window

ANY_PATH: Final = "*"
_PER_CORP_AND_CALL: Final = (Window(10_000, Span.MINUTE), Window(150_000, Span.HOUR))
_PER_SOURCE: Final = (Window(20_000, Span.MINUTE), Window(600_000, Span.HOUR))
_EXEMPT: Final = frozenset({oauth.IDENTITY.path})
# Of all apps of the corp together.
_PER_CORP: Final[dict[str, tuple[Window, ...]]] = {
    credentials.CORP_TICKET.path: (Window(400, Span.HOUR),),
    credentials.APP_TICKET.path: (Window(400, Span.HOUR),),
    media.UPLOAD_IMAGE.path: (Window(1_000, Span.DAY), Window(3_000, Span.MONTH)),
    app_chats.CREATE.path: (Window(1_000, Span.DAY),),
    app_chats.UPDATE.path: (Window(1_000, Span.HOUR),),
}
_PER_APP: Final[dict[str, tuple[Window, ...]]] = {
    credentials.CORP_TICKET.path: (Window(100, Span.HOUR),),
    credentials.APP_TICKET.path: (Window(100, Span.HOUR),),
}


def rules_of(call: Call[Any, Any], *, source: str, corp_id: str, app_key: str) -> tuple[Rule, ...]:
    """Return the published limits of a call: of our address, of the corp, of the app.

    ``source`` names the address we call from, ``app_key`` the secret we call with.
    """
    if call.path in _EXEMPT:
        return ()
    corp = (*_PER_CORP_AND_CALL, *_PER_CORP.get(call.path, ()))
    rules = [Rule(source, ANY_PATH, _PER_SOURCE), Rule(corp_id, call.path, _tightest(corp))]
    app = _PER_APP.get(call.path, ())
    return (*rules, Rule(app_key, call.path, app)) if app else tuple(rules)


def _tightest(windows: tuple[Window, ...]) -> tuple[Window, ...]:
    """Return one window per span: a call's own limit may be tighter than the general one."""
    limits: dict[Span, int] = {}
    for one in windows:
        limits[one.span] = min(one.limit, limits.get(one.span, one.limit))
    return tuple(Window(limit, span) for span, limit in limits.items())
