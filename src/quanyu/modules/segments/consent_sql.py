"""How consent becomes SQL: the newest statement of the ledger's facts, by person."""

from typing import Final

from quanyu.modules.events.asking.readings import Parameters
from quanyu.modules.events.asking.scanning import CANONICAL, Evaluation, instant_sql, names_sql
from quanyu.modules.events.asking.windows import bounds_of, epoch_ms
from quanyu.modules.segments.conditions.consent import Consented, Stance

# The facts of the ledger. Of things said at one instant the one that lets less happen counts, the later here.
CONSENT_FACTS: Final = ("people.consent_granted", "people.consent_expired", "people.consent_withdrawn")
_STANCES: Final = (Stance.GRANTED, Stance.EXPIRED, Stance.WITHDRAWN)
_STRICTNESS: Final = f"indexOf({list(CONSENT_FACTS)}, events.name)"


def consent_sql(node: Consented, at: Evaluation, parameters: Parameters) -> str:
    """Return the query for the bitmap of people who said so last; for silence, of all who said anything."""
    where = [
        names_sql(CONSENT_FACTS, parameters),
        "events.person != 0",
        f"events.occurred_at <= {instant_sql(epoch_ms(at.as_of), parameters)}",
        *(
            f"properties.`{name}`.:`String` IN {parameters.bind([value, '*'], 'Array(String)')}"
            for name, value in (("purpose", node.purpose), ("channel", node.channel))
        ),
    ]
    source = f"FROM events WHERE {' AND '.join(where)}"
    if node.state is Stance.SILENT:
        return f"SELECT groupBitmapState({CANONICAL}) {source}"
    grouped = (
        f"SELECT {CANONICAL} AS who, max((events.occurred_at, {_STRICTNESS})) AS newest {source} "
        f"GROUP BY who HAVING {' AND '.join(_tests(node, at, parameters))}"
    )
    return f"SELECT groupBitmapState(who) FROM ({grouped})"  # noqa: S608


def _tests(node: Consented, at: Evaluation, parameters: Parameters) -> list[str]:
    bounds = bounds_of(node.since, as_of=at.as_of, zone=at.zone)
    tests = [
        f"newest.2 = {_STANCES.index(node.state) + 1}",
        f"newest.1 <= {instant_sql(bounds.last_ms, parameters)}",
    ]
    if bounds.first_ms is not None:
        tests.append(f"newest.1 >= {instant_sql(bounds.first_ms, parameters)}")
    return tests
