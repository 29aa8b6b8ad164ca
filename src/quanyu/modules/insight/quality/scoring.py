"""The formula of data quality. Pure; docs/reference/data-quality.md states it."""

from collections.abc import Mapping, Sequence
from typing import Final

from quanyu.modules.events.sources.contracts import SourceTally
from quanyu.modules.insight.quality.contracts import (
    AttributeFinding,
    AttributeQuality,
    Part,
    ScorePart,
    SourceFinding,
    SourceQuality,
    SourceQualityFinding,
)
from quanyu.modules.people.contracts import AttributeClass
from quanyu.modules.people.quality.contracts import (
    FAULTS,
    AttributeRule,
    AttributeTally,
    Finding,
    FromSource,
    ValueKind,
)

ATTRIBUTE_WEIGHTS: Final[Mapping[Part, float]] = {
    Part.COMPLETE: 0.30,
    Part.VALID: 0.30,
    Part.FRESH: 0.15,
    Part.AGREED: 0.15,
    Part.UNIQUE: 0.10,
}
SOURCE_WEIGHTS: Final[Mapping[Part, float]] = {
    Part.VALID: 0.30,
    Part.KNOWN: 0.25,
    Part.TAKEN: 0.20,
    Part.PLANNED: 0.10,
    Part.ON_TIME: 0.10,
    Part.ONCE: 0.05,
}


def judge_attribute(
    tally: AttributeTally, people: int, kind: ValueKind, rule: AttributeRule | None
) -> AttributeQuality:
    """Score one attribute of a brand that knows ``people`` people, one at least."""
    wanted = 1.0 if rule is None else rule.wanted
    is_identifier = tally.attribute_class is AttributeClass.IDENTIFIER
    values = {
        Part.COMPLETE: min(1.0, tally.filled / (people * wanted)),
        Part.VALID: _without(tally.faulty, tally.filled),
        Part.FRESH: _without(tally.stale, tally.filled),
        Part.AGREED: _without(tally.conflicts, tally.filled),
        Part.UNIQUE: _without(tally.shared, tally.filled) if is_identifier else None,
    }
    parts = _parts(values, ATTRIBUTE_WEIGHTS)
    found = [
        (Finding.MISSING, people - tally.filled, people, Part.COMPLETE),
        *((fault, tally.faults[fault], tally.filled, Part.VALID) for fault in FAULTS),
        (Finding.STALE, tally.stale, tally.filled, Part.FRESH),
        (Finding.CONFLICT, tally.conflicts, tally.filled, Part.AGREED),
        (Finding.SHARED, tally.shared, tally.filled, Part.UNIQUE),
    ]
    findings = [
        AttributeFinding(
            finding=finding,
            people=count,
            share=_share(count, of),
            costs=_costs(parts, part, None if part is Part.COMPLETE else _share(count, of)),
        )
        for finding, count, of, part in found
        if count > 0
    ]
    return AttributeQuality(
        key=tally.key,
        kind=kind,
        is_sealed=tally.attribute_class in (AttributeClass.IDENTIFIER, AttributeClass.NAME),
        weight=1.0 if rule is None else rule.weight,
        score=_score(parts),
        filled=tally.filled,
        overwritten=tally.overwritten,
        parts=parts,
        findings=tuple(sorted(findings, key=lambda one: -one.costs)),
        told_by={name: one.filled for name, one in sorted(tally.sources.items())},
    )


def judge_source(source: str, events: SourceTally, unresolved: int, told: FromSource) -> SourceQuality:
    """Score one source that brought something."""
    accepted, refused = events.accepted, events.rejected + events.quarantined
    again = events.duplicates + events.differs
    values = {
        Part.VALID: _without(told.faulty, told.filled),
        Part.KNOWN: _without(unresolved, accepted),
        Part.TAKEN: _without(refused, accepted + refused),
        Part.PLANNED: _without(events.off_plan, accepted),
        Part.ON_TIME: _without(events.late, accepted),
        Part.ONCE: _without(again, accepted + again),
    }
    parts = _parts(values, SOURCE_WEIGHTS)
    found = [
        (SourceFinding.FAULTY, told.faulty, told.filled, Part.VALID),
        (SourceFinding.UNRESOLVED, unresolved, accepted, Part.KNOWN),
        (SourceFinding.REJECTED, events.rejected, accepted + refused, Part.TAKEN),
        (SourceFinding.QUARANTINED, events.quarantined, accepted + refused, Part.TAKEN),
        (SourceFinding.OFF_PLAN, events.off_plan, accepted, Part.PLANNED),
        (SourceFinding.LATE, events.late, accepted, Part.ON_TIME),
        (SourceFinding.DUPLICATES, events.duplicates, accepted + again, Part.ONCE),
        (SourceFinding.DIFFERS, events.differs, accepted + again, Part.ONCE),
    ]
    findings = [
        SourceQualityFinding(
            finding=finding,
            count=count,
            share=_share(count, of),
            costs=_costs(parts, part, _share(count, of)),
        )
        for finding, count, of, part in found
        if count > 0
    ]
    return SourceQuality(
        source=source,
        score=_score(parts),
        events=accepted,
        values=told.filled,
        parts=parts,
        findings=tuple(sorted(findings, key=lambda one: -one.costs)),
    )


def weighted(scores: Sequence[tuple[float, float]]) -> float | None:
    """Return the mean of (score, weight) pairs; ``None`` without any weight."""
    total = sum(weight for _, weight in scores)
    return round(sum(score * weight for score, weight in scores) / total, 1) if total else None


def _parts(values: Mapping[Part, float | None], weights: Mapping[Part, float]) -> tuple[ScorePart, ...]:
    told = {part: value for part, value in values.items() if value is not None}
    total = sum(weights[part] for part in told)
    return tuple(
        ScorePart(part=part, value=round(value, 4), weight=round(weights[part] / total, 4))
        for part, value in told.items()
    )


def _score(parts: Sequence[ScorePart]) -> float:
    return round(100 * sum(one.value * one.weight for one in parts), 1)


def _costs(parts: Sequence[ScorePart], part: Part, share: float | None) -> float:
    found = next((one for one in parts if one.part is part), None)
    if found is None:
        return 0.0
    return round(100 * found.weight * (1 - found.value if share is None else min(1.0, share)), 1)


def _without(bad: int, of: int) -> float | None:
    return max(0.0, 1 - bad / of) if of else None


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else 0.0
