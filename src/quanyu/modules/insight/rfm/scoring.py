"""RFM as SQL: one row per buyer with figures, scores and class, as of an instant, by a brand's definitions.

Equal values share the least rank, so ties share a score; the most recent get the highest recency score,
hence ranked downwards by days.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.modules.insight.classes import CLASSES
from quanyu.modules.insight.currencies import Currency
from quanyu.modules.insight.orders import epoch_ms
from quanyu.modules.insight.rfm.definitions import RfmSettings, Scoring
from quanyu.modules.insight.warehouse_queries import BOUGHT

FIGURES: Final = ("recency_days", "frequency", "monetary")
_EARLIEST: Final = -(2**62)

_RANKED: Final = {
    "r": "toUInt8(1 + intDiv(5 * (rank() OVER ({over} ORDER BY recency_days DESC) - 1), n))",
    "f": "toUInt8(1 + intDiv(5 * (rank() OVER ({over} ORDER BY frequency) - 1), n))",
    "m": "toUInt8(1 + intDiv(5 * (rank() OVER ({over} ORDER BY monetary) - 1), n))",
}
_BROKEN: Final = {
    "r": "toUInt8(5 - arrayCount(border -> recency_days > border, {recency:Array(Int64)}))",
    "f": "toUInt8(1 + arrayCount(border -> frequency >= border, {frequency:Array(Int64)}))",
    "m": "toUInt8(1 + arrayCount(border -> monetary >= toDecimal128(border, 8), {monetary:Array(String)}))",
}


def _class_sql() -> str:
    tests = []
    for highs, each in CLASSES.items():
        parts = (
            f"{score} {'>=' if high else '<'} {{high_from:UInt8}}"
            for score, high in zip("rfm", highs, strict=True)
        )
        tests.append(f"{' AND '.join(parts)}, '{each.code}'")
    return f"multiIf({', '.join(tests)}, '')"


_CLASS: Final = _class_sql()


def scored_sql(settings: RfmSettings, *, by_channel: bool = False, as_of: str = "as_of_ms") -> str:
    """Return a query for (who, recency_days, frequency, monetary, r, f, m, class).

    ``as_of`` names the parameter of the instant. ``by_channel``: a row for each channel somebody bought in,
    scored among the buyers of that channel, with ``channel`` in front.
    """
    group = "channel, who" if by_channel else "who"
    over = "PARTITION BY channel" if by_channel else ""
    scores = _RANKED if settings.scoring is Scoring.QUANTILES else _BROKEN
    told = ", ".join(f"{sql.replace('{over}', over)} AS {name}" for name, sql in scores.items())
    bought = BOUGHT.replace("{as_of_ms:Int64}", f"{{{as_of}:Int64}}")
    return f"""
        SELECT {group}, recency_days, frequency, monetary, r, f, m, {_CLASS} AS class
        FROM
        (
            SELECT *, {told}
            FROM
            (
                SELECT *, count() OVER ({over}) AS n
                FROM
                (
                    SELECT {group},
                        intDiv({{{as_of}:Int64}} - toUnixTimestamp64Milli(max(at)), 86400000) AS recency_days,
                        uniqExact(order_key) AS frequency, sum(amount) AS monetary
                    FROM {bought}
                    WHERE (empty({{channels:Array(String)}}) OR has({{channels:Array(String)}}, channel))
                        AND toUnixTimestamp64Milli(at) > {{{as_of}:Int64}} - {{window_ms:Int64}}
                    GROUP BY {group}
                )
            )
        )
    """  # noqa: S608


def parameters(settings: RfmSettings, *, currency: Currency, **instants: datetime) -> dict[str, Any]:
    """Bind definitions and the named instants; names get ``_ms`` added."""
    window = settings.window_days
    borders = settings.breakpoints
    return {
        "events": list(settings.events),
        "channels": list(settings.channels),
        "currencies": list(currency.stands_for),
        "high_from": settings.high_from,
        "window_ms": -_EARLIEST if window is None else int(timedelta(days=window).total_seconds()) * 1000,
        "recency": list(borders.recency_days),
        "frequency": list(borders.frequency),
        "monetary": [f"{one:f}" for one in borders.monetary],
        **{f"{name}_ms": epoch_ms(instant) for name, instant in instants.items()},
    }


def channels_sql(settings: RfmSettings) -> str:
    """Return a query for (channel, class, people, orders, revenue)."""
    return (
        "SELECT channel, class, count(), sum(frequency), sum(monetary) "  # noqa: S608
        f"FROM ({scored_sql(settings, by_channel=True)}) GROUP BY channel, class"
    )


def channel_people_sql(settings: RfmSettings) -> str:
    """Return a query for the bitmap of a channel's buyers, of one class where ``label`` is given."""
    return (
        f"SELECT groupBitmapState(toUInt32(who)) FROM ({scored_sql(settings, by_channel=True)}) "  # noqa: S608
        "WHERE channel = {channel:String} AND ({label:String} = '' OR class = {label:String})"
    )


def _movement(settings: RfmSettings) -> str:
    both = []
    for name in ("before", "now"):
        sql = scored_sql(settings, as_of=f"{name}_ms")
        both.append(f"SELECT who, '{name}' AS time, class FROM ({sql})")  # noqa: S608
    return (
        "SELECT who, anyIf(class, time = 'before') AS came, anyIf(class, time = 'now') AS went "  # noqa: S608
        f"FROM ({' UNION ALL '.join(both)}) GROUP BY who"
    )


def movement_sql(settings: RfmSettings) -> str:
    """Return a query for (class before, class now, people); "" is none."""
    return f"SELECT came, went, count() FROM ({_movement(settings)}) GROUP BY came, went ORDER BY came, went"  # noqa: S608


def movement_people_sql(settings: RfmSettings) -> str:
    """Return a query for the bitmap of who went from ``before`` to ``label``."""
    return (
        f"SELECT groupBitmapState(toUInt32(who)) FROM ({_movement(settings)}) "  # noqa: S608
        "WHERE came = {before:String} AND went = {label:String}"
    )
