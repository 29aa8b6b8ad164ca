"""Pages of the platform that a person is sent to."""

from typing import Final
from urllib.parse import quote

_SUBSCRIBE: Final = "https://mp.weixin.qq.com/mp/subscribemsg"
_QR_CODE: Final = "https://mp.weixin.qq.com/cgi-bin/showqrcode"


def one_time_subscription_url(
    app_id: str, *, scene: int, template_id: str, redirect_url: str, reserved: str = ""
) -> str:
    """Return the page where a person agrees to one message; it leads on to ``redirect_url``.

    There arrive ``openid``, ``template_id``, ``action`` (confirm or cancel), ``scene`` and ``reserved``;
    check ``reserved`` against what was sent. ``scene`` is 0 to 10000.
    Source: developers.weixin.qq.com, 一次性订阅消息 (read 2026).
    """
    return (
        f"{_SUBSCRIBE}?action=get_confirm&appid={quote(app_id)}&scene={scene}&template_id={quote(template_id)}"
        f"&redirect_url={quote(redirect_url, safe='')}&reserved={quote(reserved)}#wechat_redirect"
    )


def qr_code_url(ticket: str) -> str:
    """Return where the picture of a parameter QR code lies, open to everybody."""
    return f"{_QR_CODE}?ticket={quote(ticket, safe='')}"
