"""Kinds of identifiers as data: strength, limit per person, one way to write each, what means nothing."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers

from quanyu.modules.people.contracts import Identifier, IdentifierLike

PHONE_REGION: Final = "CN"
VALUE_LENGTH_MAX: Final = 256


class Period(StrEnum):
    """Over which stretch of time a limit counts. Calendar periods are in UTC; weeks are ISO weeks."""

    EVER = "ever"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Namespace:
    """One kind of identifier.

    ``limit`` is how many values of one (namespace, scope) a person may have per ``period``. A kind that is
    not ``personal`` names a browser or a device: it never joins two people who are both known otherwise.
    """

    name: str
    strength: int
    limit: int
    period: Period = Period.EVER
    personal: bool = True


# Strongest first. A limit of one is what keeps a family phone or a shop's tablet from melting people
# together.
NAMESPACES: Final[Mapping[str, Namespace]] = {
    namespace.name: namespace
    for namespace in (
        Namespace("unionid", 90, limit=1),
        Namespace("openid", 80, limit=1),
        Namespace("external_userid", 70, limit=1),
        Namespace("user_id", 60, limit=1),
        Namespace("member_no", 50, limit=1),
        Namespace("phone", 40, limit=5),
        Namespace("email", 35, limit=5),
        Namespace("device", 20, limit=5, period=Period.WEEK, personal=False),
        Namespace("anonymous_id", 10, limit=5, period=Period.WEEK, personal=False),
    )
}
_CUSTOM_STRENGTH: Final = 30
_NAMESPACE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")

# What SDKs and partners send when they have no id. From the published lists of Segment and PostHog, compared
# without regard to case.
_BLOCKED: Final = frozenset(
    {
        "-1", "null", "anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email",
        "undefined", "true", "false", "[object object]", "nan", "none", "nil", "unknown", "n/a", "",
    }
)  # fmt: skip
_BLOCKED_PATTERN: Final = re.compile(r"[0-]*")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def namespace_of(name: str) -> Namespace:
    """Return the rules of a namespace; one we do not know is weaker than e-mail, five values a person."""
    return NAMESPACES.get(name) or Namespace(name, _CUSTOM_STRENGTH, limit=5)


def is_blocked(value: str) -> bool:
    """Whether ``value`` stands for "no id": such values would join strangers."""
    folded = value.strip().strip("\"'").casefold()
    return folded in _BLOCKED or _BLOCKED_PATTERN.fullmatch(folded) is not None


def normalise(identifier: IdentifierLike) -> Identifier | None:
    """Write an identifier in its one form, or return ``None`` when it can name nobody.

    Phones become E.164 (China is the default region), e-mail addresses lower case. Everything else keeps its
    case: an ``openid`` differs from another by case alone.
    """
    namespace, scope = identifier.namespace, identifier.scope.strip()
    value = unicodedata.normalize("NFKC", identifier.value).replace("\0", "").strip()
    if is_blocked(value) or len(value) > VALUE_LENGTH_MAX or len(scope) > VALUE_LENGTH_MAX:
        return None
    if _NAMESPACE_NAME.fullmatch(namespace) is None:
        return None
    if namespace == "phone":
        phone = normalise_phone(value)
        return None if phone is None else Identifier(namespace, scope, phone)
    if namespace == "email":
        return Identifier(namespace, scope, value.lower()) if _EMAIL.fullmatch(value) else None
    return Identifier(namespace, scope, value)


def normalise_phone(text: str) -> str | None:
    """Return ``text`` as E.164, or ``None`` when it cannot be a telephone number."""
    try:
        number = phonenumbers.parse(text, PHONE_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask(namespace: str, value: str) -> str:
    """Show enough of an identifier to recognise it and too little to use it."""
    if namespace == "phone":
        digits = value.removeprefix("+86")
        return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 9 else f"****{digits[-2:]}"
    if namespace == "email":
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    if len(value) <= 4:
        return f"{value[:1]}***"
    shown = 4 if len(value) >= 12 else 2
    return f"{value[:shown]}…{value[-shown:]}"
