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


async def test_connections_the_server_ended_are_made_anew(
    uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    """As when PostgreSQL restarts: nobody notices who asks afterwards."""
    async with uows.system(tenant_id), uows.system(tenant_id), uows.app(tenant_id), uows.app(tenant_id):
        pass  # Four connections lie in the pools now.
    for opens in (uows.system, uows.app):
        async with opens(tenant_id) as uow:
            ended = await uow.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
            )
            assert ended.scalar_one() >= 1

    async with (
        uows.system(tenant_id) as first,
        uows.system(tenant_id) as second,
        uows.app(tenant_id) as third,
    ):
        assert {await name_of(first), await name_of(second)} == {await name_of(third)}


async def test_one_statement_takes_many_sets_of_parameters(
    uows: UnitOfWorkFactory, tenant_id: TenantId
) -> None:
    async with uows.system(tenant_id) as uow:
        await uow.execute_many(
            _RENAME, [{"tenant": tenant_id, "name": "one"}, {"tenant": tenant_id, "name": "two"}]
        )
        assert await name_of(uow) == "two"
