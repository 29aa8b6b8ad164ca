"""How often each rule answered, from history."""

from collections.abc import Mapping
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.warehouse import Warehouse, WarehouseUnavailable
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId

_log = get_logger("channels.replies")
_DAYS: Final = 30
_ANSWERED: Final = """
SELECT assumeNotNull(properties.answered_by.:String) AS rule, count() FROM events
WHERE tenant_id = {tenant:UInt32} AND app = {app:String}
    AND name IN ('wechat.official_account.message_received', 'wechat.official_account.followed',
        'wechat.official_account.menu_clicked', 'wechat.official_account.scanned')
    AND occurred_at >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND isNotNull(properties.answered_by.:String)
GROUP BY rule
"""


class AnswerFigures:
    """Counts answers in the warehouse."""

    def __init__(self, warehouse: Warehouse, clock: Clock) -> None:
        self._warehouse = warehouse
        self._clock = clock

    async def answered(self, tenant_id: TenantId, app_id: str) -> Mapping[str, int]:
        """Return how often each rule answered in the last 30 days; empty while history is away."""
        since_ms = int(self._clock.now().timestamp() * 1000) - _DAYS * 86_400_000
        try:
            rows = await self._warehouse.for_tenant(tenant_id).query(
                _ANSWERED, {"app": app_id, "since_ms": since_ms}
            )
        except WarehouseUnavailable as error:
            _log.warning("channels.answer_figures_away", error=str(error))
            return {}
        return dict(rows)
