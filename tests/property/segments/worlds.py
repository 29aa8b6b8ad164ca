"""Random definitions and random histories, bent towards the borders where evaluators differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from quanyu.kernel.ids import encode_id
from quanyu.modules.people.tags.contracts import TAG_PREFIX
from quanyu.modules.segments.oracle import HistoryEvent, HistoryItem
from quanyu.modules.segments.plain.companies import Place

PEOPLE = 12
NAMES = ("Order Completed", "Order Refunded")
TEXTS = ("a", "ab", "b", "", "红茶", "it's \\ `q`\n", "5", "true")
NUMBERS = (0, 1, -1, 5, 1.5, 0.29, -2.25, 1e-7, 3.0, 9007199254740993)
VALUES = (*TEXTS, *NUMBERS, True, False)
DATE_KEYS = ("birthday", "renewed")
KEYS = ("x", "y", "n.k", "odd `key\\", "list")
ZONES = ("Asia/Shanghai", "America/New_York", "UTC", "Asia/Kathmandu")
SPANS = ((1, "seconds"), (1, "hours"), (3, "days"), (1, "weeks"))
AMOUNTS = tuple(Decimal(text) for text in ("0", "1", "1", "2.5", "0.001", "-1", "99999999.9999"))
AMOUNT_LITERALS = (0, 1, 2, 2.5, 0.001, -1, 5, 12.345678)
ITEM_TEXTS = ("sku", "category")
TAGS = (1, 2, 2**62 + 1)
CONTEXT = ("order_id", "context.channel", "currency")
TIES = {
    "group": ("context.group", ("community.member_joined", "community.member_left")),
    "account": (
        "context.app",
        (
            "wechat.official_account.followed",
            "wechat.official_account.unfollowed",
            "wechat.official_account.user_info_fetched",
        ),
    ),
    "staff": ("context.staff", ("wechat.wecom.customer_added", "wechat.wecom.staff_deleted_by_customer")),
}
TIE_IDS = ("t1", "t2")
CONSENTS = ("people.consent_granted", "people.consent_expired", "people.consent_withdrawn")
PURPOSES, CHANNELS = ("marketing", "sharing", "*"), ("sms", "email", "*")
SEGMENTS = (2**61 + 1, 2**61 + 2)
MOVES = ("entered", "left")
ROLES = ("buyer", "采购's \\ \t", "owner")
ACCOUNT_SEGMENTS = (2**60 + 1, 2**60 + 2)
COLUMN_TEXTS = ("", "a", "ab", "o1", "茶")
Raw = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A brand's people, history and merges at one instant."""

    as_of: datetime
    zone: ZoneInfo
    profiles: Mapping[int, Mapping[str, Any]]
    deleted: frozenset[int]
    events: tuple[HistoryEvent, ...]
    aliases: Mapping[int, int]
    tags: Mapping[int, frozenset[int]] = field(default_factory=dict)
    # Stored members, as once known, and since when.
    segments: Mapping[int, Mapping[int, datetime]] = field(default_factory=dict)
    companies: Mapping[int, list[Place]] = field(default_factory=dict)


