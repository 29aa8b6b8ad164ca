"""Pure decisions on companies: what a call says, what counts of it, what names have in common."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from quanyu.modules.people.companies.contracts import ATTRIBUTES_MAX, ROLES_MAX
from quanyu.modules.people.traits import flatten, split_properties

# What a company is called and where it stands, said like an attribute and kept like one.
NAME: Final = "name"
DOMAIN: Final = "domain"
PARENT: Final = "parent"
OWNER: Final = "owner"
STANDING: Final = frozenset({NAME, DOMAIN, PARENT, OWNER})
_GROUP: Final = "group_id"
_DOMAINS: Final = ("domain", "website", "官网", "域名")
_PARENTS: Final = ("parent_id", "parentId", "parent_group_id", "上级公司")
_ROLES: Final = ("roles", "role", "角色", "职务")
_PRIMARY: Final = ("is_primary", "primary_contact", "主要联系人")
_ENDED: Final = ("contact_ended", "left_company", "已离职")
_OWNERS: Final = ("owner_id", "负责人")
_NOT_ATTRIBUTES: Final = frozenset(
    {NAME, _GROUP, "公司名称", *_DOMAINS, *_PARENTS, *_ROLES, *_PRIMARY, *_ENDED, *_OWNERS, PARENT, OWNER}
)
_TEXT_MAX: Final = 2_000
_KEY_MAX: Final = 64
# Legal forms say nothing about which company it is.
_FORMS: Final = re.compile(
    r"(股份有限公司|有限责任公司|有限公司|股份公司|集团公司|分公司|子公司|公司|集团|控股|合伙企业|\(.*?\)"
    r"|\b(?:co|company|corp|corporation|inc|incorporated|ltd|limited|llc|plc|gmbh|group|holdings?)\b\.?)"
)
_NOISE: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Saying:
    """One value, who says so, and since when."""

    value: Any  # None: it is cleared.
    at: datetime
    source: str


Own = Mapping[str, Saying]  # What was said of one company, by key.


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCall:
    """What a ``group`` call states of a company, and of its sender's place there."""

    external_id: str
    told: Mapping[str, Any] = field(default_factory=dict)  # Attributes, name, domain, owner; null clears.
    parent: str | None = None  # The parent's external id; "" takes it away.
    roles: tuple[str, ...] | None = None
    is_primary: bool | None = None
    ended: bool = False


def read_group_call(properties: Mapping[str, Any]) -> GroupCall | None:
    """Read a call's properties; ``None`` if it names no company. Nothing in it can make it fail."""
    external_id = _text(properties.get(_GROUP))
    if not external_id:
        return None
    told: dict[str, Any] = {}
    for key, value in list(flatten(properties).items()):
        if key in _NOT_ATTRIBUTES or key.split(".", 1)[0] in _NOT_ATTRIBUTES or len(key) > _KEY_MAX:
            continue
        if len(told) < ATTRIBUTES_MAX and (value is None or isinstance(value, bool | int | float | str)):
            told[key] = value[:_TEXT_MAX] if isinstance(value, str) else value
    name = _text(properties.get(NAME)) or _text(properties.get("公司名称"))
    domain = next((found for key in _DOMAINS if (found := domain_of(_text(properties.get(key))))), "")
    owner = next((found for key in _OWNERS if (found := _text(properties.get(key)))), "")
    told |= {key: value for key, value in ((NAME, name), (DOMAIN, domain), (OWNER, owner)) if value}
    parents = [key for key in _PARENTS if key in properties]
    return GroupCall(
        external_id=external_id,
        told=told,
        parent=_text(properties[parents[0]]) if parents else None,
        roles=_roles(properties),
        is_primary=next((properties[key] for key in _PRIMARY if isinstance(properties.get(key), bool)), None),
        ended=any(properties.get(key) is True for key in _ENDED),
    )


def _roles(properties: Mapping[str, Any]) -> tuple[str, ...] | None:
    for key in _ROLES:
        value = properties.get(key)
        listed = value if isinstance(value, list) else [value]
        found = [text[:40] for one in listed if (text := _text(one))]
        if found:
            return tuple(dict.fromkeys(found))[:ROLES_MAX]
    return None


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").strip()[:200]


def fold(members: Iterable[Own]) -> dict[str, Saying]:
    """Return what counts of several companies that are one: of each key the newest saying.

    Sayings of one instant: the later member's. What was cleared last is left out.
    """
    newest: dict[str, Saying] = {}
    for own in members:
        for key, saying in own.items():
            if key not in newest or saying.at >= newest[key].at:
                newest[key] = saying
    return {key: saying for key, saying in newest.items() if saying.value is not None}


def tell(own: Own, told: Mapping[str, Any], *, at: datetime, source: str) -> dict[str, Saying]:
    """Return what was said of a company with more said now; what is older than what is there is left."""
    after = dict(own)
    for key, value in told.items():
        if key not in after or after[key].at <= at:
            after[key] = Saying(value, at, source)
    return after


def replace_by_hand(own: Own, told: Mapping[str, Any], *, at: datetime, source: str) -> dict[str, Saying]:
    """Return what was said with all of it replaced by hand; what stays the same keeps who said it."""
    after = dict(own)
    for key in {*own, *told}:
        value = told.get(key)
        before = own[key].value if key in own else None
        if value != before or type(value) is not type(before):
            after[key] = Saying(value, max(at, own[key].at) if key in own else at, source)
    return after


def personal_keys(attributes: Mapping[str, Any]) -> list[str]:
    """Return the attributes that are about a person: by key, or by the look of their value."""
    return sorted(split_properties({key: value for key, value in attributes.items() if value is not None})[1])


def domain_of(text: str) -> str:
    """Return the host a company's address names, in lower case and without ``www.``; "" if none."""
    host = urlsplit(text if "//" in text else f"//{text}").netloc if text else ""
    host = host.rpartition("@")[2].partition(":")[0].strip().strip(".").lower()
    return host.removeprefix("www.")[:200] if "." in host else ""


def core_of(name: str) -> str:
    """Return a name without legal form, case, width, blanks and signs: what two spellings share."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _NOISE.sub("", _FORMS.sub(" ", plain)) or _NOISE.sub("", plain)
