"""The money of merchants: every movement is written once, and the balance is their sum.

The basic account holds what was paid; a part of it may be frozen for profit sharing or for the budget of
coupons. Transfers to people come out of the operation account.
"""

from dataclasses import dataclass
from enum import StrEnum

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.pay.errors import PayError

OPENING_OPERATION = 100_000_000  # A million yuan, so that transfers work from the start.


class Purse(StrEnum):
    """The accounts of a merchant, as bills name them."""

    BASIC = "BASIC"
    OPERATION = "OPERATION"
    FEES = "FEES"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One movement; ``amount`` in fen, negative for money that leaves."""

    flow_id: str
    at: float
    amount: int
    name: str  # 业务名称
    kind: str  # 业务类型
    ref: str  # 微信支付业务单号
    voucher: str = ""  # 业务凭证号
    remark: str = ""
    submitter: str = ""


@dataclass(slots=True, kw_only=True)
class Balance:
    """What an account holds, in fen; the frozen part is within the total."""

    total: int = 0
    frozen: int = 0

    @property
    def available(self) -> int:
        return self.total - self.frozen


class Funds:
    """The accounts of all merchants."""

    def __init__(self, store: Storage) -> None:
        self._flows = Shelf(store, "pay_flow", Flow)
        self._balances = Shelf(store, "pay_balance", Balance)

    def balance(self, mchid: str, purse: Purse = Purse.BASIC) -> Balance:
        found = self._balances.find(mchid, purse)
        if found is not None:
            return found
        return Balance(total=OPENING_OPERATION if purse is Purse.OPERATION else 0)

    def move(
        self,
        mchid: str,
        amount: int,
        *,
        at: float,
        name: str,
        kind: str,
        ref: str,
        voucher: str = "",
        remark: str = "",
        purse: Purse = Purse.BASIC,
    ) -> None:
        """Write a movement; nothing is written for an amount of zero.

        Raises:
            PayError: NOT_ENOUGH money is available for what is to leave.
        """
        if not amount:
            return
        balance = self.balance(mchid, purse)
        if amount < 0 and balance.available + amount < 0:
            raise PayError("NOT_ENOUGH", "账户可用余额不足")
        balance.total += amount
        ordinal = self._flows.count(_place(mchid, purse)) + 1
        flow = Flow(
            flow_id=f"20{int(at * 1000):013d}{ordinal:09d}",
            at=at,
            amount=amount,
            name=name,
            kind=kind,
            ref=ref,
            voucher=voucher,
            remark=remark,
        )
        self._flows.put(_place(mchid, purse), f"{at:017.3f} {ordinal:012d}", flow)
        self._balances.put(mchid, purse, balance)

    def freeze(self, mchid: str, amount: int) -> None:
        """Set money aside (negative: free it) without moving it."""
        balance = self.balance(mchid)
        if amount > balance.available:
            raise PayError("NOT_ENOUGH", "账户可用余额不足")
        balance.frozen += amount
        assert balance.frozen >= 0, "more was freed than was frozen"
        self._balances.put(mchid, Purse.BASIC, balance)

    def flows(self, mchid: str, purse: Purse, since: float, until: float) -> list[Flow]:
        """Return the movements of a period in the order of time."""
        found = self._flows.between(_place(mchid, purse), f"{since:017.3f}", f"{until:017.3f}")
        return [flow for _, flow in found]

    def held_at(self, mchid: str, purse: Purse, at: float) -> int:
        """Return what an account held at an instant."""
        opening = OPENING_OPERATION if purse is Purse.OPERATION else 0
        return opening + sum(flow.amount for flow in self.flows(mchid, purse, 0.0, at))


def _place(mchid: str, purse: Purse) -> str:
    return f"{mchid}:{purse}"
