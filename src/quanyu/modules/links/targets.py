"""Where a short link leads: to the web alone, with the marks by which the brand's pages know it."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from quanyu.modules.links.errors import InvalidTarget

TARGET_MAX: Final = 2_000
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_SCHEMES: Final = frozenset({"http", "https"})
_SAFE: Final = "/?#[]@!$&'()*+,;=:%-._~"  # What is already in the form of an address stays as it is.


def check_target(text: str) -> str:
    """Return an address in the form browsers are told it, all of it ASCII.

    Raises:
        InvalidTarget: it is too long, no http or https address, or names a user.
    """
    target = text.strip()
    try:
        parts = urlsplit(target)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if (
        not host
        or len(target) > TARGET_MAX
        or parts.scheme.lower() not in _SCHEMES
        or "@" in parts.netloc
        or "\\" in target
        or any(letter.isspace() or not letter.isprintable() for letter in target)
    ):
        raise InvalidTarget(
            f"a link leads to a whole http or https address of at most {TARGET_MAX} characters, "
            "without spaces or a user name, for example https://shop.example.com/sale",
            message_zh=f"链接须为完整的 http 或 https 地址，最多 {TARGET_MAX} 个字符，不含空格与用户名，"
            "例如 https://shop.example.com/sale",
        )
    try:
        netloc = parts.netloc.encode("idna").decode() if not parts.netloc.isascii() else parts.netloc
    except UnicodeError as error:
        raise InvalidTarget("the host of this address is not valid", message_zh="地址中的域名无效") from error
    return quote(urlunsplit(parts._replace(netloc=netloc)), safe=_SAFE)


def bare(target: str) -> str:
    """Return an address without what stands behind the path, which may be about one person."""
    return urlunsplit(urlsplit(target)._replace(query="", fragment=""))


def with_utm(target: str, utm: Mapping[str, str]) -> str:
    """Add the marks to an address; those it carries already stay as they are."""
    parts = urlsplit(target)
    present = {key for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode({key: utm[key] for key in UTM if utm.get(key) and key not in present})
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, added) if part)))
