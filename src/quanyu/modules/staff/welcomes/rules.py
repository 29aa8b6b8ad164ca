"""Which welcome a new customer gets: pure decisions, the clock's reading is passed in."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.kernel.clock import Clock, business_span
from quanyu.modules.staff.welcomes.contracts import (
    Scope,
    SlotKind,
    WelcomeDraft,
    WelcomeRuleId,
    WelcomeSlot,
    WelcomeVariant,
)
from quanyu.wechat.wecom.welcome import CODE_LIVES

_SCOPES: Final = {scope: rank for rank, scope in enumerate(Scope)}
_KINDS: Final = {kind: rank for rank, kind in enumerate(SlotKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Who came, how and when."""

    code: str = ""  # The live code's outside id.
    stores: tuple[str, ...] = ()  # That of the code first, then the member's own.
    staff: str = ""  # The userid.
    local: datetime  # The brand's wall clock.


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule with its id."""

    rule_id: WelcomeRuleId
    draft: WelcomeDraft


@dataclass(frozen=True, slots=True)
class Chosen:
    """What speaks, to be stored with the welcome (WM-4)."""

    rule: KeptRule
    slot: WelcomeSlot
    variant: WelcomeVariant


def choose(rules: Sequence[KeptRule], situation: Situation, *, whom: bytes) -> Chosen | None:
    """Return what greets: code, store, staff, corp; in each special dates, weekly windows, default (WM-4).

    ``whom`` is the customer's blind token: the same customer gets the same variant of a rule (WM-8).
    """
    fitting = [rule for rule in rules if rule.draft.enabled and _fits(rule.draft, situation)]
    if not fitting:
        return None
    # Of two that fit alike, which only a store of the code and one of the member can, the code's is closer.
    rule = min(
        fitting, key=lambda one: (_SCOPES[one.draft.scope], _nearness(one.draft, situation), one.rule_id)
    )
    slot = speaking_slot(rule.draft, situation.local)
    return Chosen(rule, slot, assign(rule.rule_id, slot, whom))


def speaking_slot(draft: WelcomeDraft, local: datetime) -> WelcomeSlot:
    """Return the slot that speaks now; of several of a kind the first one."""
    holding = [slot for slot in draft.slots if slot.period is None or slot.period.holds(local)]
    return min(holding, key=lambda slot: _KINDS[slot.kind])


def assign(rule_id: WelcomeRuleId, slot: WelcomeSlot, whom: bytes) -> WelcomeVariant:
    """Return the variant of ``whom``: the same whenever it is asked, shares as the weights say (WM-8)."""
    if len(slot.variants) == 1:
        return slot.variants[0]
    said = hashlib.blake2b(whom + str(rule_id).encode() + b"\0" + slot.name.encode(), digest_size=8)
    total = sum(variant.weight for variant in slot.variants)
    point = int.from_bytes(said.digest()) * total >> 64
    for variant in slot.variants:
        point -= variant.weight
        if point < 0:
            return variant
    raise AssertionError("weights add up to their total")


def life_of_codes(clock: Clock) -> timedelta:
    """Return how long a code is good for on this clock: what must be done in it takes real time."""
    return business_span(clock, CODE_LIVES)


def is_expired(*, happened_at: datetime, now: datetime, life: timedelta = CODE_LIVES) -> bool:
    """Whether a code is past its life: 20 s from the moment the platform made the event."""
    return now - happened_at > life


def time_left(*, happened_at: datetime, now: datetime, life: timedelta = CODE_LIVES) -> timedelta:
    """Return how long a code will still be good; never negative."""
    return max(happened_at + life - now, timedelta())


def rivals(draft: WelcomeDraft, others: Sequence[KeptRule]) -> tuple[KeptRule, ...]:
    """Return the enabled rules that claim a target of ``draft`` too: two could not both be the one chosen."""
    if not draft.enabled:
        return ()
    targets = set(draft.targets)
    return tuple(
        other
        for other in others
        if other.draft.enabled
        and other.draft.corp == draft.corp
        and other.draft.scope is draft.scope
        and (draft.scope is Scope.CORP or targets & set(other.draft.targets))
    )


def _fits(draft: WelcomeDraft, situation: Situation) -> bool:
    match draft.scope:
        case Scope.CODE:
            return bool(situation.code) and situation.code in draft.targets
        case Scope.STORE:
            return any(store in draft.targets for store in situation.stores)
        case Scope.STAFF:
            return situation.staff in draft.targets
        case Scope.CORP:
            return True


def _nearness(draft: WelcomeDraft, situation: Situation) -> int:
    if draft.scope is not Scope.STORE:
        return 0
    return min(rank for rank, store in enumerate(situation.stores) if store in draft.targets)
