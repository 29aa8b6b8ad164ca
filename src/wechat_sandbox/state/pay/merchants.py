"""Merchants of WeChat Pay: identity, keys, the accounts they are bound to.

Keys are made when somebody first asks for them: most sandboxes never take a payment.
"""

import random
import string
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from wechat_sandbox.state.core import Unknown
from wechat_sandbox.storage import Storage
from wechat_sandbox.wire.pay import crypto

_META = "pay_merchants"
_ALNUM = string.ascii_letters + string.digits
_ISSUER = "WeChat Pay sandbox merchant authority"
_CERTIFICATE_S = 5 * 365 * 86_400.0
MERCHANTS_MAX = 50


class Verification(StrEnum):
    """With which of its keys the platform signs for a merchant."""

    BOTH = "both"  # The certificate, or the public key where a request names it.
    PUBLIC_KEY = "public_key"  # The public key alone; there is no certificate to download.


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantKeys:
    """A merchant's own key pair with its certificate."""

    serial_no: str
    private_key_pem: str
    certificate_pem: str
    expires_at: float


@dataclass(slots=True, kw_only=True)
class Merchant:
    """One merchant. Money in fen, shares in basis points, periods in virtual seconds."""

    mchid: str
    name: str
    api_v3_key: str
    api_v2_key: str
    appids: list[str] = field(default_factory=list)  # Empty: every account of the sandbox.
    verification: Verification = Verification.BOTH
    notify_public_key_bps: int = 0  # Share of callbacks signed with the public key.
    fee_bps: int = 60
    refund_takes_s: float = 2.0  # From PROCESSING to SUCCESS.
    profit_sharing_max_bps: int = 3000
    transfer_takes_s: float = 1.0
    transfer_scenes: list[str] = field(
        default_factory=lambda: ["1000", "1002", "1004", "1005", "1006", "1009", "1010", "1011", "1013"]
    )
    old_transfers: bool = False  # Batch transfers, closed to new merchants.
    returns_profit_sharing: bool = True  # Gives back what it received when the payer asks.
    can_issue_coupons: bool = True  # Send merchant coupons by API.
    payscore_deducts: bool = True  # A finished service order is paid without the person doing anything.
    is_revoked: bool = False  # Its certificate was revoked.
    favor_notify_url: str = ""
    busifavor_notify_url: str = ""
    complaint_notify_url: str = ""
    sharing_notify_url: str = ""
    refund_notify_url: str = ""  # Of refunds that name none.
    keys: MerchantKeys | None = None

    def settings(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "keys"}


SETTINGS = frozenset(Merchant.__dataclass_fields__) - {"mchid", "keys"}


class Merchants:
    """All merchants, kept over restarts and resets as accounts are."""

    def __init__(self, store: Storage, seed: int) -> None:
        self._store = store
        self._seed = seed
        kept = store.read_meta(_META) or []
        self._all = {one.mchid: one for one in msgspec.convert(kept, list[Merchant])}

    def ensure(self, given: list[dict[str, Any]]) -> None:
        """Make the configured merchants; those of an earlier run keep their keys."""
        existing = list(self._all.values())
        for ordinal, values in enumerate(given):
            mchid = values.get("mchid") or (existing[ordinal].mchid if ordinal < len(existing) else "")
            if mchid in self._all:
                self._set(self._all[mchid], values)
            else:
                self._add(ordinal, values)
        self._write()

    def add(self, values: dict[str, Any]) -> Merchant:
        """Make one more merchant.

        Raises:
            ValueError: the number is taken, or a value is none of its set.
        """
        if values.get("mchid") in self._all:
            raise ValueError("there is a merchant with this mchid")
        if len(self._all) >= MERCHANTS_MAX:
            raise ValueError(f"there are at most {MERCHANTS_MAX} merchants")
        made = self._add(len(self._all), values)
        self._write()
        return made

    def change(self, merchant: Merchant, values: Mapping[str, Any]) -> None:
        """Set settings by name; raises ``ValueError`` for a value outside its set."""
        self._set(merchant, values)
        self._write()

    def all(self) -> list[Merchant]:
        return list(self._all.values())

    def find(self, mchid: str) -> Merchant | None:
        return self._all.get(mchid)

    def get(self, mchid: str) -> Merchant:
        found = self._all.get(mchid)
        if found is None:
            raise Unknown(f"no merchant {mchid}")
        return found

    def keys(self, merchant: Merchant, at: float) -> MerchantKeys:
        """Return a merchant's keys; they are made when somebody first asks."""
        return merchant.keys or self.renew(merchant, at)

    def renew(self, merchant: Merchant, at: float) -> MerchantKeys:
        """Give a merchant new keys; the former certificate is no longer known."""
        private = crypto.make_key()
        until = at + _CERTIFICATE_S
        certificate, serial = crypto.make_certificate(
            private, name=merchant.mchid, issuer=_ISSUER, since=at, until=until
        )
        merchant.keys = MerchantKeys(
            serial_no=serial, private_key_pem=private, certificate_pem=certificate, expires_at=until
        )
        self._write()
        return merchant.keys

    def _add(self, ordinal: int, values: Mapping[str, Any]) -> Merchant:
        draw = random.Random(f"{self._seed}:merchant:{ordinal}")  # noqa: S311 - repeatable on purpose.
        made = Merchant(
            mchid=str(values.get("mchid") or f"16{draw.randrange(10**8):08d}"),
            name="青山茶食有限公司" if ordinal == 0 else f"青山茶食{ordinal + 1}号店",
            api_v3_key="".join(draw.choices(_ALNUM, k=32)),
            api_v2_key="".join(draw.choices(_ALNUM, k=32)),
        )
        self._set(made, values)
        self._all[made.mchid] = made
        return made

    def _set(self, merchant: Merchant, values: Mapping[str, Any]) -> None:
        given = {name: value for name, value in values.items() if name in SETTINGS and value is not None}
        changed = msgspec.convert(msgspec.to_builtins(merchant) | given, Merchant)
        if len(changed.api_v3_key) != 32:
            raise ValueError("api_v3_key has 32 characters")
        for name in given:
            setattr(merchant, name, getattr(changed, name))

    def _write(self) -> None:
        self._store.write_meta(_META, msgspec.to_builtins(self.all()))
