"""What came of welcomes, counted in history: a rebuild gives the same figures (WM-8)."""

from datetime import timedelta
from typing import Any, Final

from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.channels.wecom.translation import PREFIX, STAFF_DELETED_BY_CUSTOMER
from quanyu.modules.staff.welcomes.contracts import RULE_PREFIX, WelcomeRuleId
from quanyu.modules.staff.welcomes.facts import WELCOME_SENT
from quanyu.modules.staff.welcomes.links import PARAMETER
from quanyu.modules.staff.welcomes.views import WelcomeRuleFigures, WelcomeVariantFigures

# The first message of a customer who came by an acquisition link: other chats are told to nobody.
CHAT_STARTED: Final = f"{PREFIX}link_chat_started"
GROUP_JOINED: Final = "community.member_joined"

_WHO: Final = "dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person)"
_WEEK_MS: Final = 7 * 86_400_000
_WITHIN: Final = f"e.at >= w.at AND toUnixTimestamp64Milli(e.at) < toUnixTimestamp64Milli(w.at) + {_WEEK_MS}"
_SAME: Final = f"e.staff = w.staff AND e.app = w.app AND {_WITHIN}"
_PROPERTY: Final = "ifNull(properties.{0}.:String, '')"
_TOKEN: Final = (
    f"coalesce(nullIf(properties.{PARAMETER}.:String, ''), "
    f"nullIf(extractURLParameter({_PROPERTY.format('url')}, '{PARAMETER}'), ''))"
)
_VARIANTS: Final = f"""
WITH w AS (
    SELECT {_WHO} AS who, staff, app, occurred_at AS at, {_PROPERTY.format("slot")} AS slot,
        {_PROPERTY.format("variant")} AS variant, {_PROPERTY.format("token")} AS token
    FROM events
    WHERE tenant_id = {{tenant:UInt32}} AND name = '{WELCOME_SENT}'
        AND {_PROPERTY.format("rule")} = {{rule:String}}
        AND occurred_at >= fromUnixTimestamp64Milli({{from_ms:Int64}}, 'UTC')
)
SELECT slot, variant, count(), uniqExactIf(who, who != 0), countIf(replied), countIf(clicked),
    countIf(joined), countIf(lost)
FROM (
    SELECT w.slot AS slot, w.variant AS variant, w.who AS who, w.token AS token, any(w.at) AS greeted_at,
        countIf(e.name = '{CHAT_STARTED}' AND {_SAME}) > 0 AS replied,
        countIf(e.name = '{GROUP_JOINED}' AND e.app = w.app AND {_WITHIN}) > 0 AS joined,
        countIf(e.name = '{STAFF_DELETED_BY_CUSTOMER}' AND {_SAME}) > 0 AS lost,
        token IN (
            SELECT {_TOKEN} FROM events
            WHERE tenant_id = {{tenant:UInt32}} AND kind IN ('page', 'screen', 'track')
                AND occurred_at >= fromUnixTimestamp64Milli({{from_ms:Int64}}, 'UTC')
                AND {_TOKEN} IS NOT NULL
        ) AS clicked
    FROM w LEFT JOIN (
        SELECT {_WHO} AS who, name, staff, app, occurred_at AS at FROM events
        WHERE tenant_id = {{tenant:UInt32}} AND person != 0
            AND name IN ('{CHAT_STARTED}', '{GROUP_JOINED}', '{STAFF_DELETED_BY_CUSTOMER}')
    ) AS e ON e.who = w.who
    GROUP BY slot, variant, who, token
)
GROUP BY slot, variant ORDER BY slot, variant
"""  # noqa: S608


class WelcomeResults:
    """Counts in the warehouse."""

    def __init__(self, warehouse: Warehouse, clock: Clock) -> None:
        self._warehouse = warehouse
        self._clock = clock

    async def of_rule(self, tenant_id: TenantId, rule_id: WelcomeRuleId, *, days: int) -> WelcomeRuleFigures:
        """Return what came of each variant of a rule sent in the last ``days``.

        Raises:
            WarehouseUnavailable: history is away.
        """
        since = self._clock.now() - timedelta(days=days)
        params: dict[str, Any] = {
            "rule": encode_id(RULE_PREFIX, rule_id),
            "from_ms": int(since.timestamp() * 1000),
        }
        rows = await self._warehouse.for_tenant(tenant_id).query(_VARIANTS, params)
        return WelcomeRuleFigures(
            days=days,
            variants=tuple(
                WelcomeVariantFigures(
                    slot=slot,
                    variant=variant,
                    sent=sent,
                    people=people,
                    replied=replied,
                    clicked=clicked,
                    joined_group=joined,
                    lost_7d=lost,
                )
                for slot, variant, sent, people, replied, clicked, joined, lost in rows
            ),
        )
