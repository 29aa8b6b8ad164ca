"""What may be a password."""

import asyncio
from typing import Final

from quanyu.modules.tenants.access.errors import UnfitPassword

LENGTH_MIN: Final = 10
_LOOKED_AT: Final = 72  # The estimate grows with the square of the length; more than this guesses nobody.
_GUESSES_MIN: Final = 10**6


async def check_password(password: str, *, email: str, name: str) -> None:
    """Turn away passwords that are short, common, or made of the person's own name or address.

    Raises:
        UnfitPassword
    """
    if len(password) < LENGTH_MIN:
        raise UnfitPassword(
            f"the password is too short: at least {LENGTH_MIN} characters",
            message_zh=f"密码太短，至少 {LENGTH_MIN} 个字符",
        )
    if password.strip().lower() == email.lower():
        raise UnfitPassword(
            "the password must not be the e-mail address", message_zh="密码不能与邮箱地址相同"
        )
    if await asyncio.to_thread(_is_easy, password, email, name):
        raise UnfitPassword(
            "this password is common or easy to guess; a few unrelated words make a good one",
            message_zh="该密码过于常见或容易被猜到，可以用几个互不相关的词组成密码",
        )


def _is_easy(password: str, email: str, name: str) -> bool:
    """Whether it is among the 30 000 most common, or a million tries of who knows those find it."""
    from zxcvbn import zxcvbn  # Lists of words; only whoever sets a password pays for them.

    own = [part for part in (name, email, *email.replace("@", ".").split(".")) if len(part) > 2]
    found = zxcvbn(password[:_LOOKED_AT], user_inputs=own)
    return bool(found["guesses"] < _GUESSES_MIN)
