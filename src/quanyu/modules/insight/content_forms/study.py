"""The study of content forms: everybody's preferred one, once a day, shrunk to the brand's shares."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from quanyu.infra.unit_of_work import Fact, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.insight.content_forms import asking
from quanyu.modules.insight.content_forms.contracts import (
    ContentFormCard,
    ContentFormSettings,
    ContentFormSummary,
    FormShare,
)
from quanyu.modules.insight.lifecycle.stages import local_day
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.studies.contracts import StudySummary
from quanyu.modules.insight.studies.desk import Asked, Computed, StudyDesk, Verdict
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants


class ContentForms:
    """`studies.desk.Study`: which form of content people turn to."""

    kind = "content_forms"
    every_s = 0.0
    attributes: tuple[str, ...] = ("content_form",)
    card_type = ContentFormCard
    settings_type = ContentFormSettings
    summary_type: type[StudySummary[ContentFormCard, ContentFormSettings]] = ContentFormSummary

    async def compute(self, asked: Asked[ContentFormCard, ContentFormSettings]) -> Computed[ContentFormCard]:
        """Count everybody's views by form, and shrink their shares to the brand's."""
        zone, settings = asked.brand.time_zone, asked.settings
        today = local_day(asked.as_of, zone)
        before = today - timedelta(days=settings.days)
        bound = asking.bound_of(settings, as_of_ms=epoch_ms(asked.as_of), zone=zone, after=before)
        forms = await asked.gate.query(asking.forms_sql(settings), bound)
        found = await asked.gate.query_columns(asking.people_sql(settings), bound)
        views = sum(int(one[1]) for one in forms)
        crowd = {str(form): int(count) / views for form, count, _ in forms}
        card = ContentFormCard(
            first_day=before + timedelta(days=1),
            last_day=today,
            views=views,
            viewers=len(found["who"]),
            forms=tuple(
                FormShare(form=form, views=count, share=round(crowd[form], 4), people=people)
                for form, count, people in forms
            ),
        )
        return Computed(card, await asyncio.to_thread(_verdicts, found, crowd, settings))

    def values(self, verdict: Verdict) -> tuple[Any, ...]:
        """The preferred form."""
        return (verdict.label,)

    def tells(self, asked: Asked[ContentFormCard, ContentFormSettings]) -> bool:
        """A preference is no fact."""
        return False

    def fact(self, verdict: Verdict, before: str, at: datetime) -> Fact | None:
        """Nothing to state."""
        return None

    def definition(self, label: str) -> dict[str, Any]:
        """Return the segment of a form; it follows every later computation."""
        return {"kind": "attribute", "key": "content_form", "op": "eq", "value": label}


def content_form_desk(
    uows: UnitOfWorkFactory, warehouse: Warehouse, people: People, tenants: Tenants
) -> StudyDesk[ContentFormCard, ContentFormSettings]:
    """Build the desk."""
    return StudyDesk(ContentForms(), uows, warehouse, people, tenants)


def judge(who: int, own: Mapping[str, int], crowd: Mapping[str, float], weight: float) -> Verdict:
    """Return (views + weight · the brand's share) / (all views + weight) of each form seen; pure.

    The preferred form is the one with the greatest share; of equal ones the more viewed, then by name.
    """
    views = sum(own.values())
    shares = {form: (count + weight * crowd[form]) / (views + weight) for form, count in own.items()}
    ordered = sorted(own, key=lambda form: (-round(shares[form], 9), -own[form], form))
    return Verdict(
        person_id=who,
        label=ordered[0],
        score=round(views / (views + weight), 4),
        detail={
            "views": views,
            "forms": [
                {"form": form, "views": own[form], "share": round(shares[form], 4)} for form in ordered
            ],
        },
    )


def _verdicts(found: Any, crowd: Mapping[str, float], settings: ContentFormSettings) -> list[Verdict]:
    rows = zip(found["who"], found["forms"], found["views"], strict=True)
    return [
        judge(int(who), dict(zip(forms, map(int, views), strict=True)), crowd, settings.weight)
        for who, forms, views in rows
        if sum(views) >= settings.views_min
    ]