class Maker:
    """Makes one world whose person ids begin at ``first``, and any number of definitions for it."""

    def __init__(self, random: Random, *, first: int) -> None:
        self.random = random
        self.ids = range(first, first + PEOPLE)
        self.zone = ZoneInfo(random.choice(ZONES))
        self.segments: tuple[int, ...] = SEGMENTS
        self._last_facts: Raw = {}
        # New York changes to summer time on that day.
        base = datetime(2024, 3, 10, 12, tzinfo=UTC)
        self.as_of = base + timedelta(milliseconds=random.choice((0, 1, 86_400_000, 50_400_000, 14_399_999)))

    def pick(self, *choices: Any) -> Any:
        """Choose one, each as likely as the others."""
        return self.random.choice(choices)

    def world(self) -> World:
        """Make the people and what they did."""
        known = [person for person in self.ids if self.random.random() < 0.9]
        return World(
            as_of=self.as_of,
            zone=self.zone,
            profiles={person: {**self.json_object(), **self.dates()} for person in known},
            deleted=frozenset(person for person in self.ids if self.random.random() < 0.1),
            events=(
                *(self.event(position) for position in range(self.random.randint(0, 60))),
                *(self.tie(position) for position in range(100, 100 + self.random.randint(0, 20))),
                *(self.saying(position) for position in range(200, 200 + self.random.randint(0, 20))),
                *(self.move(position) for position in range(300, 300 + self.random.randint(0, 20))),
            ),
            aliases={person: self.ids[0] for person in self.ids[1:] if self.random.random() < 0.15},
            segments={
                segment: {person: self.instant() for person in self.ids if self.random.random() < 0.4}
                for segment in self.segments
            },
            companies={
                person: [self.place() for _ in range(self.random.randint(1, 2))]
                for person in self.ids
                if self.random.random() < 0.5
            },
            tags={person: frozenset(tag for tag in TAGS if self.random.random() < 0.4) for person in known},
        )

    def event(self, position: int) -> HistoryEvent:
        return HistoryEvent(
            position=position,
            person=self.pick(0, *self.ids, *list(self.ids[:3]) * 4),  # Some do much: sequences need it.
            name=self.pick(*NAMES, NAMES[0], "Other"),
            occurred_at=self.instant(),
            properties=self.json_object(),
            texts={name: self.pick(*COLUMN_TEXTS) for name in CONTEXT},
            revenue=self.pick(None, *AMOUNTS),
            quantity=self.pick(None, *AMOUNTS),
            items=tuple(self.item() for _ in range(self.random.randint(0, 3))),
        )

    def tie(self, position: int) -> HistoryEvent:
        column, names = self.pick(*TIES.values())
        return HistoryEvent(
            position=position,
            person=self.pick(*self.ids[:4]),
            name=self.pick(*names),
            occurred_at=self.instant(),
            properties=self.pick({"subscribed": True}, {"subscribed": False}, {"subscribed": "yes"}, {}),
            texts={column: self.pick("", *TIE_IDS)},
        )

    def saying(self, position: int) -> HistoryEvent:
        return HistoryEvent(
            position=position,
            person=self.pick(*self.ids[:4]),
            name=self.pick(*CONSENTS),
            occurred_at=self.instant(),
            properties=self.pick(
                {"purpose": self.pick(*PURPOSES), "channel": self.pick(*CHANNELS)},
                {"purpose": self.pick(*PURPOSES), "channel": self.pick(*CHANNELS)},
                {"purpose": self.pick(1, True, "")},
            ),
        )

    def move(self, position: int) -> HistoryEvent:
        named = [{"segment_id": encode_id("seg", segment)} for segment in self.segments]
        return HistoryEvent(
            position=position,
            person=self.pick(0, *self.ids[:6]),
            name=f"segments.{self.pick(*MOVES)}",
            occurred_at=self.instant(),
            properties=self.pick(*named, *named, {"segment_id": 5}, {}),
        )

    def dates(self) -> dict[str, Any]:
        """Days and instants near what is asked about, and texts that are neither."""
        return {key: self.date() for key in DATE_KEYS if self.random.random() < 0.8}

    def date(self) -> Any:
        instant = self.instant()
        local = instant.astimezone(self.zone).date()
        years = self.pick(0, 0, 1, 4, 30)
        if years:
            local = local.replace(year=local.year - years, day=min(local.day, 28))
        written = instant.astimezone(self.pick(UTC, self.zone)).isoformat(timespec="milliseconds")
        odd = ("2024-02-30", "2024-02-29", "2000-02-29", "1990-13-01", "yesterday", 20240310, "2024-3-9", "")
        lunar = ("1990-02-23", "2023-03-22", "1987-03-29", "2004-02-29", "1966-03-21", "1984-01-31")
        return self.pick(local.isoformat(), local.isoformat(), written, self.pick(*lunar), self.pick(*odd))

    def item(self) -> HistoryItem:
        return HistoryItem(
            price=self.pick(*AMOUNTS),
            quantity=self.pick(*AMOUNTS),
            occurred_at=self.pick(None, self.instant()),
            texts={name: self.pick(*COLUMN_TEXTS) for name in ITEM_TEXTS},
        )

    def instant(self) -> datetime:
        """An instant on or beside a rolling border or a local midnight."""
        nudge = timedelta(milliseconds=self.pick(-1, 0, 0, 1))
        choice = self.random.random()
        if choice < 0.2:
            return self.as_of + nudge
        if choice < 0.6:
            amount, unit = self.pick(*SPANS)
            return self.as_of - timedelta(**{unit: amount}) + nudge
        day = self.as_of.astimezone(self.zone).date() - timedelta(
            days=self.pick(-1, 0, 0, 1, 2, 6, 7, 10, 30, 69, 70)
        )
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC) + nudge

    def json_object(self) -> dict[str, Any]:
        """Some of the known keys, nested where a key is dotted; every type turns up under every key."""
        flat = {key: self.pick(*VALUES, [1, 2], ["a"]) for key in KEYS if self.random.random() < 0.6}
        nested = {key: value for key, value in flat.items() if "." not in key}
        if "n.k" in flat:
            nested["n"] = {"k": flat["n.k"]}
        return nested

    def definition(self, depth: int = 3) -> Raw:
        """A random tree."""
        if depth == 0 or self.random.random() < 0.5:
            return self.leaf()
        if self.random.random() < 0.3:
            return self.siblings()
        kind = self.pick("all", "any", "not")
        if kind == "not":
            return {"kind": "not", "of": self.definition(depth - 1)}
        parts = self.pick(0, 1, 2, 2, 2, 3)
        return {"kind": kind, "of": [self.definition(depth - 1) for _ in range(parts)]}

    def siblings(self) -> Raw:
        """Conditions on the very same facts, some of them negated: the compiler lets them share a scan."""
        self._last_facts = self.new_facts()
        parts = []
        for _ in range(self.pick(2, 2, 3)):
            condition = {**self.pick(self.event_condition, self.recency)(), **self._last_facts}
            parts.append(self.pick(condition, {"kind": "not", "of": condition}))
        return {"kind": self.pick("all", "any"), "of": parts}

    def leaf(self) -> Raw:
        makers = (
            *(self.attribute, self.tag, self.event_condition, self.recency, self.aggregate, self.aggregate),
            *(self.turn, self.regular, self.sequence, self.sequence, self.bucket),
            *(self.date_test, self.date_test, self.in_segment, self.in_segment, self.moved),
            *(self.relation, self.consent, self.of_company),
        )
        made: Raw = self.pick(*makers)()
        return made

    def attribute(self) -> Raw:
        return {"kind": "attribute", "key": self.pick(*KEYS), **self.comparison(VALUES)}

    def tag(self) -> Raw:
        asked = self.random.choices((*TAGS, 3), k=self.pick(1, 1, 2, 3))
        return {
            "kind": "tag",
            "op": self.pick("any", "all", "none"),
            "tags": [encode_id(TAG_PREFIX, one) for one in asked],
        }

    def comparison(self, values: tuple[Any, ...]) -> Raw:
        """An operator with a literal that fits it and the values it will meet."""
        texts = [value for value in values if isinstance(value, str) and value]
        ordered = [value for value in values if not isinstance(value, bool)]
        ops = ["eq", "ne", "ne_or_missing", "in", "gt", "gte", "lt", "lte", "between", "is_set", "is_missing"]
        op = self.pick(*ops, *(["contains", "starts_with"] if texts else []))
        if op in ("is_set", "is_missing"):
            return {"op": op}
        if op == "in":
            return {"op": op, "value": self.random.sample(values, self.random.randint(1, 3))}
        if op == "between":
            kind = type(self.pick(*ordered))
            alike = [value for value in ordered if isinstance(value, str) == (kind is str)]
            return {"op": op, "value": sorted(self.random.choices(alike, k=2))}
        if op in ("contains", "starts_with"):
            return {"op": op, "value": self.pick(*texts)}
        return {"op": op, "value": self.pick(*(ordered if op in ("gt", "gte", "lt", "lte") else values))}

    def number_test(self, literals: tuple[float, ...]) -> Raw:
        op = self.pick("eq", "ne", "gt", "gte", "lt", "lte", "between")
        if op == "between":
            return {"op": op, "value": sorted(self.random.choices(literals, k=2))}
        return {"op": op, "value": self.pick(*literals)}

    def facts(self) -> Raw:
        """What event, recency and aggregate conditions have in common; often what the last one had."""
        if self._last_facts and self.random.random() < 0.3:
            return dict(self._last_facts)
        self._last_facts = self.new_facts()
        return dict(self._last_facts)

    def new_facts(self) -> Raw:
        per_item = self.pick(True, False)
        return {
            "name": self.pick(*NAMES, list(NAMES)),
            "each": "items" if per_item else "event",
            "where": [self.filter(per_item) for _ in range(self.pick(0, 0, 0, 1, 2))],
            "window": self.window(),
        }

    def filter(self, per_item: bool) -> Raw:
        choice = self.random.random()
        if choice < 0.4:
            return {"field": f"properties.{self.pick(*KEYS)}", **self.comparison(VALUES)}
        if choice < 0.7:
            fields = CONTEXT + (tuple(f"item.{name}" for name in ITEM_TEXTS) if per_item else ())
            return {"field": self.pick(*fields), **self.comparison(COLUMN_TEXTS)}
        return {"field": self.pick(*self.amounts(per_item)), **self.comparison(AMOUNT_LITERALS)}

    def amounts(self, per_item: bool) -> tuple[str, ...]:
        return ("revenue", "quantity", *(("item.price", "item.quantity") if per_item else ()))

    def window(self) -> Raw:
        amount, unit = self.pick(*SPANS)
        start, end = sorted((self.instant(), self.instant()))
        absolute = {"kind": "absolute", "from": start.isoformat()}
        if start < end and self.pick(True, True, False):
            absolute["to"] = end.isoformat()
        period = self.pick("today", "yesterday", "this_week", "this_month", "this_year")
        rolling = {"kind": "rolling", "amount": amount, "unit": unit}
        chosen: Raw = self.pick(
            {"kind": "ever"},
            {"kind": "ever"},
            rolling,
            rolling,
            absolute,
            {"kind": "absolute", "to": end.isoformat()},
            {"kind": "calendar", "period": period},
            {"kind": "calendar", "period": "last_days", "n": self.pick(1, 2, 3, 7, 8, 31)},
        )
        return chosen

    def event_condition(self) -> Raw:
        return {"kind": "event", "count": self.number_test((0, 1, 2, 3)), **self.facts()}

    def recency(self) -> Raw:
        amount, unit = self.pick(*SPANS)
        op = self.pick("at_least", "at_most")
        ago = {"kind": "ago", "op": op, "amount": amount, "unit": unit}
        at = {"kind": "at", "op": op, "instant": self.instant().isoformat()}
        made = {
            "kind": "recency",
            "which": self.pick("first", "last"),
            "when": self.pick(ago, at),
            **self.facts(),
        }
        if made["each"] == "event" and self.pick(True, False):
            made["having"] = [self.filter(False) for _ in range(self.pick(1, 1, 2))]
            if self.pick(True, False):
                del made["when"]
        return made

    def span(self) -> Raw:
        amount, unit = self.pick(*SPANS)
        return {"amount": amount, "unit": unit}

    def turn(self) -> Raw:
        shorter, longer = sorted(self.random.sample(range(len(SPANS)), 2))
        spans = [{"amount": amount, "unit": unit} for amount, unit in SPANS]
        return {
            **self.facts(),
            "kind": self.pick("stopped", "restarted"),
            "window": {"kind": "ever"},
            "recent": spans[shorter],
            "earlier": spans[longer],
        }

    def regular(self) -> Raw:
        periods = self.pick(1, 2, 3, 8)
        return {
            **self.facts(),
            "kind": "regular",
            "window": {"kind": "ever"},
            "period": self.pick("day", "week", "month"),
            "of": periods,
            "at_least": self.random.randint(1, min(periods, 3)),
        }

    def happening(self) -> Raw:
        filters = [self.filter(False) for _ in range(self.pick(0, 0, 0, 1))]
        return {"name": self.pick(*NAMES, list(NAMES), "Other"), "where": filters}

    def sequence(self) -> Raw:
        steps = [self.happening() for _ in range(self.pick(2, 2, 3, 4))]
        if self.pick(True, False):
            for step in steps[1:]:
                step.update(self.pick({}, {"within": self.span()}))
        made: Raw = {"kind": "sequence", "steps": steps, "window": self.pick({"kind": "ever"}, self.window())}
        made.update(self.pick({}, {"within": self.span()}))
        made.update(self.pick({}, {"without": [self.happening()]}))
        made.update(self.pick({}, {}, {"same": self.pick("properties.x", "order_id", "revenue")}))
        return made

    def date_test(self) -> Raw:
        near, far = sorted(self.random.choices((-365, -70, -30, -7, -3, -1, 0, 0, 1, 2, 10), k=2))
        lunar_to = self.random.randint(near, near + 31)
        op = self.pick("at_least", "at_most")
        when = self.pick(
            {"kind": "days", "from": near, "to": far},
            {"kind": "anniversary", "from": max(near, far - 365), "to": far},
            {"kind": "anniversary", "from": near, "to": lunar_to, "calendar": "lunar"},
            {"kind": "this", "period": self.pick("day", "week", "month", "year")},
            {"kind": self.pick("ago", "ahead"), "op": op, **self.span()},
            {"kind": "at", "op": op, "instant": self.instant().isoformat()},
        )
        return {"kind": "date", "key": self.pick(*DATE_KEYS), "when": when}

    def in_segment(self) -> Raw:
        made: Raw = {"kind": "segment", "segment": encode_id("seg", self.pick(*self.segments))}
        long_ago = {"kind": "ago", "op": self.pick("at_least", "at_least", "at_most"), **self.span()}
        return {**made, **self.pick({}, {"since": long_ago}, {"since": self.window()})}

    def place(self) -> Place:
        return Place(
            frozenset(role for role in ROLES if self.random.random() < 0.4),
            self.json_object(),
            frozenset(segment for segment in ACCOUNT_SEGMENTS if self.random.random() < 0.5),
        )

    def of_company(self) -> Raw:
        tests = [{"key": self.pick(*KEYS), **self.comparison(VALUES)} for _ in range(self.pick(0, 0, 1, 2))]
        made: Raw = {"kind": "company_contact", "where": tests}
        made.update(self.pick({}, {"roles": self.random.sample(ROLES, self.pick(1, 2))}))
        segment = encode_id("aseg", self.pick(*ACCOUNT_SEGMENTS))
        return {**made, **self.pick({}, {"segment": segment})}

    def moved(self) -> Raw:
        segment = encode_id("seg", self.pick(*self.segments))
        made: Raw = {"kind": "segment_move", "segment": segment, "move": self.pick(*MOVES)}
        return {**made, **self.pick({}, {"window": self.window()})}

    def relation(self) -> Raw:
        return {
            "kind": "relation",
            "to": self.pick(*TIES),
            "op": self.pick("any", "none"),
            "ids": self.pick([], ["t1"], list(TIE_IDS)),
            "since": self.pick({"kind": "ever"}, self.window()),
        }

    def consent(self) -> Raw:
        state = self.pick("granted", "withdrawn", "expired", "silent")
        made = {
            "kind": "consent",
            "purpose": self.pick(*PURPOSES[:2]),
            "channel": self.pick(*CHANNELS[:2]),
            "state": state,
        }
        if state != "silent" and self.pick(True, False):
            made["since"] = self.window()
        return made

    def bucket(self) -> Raw:
        low, high = sorted(self.random.sample(range(10_001), 2))
        return {"kind": "bucket", "salt": self.pick("a", "盐"), "from": low, "to": high}

    def aggregate(self) -> Raw:
        common = self.facts()
        per_item = common["each"] == "items"
        function = self.pick("sum", "min", "max", "avg", "count", "distinct")
        fields = [f"properties.{key}" for key in KEYS] + list(self.amounts(per_item)) * 2
        if function in ("count", "distinct"):
            fields += [*CONTEXT, *(f"item.{name}" for name in ITEM_TEXTS if per_item)]
        product = ["item.price", "item.quantity"] if per_item else ["revenue", "quantity"]
        value = self.pick({"kind": "field", "field": self.pick(*fields)}, {"kind": "product", "of": product})
        literals = (0, 1, 2, 3) if function in ("count", "distinct") else AMOUNT_LITERALS
        test = self.number_test(literals)
        return {"kind": "aggregate", "function": function, "of": value, "test": test, **common}
