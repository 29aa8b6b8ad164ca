"""What the platform knows of a person beside openids: WeChat id and device."""

import hashlib

IOS, ANDROID = 1, 2
_WECHAT_ID = "tea_"


def wechat_id_of(person: int) -> str:
    """Return the WeChat id of a person, by which previews and kf invitations name them."""
    return f"{_WECHAT_ID}{person:06d}"


def person_of(wechat_id: str) -> int | None:
    """Return the person behind a WeChat id."""
    digits = wechat_id.removeprefix(_WECHAT_ID)
    is_one = wechat_id.startswith(_WECHAT_ID) and digits.isdecimal()
    return int(digits) if is_one else None


def client_platform_of(seed: int, person: int) -> int:
    """Return ``client_platform_type`` of a person's phone: 1 iOS, 2 Android."""
    digest = hashlib.sha256(f"{seed}:phone:{person}".encode()).digest()
    return IOS if digest[0] < 96 else ANDROID
