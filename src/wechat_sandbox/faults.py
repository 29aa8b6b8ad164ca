"""Faults on command: rules that make calls and callbacks go wrong, repeatable by seed.

A rule names a ``path`` (a call) or an ``event`` (a callback), a prefix of one when it ends with ``*``, and
what goes wrong. A call meets the first rule that fires. A callback meets all that fire, since it can be
late and doubled.
"""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from wechat_sandbox.wire.pay.errors import CODES

SECONDS_MAX = 600.0
RULES_MAX = 1000
COPIES_MAX = 20
_CALL_ONLY = ("errcode", "code", "http_status", "drop_after_effect", "quota_exhausted", "token_revoked")
# What only calls with a token know, and only those that merchants sign.
_TOKEN_ONLY = ("errcode", "quota_exhausted", "token_revoked")
_SIGNED_ONLY = ("code", "wrong_signature")
_SIGNED_PATHS = "/v3/"
_WHOLE = ("errcode", "http_status", "times", "after", "every", "duplicate")
_FLAGS = (
    "drop", "timeout_after_effect", "drop_after_effect", "reorder", "wrong_signature", "quota_exhausted",
    "token_revoked",
)  # fmt: skip
_DRIP_S = 0.1  # What is slow comes in as many pieces as this makes of a second.
_NULLABLE = ("errcode", "http_status", "times")
_REAL = ("delay_s", "hold_s", "drip_bytes_per_s", "probability")


class InvalidFault(ValueError):
    """A fault description cannot be used."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule: where it applies, what happens, how often. Seconds are real ones."""

    path: str = ""  # Of calls.
    event: str = ""  # Of callbacks: the value of ``Event``, or ``message:<type>``.
    appid: str = ""  # An account, or a merchant; empty: any.
    # What happens.
    delay_s: float = 0.0  # Before a call is looked at; before a callback is sent.
    errcode: int | None = None  # Refuse with this code (-1: system busy); no effect.
    code: str = ""  # Refuse a call of WeChat Pay with this code; no effect.
    http_status: int | None = None  # Answer this status; no effect.
    quota_exhausted: bool = False  # The day's budget of this call is spent, until midnight or a clearing.
    token_revoked: bool = False  # All tokens of the account are superseded before the call is looked at.
    drop: bool = False  # Close the connection, no effect; never send a callback.
    timeout_after_effect: bool = False  # Take effect, then never answer; do not hear the first answer.
    drop_after_effect: bool = False  # Take effect, then close the connection.
    duplicate: int = 0  # Take effect, or be sent, so many times more.
    reorder: bool = False  # Let the next one go first, or ``hold_s`` pass (at most 2 s for callbacks).
    wrong_signature: bool = False  # Send a forged copy of a callback first; sign an answer of pay wrongly.
    drip_bytes_per_s: float = 0.0  # Send the answer, or the callback, that slowly.
    hold_s: float = 60.0  # How long "never" is.
    # How often.
    times: int | None = None  # Times it fires; None: until removed.
    after: int = 0  # Matches to let pass first.
    every: int = 1  # Fire at each so-manieth match after that.
    probability: float = 1.0
    id: int = 0
    matched: int = 0
    applied: int = 0

    def names(self, place: str, appid: str) -> bool:
        """Whether the rule is about this path or event of this account."""
        pattern = self.path or self.event
        here = place.startswith(pattern[:-1]) if pattern.endswith("*") else place == pattern
        return here and self.appid in ("", appid)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackFault:
    """What one callback meets, put together from all rules that fired for it."""

    delay_s: float = 0.0
    drop: bool = False
    lose_first_answer: bool = False
    duplicate: int = 0
    reorder: bool = False
    wrong_signature: bool = False
    drip_bytes_per_s: float = 0.0
    hold_s: float = 2.0


NO_FAULT = CallbackFault()


