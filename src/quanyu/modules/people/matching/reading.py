"""What is compared of people: their names, numbers and addresses, opened in this process and kept nowhere."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people.identifiers import mask, normalise_phone
from quanyu.modules.people.matching.comparing import plain
from quanyu.modules.people.matching.model import VALUES_MAX, Record
from quanyu.modules.people.names import mask_attribute
from quanyu.modules.people.profile_queries import list_members
from quanyu.modules.people.sealing import open_value

VALUE_LENGTH_MAX: Final = 200

# Keys in lower case without "_", "-" and spaces. Phones and e-mail addresses are read from identifiers:
# there it is known which are shared by many, and those say nothing.
_KEYS: Final[Mapping[str, Sequence[str]]] = {
    "name": ("name", "fullname", "realname", "姓名", "真实姓名"),
    "nickname": ("nickname", "昵称", "微信昵称", "wechatname"),
    "given_name": ("firstname", "givenname"),
    "surname": ("lastname", "familyname"),
    "birth_date": ("birthday", "birthdate", "birth", "dateofbirth", "dob", "生日", "出生日期"),
    "id_number": ("idcard", "idcardno", "idnumber", "identitycard", "身份证", "身份证号"),
    "address": (
        "address", "street", "streetaddress", "address1", "addressline", "addressdetail", "fulladdress",
        "detailaddress", "address.street", "address.detail", "地址", "详细地址", "收货地址",
    ),
    "postcode": ("postcode", "postalcode", "zip", "zipcode", "address.postalcode", "邮编"),
    "city": ("city", "address.city", "城市"),
}  # fmt: skip
_FIELD_OF: Final = {key: field for field, keys in _KEYS.items() for key in keys}
_DATE: Final = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})(?!\d)")


class StoredValue(NamedTuple):
    """A value as stored: JSON in clear, or sealed (JSON, or bare where it is an identifier)."""

    profile: int
    field: str
    clear: Any
    sealed: bytes | None
    is_identifier: bool


async def list_values(uow: UnitOfWork, profiles: Sequence[int]) -> list[StoredValue]:
    """Return what is stored of people that is compared, newest first; nothing of who is nobody any more."""
    if not profiles:
        return []
    members = await list_members(uow, profiles)
    told = await uow.execute(
        """
        SELECT m.profile, lower(translate(a.key, '_- ', '')) AS key, a.value, a.sealed
        FROM unnest(CAST(:ids AS int[]), CAST(:profiles AS int[])) AS m (id, profile)
        JOIN person_attribute a ON a.tenant_id = :tenant AND a.person_id = m.id
        WHERE lower(translate(a.key, '_- ', '')) = ANY(:keys)
            AND (a.value IS NOT NULL OR a.sealed IS NOT NULL)
        ORDER BY a.occurred_at DESC, a.position DESC, a.person_id, a.key
        """,
        {
            "tenant": uow.tenant_id,
            "ids": [member.id for member in members],
            "profiles": [member.profile for member in members],
            "keys": list(_FIELD_OF),
        },
    )
    values = [
        StoredValue(row.profile, _FIELD_OF[row.key], row.value, _bytes(row.sealed), False) for row in told
    ]
    held = await uow.execute(
        """
        SELECT i.canonical_id AS profile, i.namespace, i.sealed
        FROM unnest(CAST(:profiles AS int[])) AS w (id)
        JOIN identity i ON i.tenant_id = :tenant AND i.canonical_id = w.id
        WHERE i.namespace IN ('phone', 'email') AND i.flag IS NULL
        ORDER BY i.first_seen_at DESC, i.token
        """,
        {"tenant": uow.tenant_id, "profiles": list(profiles)},
    )
    return values + [StoredValue(row.profile, row.namespace, None, bytes(row.sealed), True) for row in held]


def open_records(keyring: KeyRing, values: Sequence[StoredValue]) -> dict[int, Record]:
    """Open what is sealed and write it as it is compared. Costs time: call it beside the event loop."""
    found: dict[int, dict[str, list[str]]] = {}
    for value in values:
        known = found.setdefault(value.profile, {}).setdefault(value.field, [])
        if len(known) < VALUES_MAX:
            text = _written(value.field, _opened(keyring, value))
            if text and text not in known:
                known.append(text)
    return {profile: _record(fields) for profile, fields in found.items()}


def shown(field: str, value: str) -> str:
    """Write a value as pages show it: masked wherever the card of a person masks it."""
    match field:
        case "phone" | "email":
            return mask(field, value)
        case "id_number" | "address":
            return mask_attribute(field, value)
        case _:
            return value


def _record(fields: Mapping[str, Sequence[str]]) -> Record:
    return {field: tuple(values) for field, values in fields.items() if values}


def _opened(keyring: KeyRing, value: StoredValue) -> str:
    if value.sealed is None:
        told = value.clear
    elif value.is_identifier:
        return open_value(keyring, value.sealed)
    else:
        told = msgspec.json.decode(keyring.open(value.sealed))
    return str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""


def _written(field: str, text: str) -> str:
    text = plain(text)[:VALUE_LENGTH_MAX]
    match field:
        case "birth_date":
            found = _DATE.match(text)
            return "" if found is None else f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"
        case "phone":
            return normalise_phone(text) or text
        case "city":
            return text.removesuffix("市")
        case _:
            return text


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
