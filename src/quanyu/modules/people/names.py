"""How a person is called on our pages, and how a name is compared."""

import unicodedata
from collections.abc import Mapping
from typing import Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.people.identifiers import mask

# The first of these that a person has. Keys are compared without case and separators.
_PREFERENCE: Final = (
    "name", "fullname", "realname", "displayname", "nickname", "username",
    "姓名", "真实姓名", "昵称", "微信昵称",
)  # fmt: skip
_PHONE_KEYS: Final = ("phone", "phonenumber", "mobile", "mobilephone", "tel", "telephone", "手机", "手机号")


def display_name(person_id: int, names: Mapping[str, str]) -> str:
    """Return what to call a person: the best name told, or the person's id where there is none."""
    folded = {_plain(key): value.strip() for key, value in names.items() if value.strip()}
    for key in _PREFERENCE:
        if key in folded:
            return folded[key]
    parts = [folded.get("firstname", ""), folded.get("lastname", "")]
    whole = " ".join(part for part in parts if part)
    return whole or next(iter(folded.values()), "") or encode_id("per", person_id)


def mask_attribute(key: str, value: str) -> str:
    """Mask an attribute of the class identifier."""
    plain = _plain(key)
    if plain in _PHONE_KEYS or (value.startswith("+86") and len(value) == 14):
        return mask("phone", value)
    return mask("email" if "@" in value else plain, value)


def fold(text: str) -> str:
    """Reduce a name to what a search compares: width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _plain(key: str) -> str:
    return key.casefold().replace("_", "").replace("-", "").replace(" ", "")