@dataclass(slots=True)
class _Rule:
    fault: Fault
    draw: random.Random
    waiting: list[asyncio.Event] = field(default_factory=list)

    def fires(self) -> bool:
        """Count a match and tell whether the fault happens this time."""
        fault = self.fault
        fault.matched += 1
        if fault.times is not None and fault.applied >= fault.times:
            return False
        turn = fault.matched - fault.after
        if turn <= 0 or turn % fault.every:
            return False
        # Each rule draws for itself and once per match, so other rules and paths change nothing.
        if self.draw.random() >= fault.probability:
            return False
        fault.applied += 1
        return True


class FaultPlan:
    """The rules in force, oldest first."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._rules: list[_Rule] = []
        self._next_id = 1

    @property
    def in_force(self) -> bool:
        return bool(self._rules)

    def add(self, description: dict[str, Any]) -> Fault:
        """Add a rule.

        Raises:
            InvalidFault: unknown field, neither path nor event, or a value outside its range.
        """
        if len(self._rules) >= RULES_MAX:
            raise InvalidFault(f"there are {RULES_MAX} rules already")
        return self._keep(read_fault(description))

    def replace(self, descriptions: Iterable[dict[str, Any]], *, seed: int | None = None) -> list[Fault]:
        """Put a whole script in place of all rules; a bad rule in it changes nothing.

        Numbering starts anew, so the same script and seed draw the same faults again.

        Raises:
            InvalidFault: as for ``add``.
        """
        faults = [read_fault(description) for description in descriptions]
        if len(faults) > RULES_MAX:
            raise InvalidFault(f"a script has at most {RULES_MAX} rules")
        self.clear()
        self._next_id = 1
        if seed is not None:
            self.seed = seed
        return [self._keep(fault) for fault in faults]

    def remove(self, fault_id: int) -> bool:
        """Remove one rule and tell whether it was there."""
        found = [rule for rule in self._rules if rule.fault.id == fault_id]
        for rule in found:
            _let_go(rule)
            self._rules.remove(rule)
        return bool(found)

    def clear(self) -> None:
        for rule in self._rules:
            _let_go(rule)
        self._rules = []

    def pick(self, path: str, appid: str) -> Fault | None:
        """Return the rule this call meets, counting it."""
        for rule in self._rules:
            if rule.fault.path and rule.fault.names(path, appid) and rule.fires():
                return rule.fault
        return None

    def pick_callback(self, event: str, appid: str) -> CallbackFault:
        """Return what this callback meets."""
        about = [rule for rule in self._rules if rule.fault.event and rule.fault.names(event, appid)]
        fired = [rule.fault for rule in about if rule.fires()]
        return _together(fired) if fired else NO_FAULT

    async def wait_for_next(self, fault: Fault) -> None:
        """Hold a call back until another one under the same rule is done, or ``hold_s`` has passed."""
        rule = next((rule for rule in self._rules if rule.fault is fault), None)
        if rule is None:
            return
        overtaken = asyncio.Event()
        rule.waiting.append(overtaken)
        try:
            async with asyncio.timeout(fault.hold_s):
                await overtaken.wait()
        except TimeoutError:
            rule.waiting.remove(overtaken)

    def done(self, path: str, appid: str) -> None:
        """Let calls go on that waited for one like this."""
        for rule in self._rules:
            if rule.waiting and rule.fault.names(path, appid):
                _let_go(rule)

    def as_list(self) -> list[dict[str, Any]]:
        return [asdict(rule.fault) for rule in self._rules]

    def _keep(self, fault: Fault) -> Fault:
        fault.id, self._next_id = self._next_id, self._next_id + 1
        draw = random.Random(f"{self.seed}:fault:{fault.id}")  # noqa: S311 - repeatable on purpose.
        self._rules.append(_Rule(fault, draw))
        return fault


def read_fault(description: dict[str, Any]) -> Fault:
    """Check a description and return it as a rule.

    Raises:
        InvalidFault: the message says what is wrong.
    """
    allowed = set(Fault.__dataclass_fields__) - {"id", "applied", "matched"}
    if unknown := set(description) - allowed:
        raise InvalidFault(f"unknown field: {', '.join(sorted(unknown))}")
    _check_types(description)
    fault = Fault(**description)
    if bool(fault.path) == bool(fault.event):
        raise InvalidFault("name a path (a call) or an event (a callback)")
    if fault.path and not fault.path.startswith("/"):
        raise InvalidFault("path must start with /")
    what, misplaced = _misplaced_in(fault)
    if wrong := [name for name in misplaced if description.get(name)]:
        raise InvalidFault(f"not for a {what}: {', '.join(wrong)}")
    if fault.code and fault.code not in CODES:
        raise InvalidFault(f"no code of WeChat Pay: {fault.code}")
    _check_ranges(fault)
    return fault


def _misplaced_in(fault: Fault) -> tuple[str, tuple[str, ...]]:
    """Return what a rule is about, and the fields that mean nothing there."""
    if fault.event:
        return "callback", _CALL_ONLY
    if fault.path.startswith(_SIGNED_PATHS):
        return "call of WeChat Pay", _TOKEN_ONLY
    return "call", _SIGNED_ONLY


def _check_types(description: dict[str, Any]) -> None:
    for name, value in description.items():
        if name in _FLAGS:
            good, what = isinstance(value, bool), "true or false"
        elif name in _WHOLE:
            good = isinstance(value, int) and not isinstance(value, bool)
            good, what = (
                good or (value is None and name in ("errcode", "http_status", "times")),
                "a whole number",
            )
        elif name in _REAL:
            good, what = isinstance(value, int | float) and not isinstance(value, bool), "a number"
        else:
            good, what = isinstance(value, str), "a text"
        if not good:
            raise InvalidFault(f"{name} is {what}")


def _check_ranges(fault: Fault) -> None:
    if not 0 <= fault.delay_s <= SECONDS_MAX or not 0 <= fault.hold_s <= SECONDS_MAX:
        raise InvalidFault(f"delay_s and hold_s are between 0 and {SECONDS_MAX:g}")
    if fault.http_status is not None and not 400 <= fault.http_status <= 599:
        raise InvalidFault("http_status is between 400 and 599")
    if not 0 <= fault.probability <= 1:
        raise InvalidFault("probability is between 0 and 1")
    if fault.every < 1 or fault.after < 0 or (fault.times is not None and fault.times < 0):
        raise InvalidFault("every is at least 1, after and times at least 0")
    if not 0 <= fault.duplicate <= COPIES_MAX:
        raise InvalidFault(f"duplicate is between 0 and {COPIES_MAX}")
    if fault.drip_bytes_per_s < 0:
        raise InvalidFault("drip_bytes_per_s is at least 0")


def drops(body: bytes, bytes_per_s: float) -> list[tuple[bytes, float]]:
    """Cut a body into pieces with the pause after each."""
    size = max(1, int(bytes_per_s * _DRIP_S))
    return [(body[start : start + size], size / bytes_per_s) for start in range(0, len(body), size)]


def _together(fired: list[Fault]) -> CallbackFault:
    drips = [fault.drip_bytes_per_s for fault in fired if fault.drip_bytes_per_s]
    return CallbackFault(
        delay_s=sum(fault.delay_s for fault in fired),
        drop=any(fault.drop for fault in fired),
        lose_first_answer=any(fault.timeout_after_effect for fault in fired),
        duplicate=sum(fault.duplicate for fault in fired),
        reorder=any(fault.reorder for fault in fired),
        wrong_signature=any(fault.wrong_signature for fault in fired),
        drip_bytes_per_s=min(drips, default=0.0),
        hold_s=min(NO_FAULT.hold_s, *(fault.hold_s for fault in fired)),
    )


def _let_go(rule: _Rule) -> None:
    for overtaken in rule.waiting:
        overtaken.set()
    rule.waiting.clear()
