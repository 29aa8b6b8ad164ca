"""A unit of work can be left while something slow is waited for, and nothing written is ever let go."""

from datetime import UTC, datetime

import pytest

from quanyu.infra.unit_of_work import Fact, UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId

_RENAME = "UPDATE brand SET name = :name WHERE tenant_id = :tenant"


async def name_of(uow: UnitOfWork) -> str:
    found = await uow.execute("SELECT name FROM brand WHERE tenant_id = :tenant", {"tenant": uow.tenant_id})
    return str(found.scalar_one())


async def open_transactions(uows: UnitOfWorkFactory, tenant_id: TenantId) -> int:
    """Return how many transactions of this database are open beside the one that counts."""
    async with uows.system(tenant_id) as uow:
        found = await uow.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' "
            "AND datname = current_database()"
        )
        return int(found.scalar_one())


async def rename(uows: UnitOfWorkFactory, tenant_id: TenantId, name: str) -> None:
    async with uows.system(tenant_id) as uow:
        await uow.execute(_RENAME, {"tenant": tenant_id, "name": name})


async def test_no_transaction_is_open_meanwhile(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    async with uows.app(tenant_id) as uow:
        await name_of(uow)
        async with uow.apart() as given_up:
            assert given_up
            assert await open_transactions(uows, tenant_id) == 0
            await rename(uows, tenant_id, "changed meanwhile")

        # Row-level security shows it: the new transaction is bound to the brand as well.
        assert await name_of(uow) == "changed meanwhile"
        await uow.execute(_RENAME, {"tenant": tenant_id, "name": "written afterwards"})

    async with uows.app(tenant_id) as uow:
        assert await name_of(uow) == "written afterwards"


async def test_what_was_written_is_not_let_go(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    async def write_and_fail() -> None:
        async with uows.system(tenant_id) as uow:
            await uow.execute(_RENAME, {"tenant": tenant_id, "name": "never kept"})
            async with uow.apart() as given_up:
                assert not given_up
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()

    async with uows.app(tenant_id) as uow:
        assert await name_of(uow) != "never kept"


async def test_nor_what_was_stated(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    async with uows.system(tenant_id) as uow:
        uow.publish(Fact(name="tests.stated", message_id="1", occurred_at=datetime(2026, 3, 4, tzinfo=UTC)))
        async with uow.apart() as given_up:
            assert not given_up


async def test_trouble_meanwhile_leaves_it_usable(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    async with uows.app(tenant_id) as uow:
        before = await name_of(uow)
        with pytest.raises(ZeroDivisionError):
            async with uow.apart():
                raise ZeroDivisionError

        assert await name_of(uow) == before
