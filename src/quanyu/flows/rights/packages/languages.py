"""In which language somebody wants to be told."""

import json
from collections.abc import Sequence
from typing import Final

from quanyu.flows.rights.packages.contracts import PackageLanguage
from quanyu.infra.unit_of_work import UnitOfWork

_KEYS: Final = ("language", "preferred_language", "preferredlanguage", "locale", "lang", "语言")


async def language_of(uow: UnitOfWork, people: Sequence[int]) -> PackageLanguage:
    """Return the language somebody's profile tells, the newest word first; Chinese where it tells none."""
    rows = await uow.execute(
        "SELECT CAST(value AS text) AS value FROM person_attribute WHERE tenant_id = :tenant "
        "AND person_id = ANY(CAST(:people AS int[])) AND lower(key) = ANY(:keys) AND value IS NOT NULL "
        "ORDER BY occurred_at DESC LIMIT 1",
        {"tenant": uow.tenant_id, "people": list(people), "keys": list(_KEYS)},
    )
    row = rows.first()
    return PackageLanguage.ZH if row is None else read_language(json.loads(row.value))


def read_language(told: object) -> PackageLanguage:
    """Return the language of the page for what a profile says, such as ``zh_CN``, ``en-US`` or 英语."""
    text = str(told).strip().casefold()
    if text.startswith(("zh", "cn", "chi", "中", "汉", "简", "繁", "国语", "粤")) or not text:
        return PackageLanguage.ZH
    return PackageLanguage.EN
