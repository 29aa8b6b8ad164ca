"""The fixtures themselves: each module and each test gets what it asked for, and nobody else's."""

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import TenantWarehouse
from quanyu.kernel.ids import TenantId


async def test_the_app_role_sees_its_own_brand_only(uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
    other = TenantId(999_999)
    async with uows.system(other) as uow:
        await uow.execute(
            "INSERT INTO brand (tenant_id, key, name, created_at) VALUES (:id, 'other', 'Other', :now)",
            {"id": other, "now": uow.clock.now()},
        )

    async with uows.app(tenant_id) as uow:
        rows = await uow.execute("SELECT tenant_id FROM brand")
        assert rows.scalars().all() == [tenant_id]


async def test_a_brands_warehouse_starts_empty(tenant_warehouse: TenantWarehouse) -> None:
    rows = await tenant_warehouse.query("SELECT count() FROM events WHERE tenant_id = {tenant:UInt32}")
    assert rows == [(0,)]
