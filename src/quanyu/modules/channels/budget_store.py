"""Budgets of an app's calls in PostgreSQL, so that all processes of a deployment share them."""

from collections.abc import Callable
from dataclasses import asdict, fields
from typing import Any, Final, TypeVar

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.wechat.budget_keeping import SLICE_MAX, Budgets
from quanyu.wechat.budgets import Budget

_FIELDS: Final = tuple(field.name for field in fields(Budget))
_KEY: Final = "tenant_id = :tenant AND app_id = :app_id AND path = :path"
_LOCK: Final = f"SELECT {', '.join(_FIELDS)} FROM call_budget WHERE {_KEY} FOR UPDATE"  # noqa: S608
_ADD: Final = (
    "INSERT INTO call_budget (tenant_id, app_id, path) VALUES (:tenant, :app_id, :path) "
    "ON CONFLICT DO NOTHING"
)
_SAVE: Final = f"UPDATE call_budget SET {', '.join(f'{name} = :{name}' for name in _FIELDS)} WHERE {_KEY}"  # noqa: S608

T = TypeVar("T")


class PostgresBudgetStore:
    """The rows of ``call_budget`` of one brand; each change is one short transaction that locks one row."""

    def __init__(self, uows: UnitOfWorkFactory, tenant_id: TenantId) -> None:
        self._uows = uows
        self._tenant_id = tenant_id

    async def change(self, app_id: str, path: str, step: Callable[[Budget], tuple[Budget, T]]) -> T:
        """Replace the budget by what ``step`` makes of it, and return what else it says.

        Atomic among all processes. An unknown budget is ``Budget()``.
        """
        key = {"tenant": self._tenant_id, "app_id": app_id, "path": path}
        async with self._uows.system(self._tenant_id) as uow:
            budget = await _lock(uow, key)
            changed, said = step(budget)
            if changed != budget:
                await uow.execute(_SAVE, {**key, **asdict(changed)})
        return said


class BrandBudgets:
    """One keeper of budgets for each brand and process: a slice dropped would be lost."""

    def __init__(self, uows: UnitOfWorkFactory) -> None:
        self._uows = uows
        self._kept: dict[TenantId, Budgets] = {}

    def of(self, tenant_id: TenantId) -> Budgets:
        """Return the brand's keeper."""
        if tenant_id not in self._kept:
            store = PostgresBudgetStore(self._uows, tenant_id)
            self._kept[tenant_id] = Budgets(store, self._uows.clock, slice_max=SLICE_MAX)
        return self._kept[tenant_id]


async def _lock(uow: UnitOfWork, key: dict[str, Any]) -> Budget:
    row = (await uow.execute(_LOCK, key)).mappings().first()
    if row is None:
        await uow.execute(_ADD, key)  # Waits for whoever adds it at the same moment.
        row = (await uow.execute(_LOCK, key)).mappings().one()
    return Budget(**row)
