"""Faults on purpose: what a call meets before and after it takes effect."""

import random
from dataclasses import asdict, dataclass
from typing import Any


class InvalidFault(ValueError):
    """A fault description cannot be used."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule. ``path`` is a platform path, or a prefix when it ends with ``*``."""

    path: str
    appid: str = ""  # Empty: any account.
    delay_s: float = 0.0  # Real seconds before the call is looked at.
    errcode: int | None = None  # Refuse with this code; no effect.
    http_status: int | None = None  # Answer this status; no effect.
    drop: bool = False  # Close the connection; no effect.
    timeout_after_effect: bool = False  # Take effect, then never answer.
    drop_after_effect: bool = False  # Take effect, then close the connection.
    hold_s: float = 60.0  # How long "never" is.
    times: int | None = None  # Calls it applies to; None: until removed.
    probability: float = 1.0
    id: int = 0
    applied: int = 0

    def matches(self, path: str, appid: str) -> bool:
        here = path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path
        return here and self.appid in ("", appid)


class FaultPlan:
    """The rules in force, oldest first; the first that matches a call applies."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(f"{seed}:faults")  # noqa: S311 - repeatable on purpose.
        self._faults: list[Fault] = []
        self._next_id = 1

    @property
    def in_force(self) -> bool:
        return bool(self._faults)

    def add(self, description: dict[str, Any]) -> Fault:
        """Add a rule.

        Raises:
            InvalidFault: unknown field, no path, or a value outside its range.
        """
        allowed = set(Fault.__dataclass_fields__) - {"id", "applied"}
        if unknown := set(description) - allowed:
            raise InvalidFault(f"unknown field: {', '.join(sorted(unknown))}")
        try:
            fault = Fault(**description)
            fault.delay_s, fault.hold_s = float(fault.delay_s), float(fault.hold_s)
        except (TypeError, ValueError) as error:
            raise InvalidFault(str(error)) from error
        if not isinstance(fault.path, str) or not fault.path.startswith("/"):
            raise InvalidFault("path must start with /")
        if not 0 <= fault.delay_s <= 600 or not 0 <= fault.hold_s <= 600:
            raise InvalidFault("delay_s and hold_s are between 0 and 600")
        if fault.http_status is not None and not 400 <= fault.http_status <= 599:
            raise InvalidFault("http_status is between 400 and 599")
        fault.id, self._next_id = self._next_id, self._next_id + 1
        self._faults.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Remove one rule and tell whether it was there."""
        kept = [fault for fault in self._faults if fault.id != fault_id]
        removed = len(kept) < len(self._faults)
        self._faults = kept
        return removed

    def clear(self) -> None:
        self._faults.clear()

    def pick(self, path: str, appid: str) -> Fault | None:
        """Return the rule this call meets, counting it."""
        for fault in self._faults:
            if fault.times is not None and fault.applied >= fault.times:
                continue
            if fault.matches(path, appid) and self._draw.random() < fault.probability:
                fault.applied += 1
                return fault
        return None

    def as_list(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]
