"""In which currency figures are: amounts of two currencies are never added."""

from collections.abc import Sequence
from dataclasses import dataclass

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.insight import warehouse_queries as sql


@dataclass(frozen=True, slots=True)
class Currency:
    """The currency of some figures, and the values of the column it stands for."""

    code: str
    stands_for: tuple[str, ...]
    others: tuple[str, ...]  # What these figures leave out.


def own_currency(brand_currency: str) -> tuple[str, ...]:
    """Return the values of the column that stand for the brand's own currency: orders may state none."""
    return (brand_currency, "")


async def choose_currency(gate: TenantWarehouse, *, brand_currency: str, wanted: str = "") -> Currency:
    """Choose the wanted currency, else the brand's if orders are in it, else the one most orders are in.

    Orders that state no currency are in the brand's.
    """
    used = [row[0] for row in await gate.query(sql.CURRENCIES)]
    return pick_currency(used, brand_currency=brand_currency, wanted=wanted)


def pick_currency(used: Sequence[str], *, brand_currency: str, wanted: str) -> Currency:
    """The decision of ``choose_currency``; ``used`` has the most used first."""
    stated = [code for code in used if code]
    brand_is_used = brand_currency in stated or "" in used or not stated
    code = wanted or (brand_currency if brand_is_used else stated[0])
    stands_for = own_currency(code) if code == brand_currency else (code,)
    named = [one or brand_currency for one in used]
    return Currency(code, stands_for, tuple(dict.fromkeys(one for one in named if one != code)))
