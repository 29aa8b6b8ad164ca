"""What a case of WeChat Pay finds, and how it calls the SDK under test."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from contract.conformance.cases import OutOfScope
from contract.conformance.matching import differences
from contract.conformance.platform import Platform

PAYER = 3
NOTIFY = "https://shop.example/notify"
INFOS = [
    {"info_type": "活动名称", "info_content": "新会员"},
    {"info_type": "奖励说明", "info_content": "抽奖"},
]
_CHINA = timezone(timedelta(hours=8))
_QUIET = {
    "refund_takes_s": 0,
    "transfer_takes_s": 0,
    "old_transfers": True,
    "complaint_notify_url": "",
    "favor_notify_url": "",
    "busifavor_notify_url": "",
}
Ask = Callable[[dict[str, Any]], Any]


def moment(days: float = 0.0) -> str:
    """Return an instant, so many days from now."""
    return datetime.fromtimestamp(time.time() + days * 86_400, _CHINA).isoformat(timespec="seconds")


def day(days: int) -> str:
    return datetime.fromtimestamp(time.time() + days * 86_400, _CHINA).date().isoformat()


@dataclass
class PayWorld:
    """One case: a merchant, people, and the SDK that calls for the merchant."""

    platform: Platform
    ask: Ask
    kind: str  # sync or async
    mode: str  # certificate or public_key
    files: Path
    method: str = ""
    reached: set[str] = field(default_factory=set)
    _merchant: dict[str, Any] = field(default_factory=dict)
    _openids: dict[int, str] = field(default_factory=dict)

    def begin(self, method: str) -> None:
        """Forget what earlier cases left."""
        self.platform.forget()
        self.method, self.reached = method, set()
        if not self._merchant:
            (known,) = self.platform.control("GET", "/merchants")["items"]
            self._merchant = self.platform.control("GET", f"/merchants/{known['mchid']}")
        self.platform.control("PUT", f"/merchants/{self.mchid}", _QUIET)

    @property
    def mchid(self) -> str:
        return str(self._merchant["mchid"])

    @property
    def appid(self) -> str:
        return str(self.platform.shop["appid"])

    @property
    def openid(self) -> str:
        return self.openid_of(PAYER)

    def openid_of(self, person: int) -> str:
        if person not in self._openids:
            relations = self.platform.control("GET", f"/people/{person}")["relations"]
            found = next(one for one in relations if one["appid"] == self.appid)
            self._openids[person] = str(found["openid"])
        return self._openids[person]

    def act(self, verb: str, **body: Any) -> Any:
        return self.platform.control("POST", f"/people/{PAYER}/{verb}", body)

    def owner(self, verb: str, **body: Any) -> Any:
        return self.platform.control("POST", f"/merchants/{self.mchid}/{verb}", body)

    def do(self, call: str, *args: Any, **kwargs: Any) -> Any:
        """Make a call of the SDK and return status and body; what the method under test reached is noted."""
        # The other half of the SDK has recorded what each method reaches.
        counts = call == self.method and self.kind == "sync"
        before = self.platform.calls() if counts else {}
        made = {
            "call": call,
            "args": args,
            "kwargs": kwargs,
            "merchant": self._merchant,
            "mode": self.mode,
            "appid": self.appid,
        }
        answer = self.ask(made)
        if counts:
            calls = self.platform.calls().items()
            self.reached |= {one for one, times in calls if times > before.get(one, 0)}
        return answer

    def expect(self, gives: Any, call: str, *args: Any, status: int = 200, **kwargs: Any) -> Any:
        """Make a call and hold its answer to what it should be; return the body."""
        found, body = self.do(call, *args, **kwargs)
        wrong = [] if found == status else [f"status is {found}: {body}"]
        wrong += differences(body, gives)
        assert not wrong, f"{call}: {'; '.join(wrong)}"
        return body

    # What cases need

    def order(self, number: str, total: int = 1000, **more: Any) -> str:
        values = {
            "description": "茶",
            "out_trade_no": number,
            "amount": {"total": total},
            "payer": {"openid": self.openid},
        } | more
        return str(self.expect({"prepay_id": str}, "pay", **values)["prepay_id"])

    def paid(self, number: str, total: int = 1000, *, ago_s: float = 0.0, **more: Any) -> str:
        """Return the transaction of an order that was paid."""
        prepay_id = self.order(number, total, **more)
        return str(self.act("pay", mark=prepay_id, ago_s=ago_s)["items"][0]["transaction_id"])

    def picture(self) -> str:
        return str(self.files / "photo.png")


Case = Callable[[PayWorld], None]
Table = Mapping[str, Case | OutOfScope]
