"""The questions of content forms, in sets. A view is an hour of a local day with content of a form."""

from datetime import date
from typing import Any

from quanyu.modules.events.asking.readings import read_json
from quanyu.modules.insight.content_forms.contracts import ContentFormSettings
from quanyu.modules.insight.lifecycle.stages import day_number
from quanyu.modules.insight.studies import acts


def people_sql(settings: ContentFormSettings) -> str:
    """Return a query for one row per person: ``who``, and their ``forms`` with ``views`` of each."""
    return (
        "SELECT who, groupArray(form) AS forms, groupArray(views) AS views FROM ("  # noqa: S608
        f"SELECT who, form, count() AS views FROM ({_views(settings)}) "
        "GROUP BY who, form ORDER BY who, form) GROUP BY who ORDER BY who"
    )


def forms_sql(settings: ContentFormSettings) -> str:
    """Return a query for (form, views, people), the form with most views first."""
    return (
        "SELECT form, count() AS views, uniqExact(who) AS people "  # noqa: S608
        f"FROM ({_views(settings)}) GROUP BY form ORDER BY views DESC, form"
    )


def bound_of(settings: ContentFormSettings, *, as_of_ms: int, zone: str, after: date) -> dict[str, Any]:
    """Return what the questions ask for: days later than ``after``."""
    return {
        "as_of_ms": as_of_ms,
        "zone": zone,
        "from_day": day_number(after),
        "events": [one.told for one in settings.events],
        "event_forms": [one.form for one in settings.events],
        "values": [one.told for one in settings.values],
        "value_forms": [one.form for one in settings.values],
    }


def _views(settings: ContentFormSettings) -> str:
    # However often a player reports within an hour, they looked once.
    value = f"ifNull({read_json('properties', settings.field).text}, '')"
    by_value = f"transform({value}, {{values:Array(String)}}, {{value_forms:Array(String)}}, '')"
    form = f"transform(toString(name), {{events:Array(String)}}, {{event_forms:Array(String)}}, {by_value})"
    return (
        f"SELECT {acts.WHO} AS who, {form} AS form, {acts.DAY} AS day, "  # noqa: S608
        "toHour(toTimeZone(occurred_at, {zone:String})) AS hour FROM events "
        f"WHERE {acts.ACTS} AND {acts.UP_TO} AND {acts.DAY} > {{from_day:Int32}} AND form != '' "
        "GROUP BY who, form, day, hour"
    )
