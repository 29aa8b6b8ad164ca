"""What somebody paid and was given back.

The books name nobody but by the payer's openid, sealed: attempts of the accounts somebody is known in are
opened one by one. Payments by links that tell no openid are found by what history says of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.rights.packages.contracts import Store
from quanyu.flows.rights.packages.sources.base import Asked, Page, Tools
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import InvalidId, TenantId, decode_id, encode_id
from quanyu.modules.payments.contracts import ATTEMPT_PREFIX, PAYMENT_PREFIX, REFUND_PREFIX
from quanyu.modules.payments.paying import PAYER_CONTEXT

_AT_ONCE: Final = 1_000
_ATTEMPTS: Final = """
SELECT id, payment_id, app_id, payer_sealed FROM payment_attempt
WHERE tenant_id = :tenant AND id > :after AND app_id = ANY(CAST(:apps AS text[]))
ORDER BY id LIMIT :limit
"""
_NOTED: Final = """
SELECT DISTINCT ifNull(properties.payment_id.:String, '') FROM events
WHERE tenant_id = {tenant:UInt32} AND person IN {people:Array(UInt32)}
    AND name IN ('payments.paid', 'payments.late_payment')
"""
_PAYMENTS: Final = """
SELECT id, payment_key AS order_id, amount_minor, currency, description, state, created_at, paid_at, closed_at
FROM payment WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS bigint[])) ORDER BY id
"""
_TRIES: Final = """
SELECT id, payment_id, out_trade_no, kind, app_id, payer_sealed, state, reason, transaction_id, paid_at,
    paid_minor, refunded_minor, created_at
FROM payment_attempt WHERE tenant_id = :tenant AND payment_id = ANY(CAST(:ids AS bigint[])) ORDER BY id
"""
_REFUNDS: Final = """
SELECT id, payment_id, out_refund_no, amount_minor, reason, cause, state, refund_id, created_at, succeeded_at
FROM payment_refund WHERE tenant_id = :tenant AND payment_id = ANY(CAST(:ids AS bigint[])) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments with attempts and refunds; one that others tried to pay too is told with one's own alone."""

    tools: Tools
    warehouse: Warehouse
    section: str = "payments"
    store: Store = Store.POSTGRES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return what is among the next attempts; what history names comes last."""
        openids = {(scope, value) for kind, scope, value in asked.identifiers if kind == "openid"}
        told, last = (set[int](), 0) if after is None else (set(after["told"]), after["last"])
        found = await self.tools.rows(
            asked.tenant_id,
            _ATTEMPTS,
            after=last,
            apps=sorted({scope for scope, _ in openids}),
            limit=_AT_ONCE,
        )
        theirs = {row["payment_id"] for row in found if (row["app_id"], self._openid(row)) in openids}
        if len(found) < _AT_ONCE:
            theirs |= await self._noted(asked)
        rows = await self._payments(asked.tenant_id, sorted(theirs - told), openids)
        more = {"told": sorted(told | theirs), "last": found[-1]["id"]} if len(found) == _AT_ONCE else None
        return Page(rows, more)

    async def _noted(self, asked: Asked) -> set[int]:
        found = await self.warehouse.for_tenant(asked.tenant_id).query(
            _NOTED, {"people": list(asked.whom.people)}
        )
        return {number for (text,) in found if (number := _number(text)) is not None}

    async def _payments(
        self, tenant_id: TenantId, ids: Sequence[int], openids: set[tuple[str, str]]
    ) -> list[dict[str, Any]]:
        if not ids:
            return []
        payments = await self.tools.rows(tenant_id, _PAYMENTS, ids=ids)
        tries = await self.tools.rows(tenant_id, _TRIES, ids=ids)
        refunds = await self.tools.rows(tenant_id, _REFUNDS, ids=ids)
        return [
            {
                **_plain(row, PAYMENT_PREFIX),
                "attempts": [
                    self._attempt(one)
                    for one in tries
                    if one["payment_id"] == row["id"] and self._is_own(one, openids)
                ],
                "refunds": [_plain(one, REFUND_PREFIX) for one in refunds if one["payment_id"] == row["id"]],
            }
            for row in payments
        ]

    def _attempt(self, row: Mapping[str, Any]) -> dict[str, Any]:
        payer = self._payer(row)
        return _plain(row, ATTEMPT_PREFIX) | {name: value for name, value in payer.items() if value}

    def _is_own(self, row: Mapping[str, Any], openids: set[tuple[str, str]]) -> bool:
        openid = self._openid(row)
        return not openid or (row["app_id"], openid) in openids

    def _openid(self, row: Mapping[str, Any]) -> str:
        return str(self._payer(row).get("openid", ""))

    def _payer(self, row: Mapping[str, Any]) -> dict[str, str]:
        text = self.tools.opened(bytes(row["payer_sealed"]), PAYER_CONTEXT)
        return dict(json.loads(text)) if text else {}


def _plain(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    hidden = ("id", "payment_id", "payer_sealed")
    told = {name: value for name, value in row.items() if name not in hidden and value not in (None, "")}
    return {"id": encode_id(prefix, row["id"]), **told}


def _number(text: str) -> int | None:
    try:
        return decode_id(PAYMENT_PREFIX, text)
    except InvalidId:
        return None
