"""Receipts: what the platform says became of messages it had accepted."""

from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.messaging.contracts import FailureReason, MessageState
from quanyu.modules.messaging.facts import FactName, tell
from quanyu.modules.messaging.queries import sending
from quanyu.modules.messaging.queries.sending import Receipt

_DELIVERED: Final = "success"
_USER_BLOCKED: Final = "failed:user block"


async def take_receipts(uow: UnitOfWork, receipts: Sequence[Receipt]) -> None:
    """Move messages to delivered or failed; keep receipts that came before our own bookkeeping."""
    moved = set(await apply_receipts(uow, receipts))
    early = [one for one in receipts if (one.account_id, one.msgid) not in moved]
    await sending.keep_receipts(await uow.raw(), uow.tenant_id, early)


async def apply_receipts(uow: UnitOfWork, receipts: Sequence[Receipt]) -> list[tuple[int, str]]:
    """Move accepted messages to delivered or failed; return the (account id, msgid) pairs moved."""
    if not receipts:
        return []
    now = uow.clock.now()
    rows = [(receipt, *_meaning(receipt.status)) for receipt in receipts]
    verdicts = {(receipt.account_id, receipt.msgid): (state, reason) for receipt, state, reason in rows}
    moved = await sending.apply_receipts(await uow.raw(), uow.tenant_id, rows, now=now)
    for intent in moved:
        state, reason = verdicts[intent.account_id, intent.msgid]
        name = FactName.DELIVERED if state is MessageState.DELIVERED else FactName.FAILED
        tell(uow, name, intent, at=now, reason=reason)
    return [(intent.account_id, intent.msgid) for intent in moved]


def _meaning(status: str) -> tuple[MessageState, str | None]:
    """Read the status of TEMPLATESENDJOBFINISH; spaces differ between the documented samples."""
    plain = status.replace(" ", "").lower()
    if plain == _DELIVERED:
        return MessageState.DELIVERED, None
    if plain == _USER_BLOCKED.replace(" ", ""):
        return MessageState.FAILED, str(FailureReason.USER_BLOCKED)
    return MessageState.FAILED, str(FailureReason.PLATFORM_FAILED)
