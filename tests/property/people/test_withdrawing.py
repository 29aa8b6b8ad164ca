"""Taking back what some events told leaves attributes as if they had never been told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.people.attributes import Teller, attribute_row, write_attributes
from quanyu.modules.people.withdrawing import Telling, withdraw

AT = datetime(2026, 1, 1, tzinfo=UTC)
FIRST, LAST = 100, 199  # Where the import that is taken back lies.

# (source, minute, value); what the import tells stands at most once per value: a file names people once.
_others = st.tuples(
    st.sampled_from(["import:crm", "web"]), st.integers(0, 8), st.sampled_from(['"a"', '"b"', "null"])
)
_own = st.tuples(st.just("import:crm"), st.integers(0, 8), st.sampled_from(['"a"', '"b"']))


async def tell(
    uow: UnitOfWork, keys: KeyRing, person: int, position: int, said: tuple[str, int, str]
) -> None:
    source, minute, value = said
    teller = Teller(person, source, AT + timedelta(minutes=minute), position)
    row = attribute_row(keys, teller, "city", value.encode())
    await write_attributes(await uow.raw(), uow.tenant_id, [row])


async def counting(uow: UnitOfWork, person: int) -> Any:
    rows = await uow.execute(
        "SELECT value, source, occurred_at FROM person_attribute "
        "WHERE tenant_id = :tenant AND person_id = :person",
        {"tenant": uow.tenant_id, "person": person},
    )
    return [tuple(row) for row in rows]


@pytest.mark.usefixtures("database")
async def test_withdrawn_is_as_never_told(
    uows: UnitOfWorkFactory, key_ring: KeyRing, tenant_id: TenantId
) -> None:
    @settings(max_examples=60, derandomize=True, database=None)
    @given(
        before=st.lists(_others, max_size=3, unique_by=lambda one: (one[0], one[2])),
        own=st.lists(_own, min_size=1, max_size=2, unique_by=lambda one: one[2]),
        after=st.lists(_others, max_size=3),
    )
    def collect(before: Any, own: Any, after: Any) -> None:
        worlds.append((before, own, after))

    worlds: list[Any] = []
    collect()
    for number, (before, own, after) in enumerate(worlds):
        person, other = 2 * number + 1, 2 * number + 2
        async with uows.system(tenant_id) as uow:
            for base, told in ((1, before), (FIRST, own), (LAST + 1, after)):
                for place, said in enumerate(told):
                    await tell(uow, key_ring, person, base + place, said)
                    if base != FIRST:
                        await tell(uow, key_ring, other, base + place, said)
            since = AT + timedelta(minutes=min(minute for _, minute, _ in own))
            telling = Telling(source="import:crm", first=FIRST, last=LAST, since={person: since})
            await withdraw(uow, key_ring, telling)
            await withdraw(uow, key_ring, telling)  # Nothing more to take back.
            assert await counting(uow, person) == await counting(uow, other), (before, own, after)
