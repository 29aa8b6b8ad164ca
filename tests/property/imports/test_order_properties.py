"""Laws of grouping: the order of lines means nothing, and the parts are the whole."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quanyu.flows.imports.cells import NumberReader, plain
from quanyu.flows.imports.faults import Fault
from quanyu.flows.imports.mapping import CreditQuantities, NumberFormat
from quanyu.flows.imports.rules import (
    Line,
    LineKind,
    Name,
    OrderFact,
    assemble,
    parts_of_amount,
    parts_of_price,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=4)
quantities = st.one_of(
    st.integers(-1000, 1000).map(Decimal), st.decimals(min_value=-1000, max_value=1000, places=3)
)
texts = st.sampled_from(["", "A", "B", "红茶"])


@st.composite
def sale_lines(draw: st.DrawFn) -> Line:
    kind = draw(st.sampled_from([LineKind.SALE, LineKind.RETURNED]))
    return Line(
        kind=kind,
        occurred_at=START + timedelta(minutes=draw(st.integers(0, 3))),
        number=Decimal(0),
        product=(draw(texts), draw(texts)),
        parts=parts_of_price(abs(draw(quantities)), abs(draw(amounts))),
        names=draw(st.sampled_from([(), (Name("user_id", "", "u1"),)])),
        currency="CNY",
        properties=(draw(st.sampled_from([None, "x", "y", 1])),),
        context=(draw(st.sampled_from([None, "s1", "s2"])),),
        returned_at=START + timedelta(days=draw(st.integers(1, 2))),
    )


def facts_of(lines: list[Line]) -> tuple[OrderFact, ...]:
    facts = assemble("o1", lines, credit=CreditQuantities.SIGNED)
    assert not isinstance(facts, Fault)
    return facts


@given(st.lists(sale_lines(), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_any_order_of_lines_gives_the_same_order(lines: list[Line], random: object) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert facts_of(lines) == facts_of(shuffled)


@given(st.lists(sale_lines(), min_size=1, max_size=12))
def test_parts_sum_to_the_whole(lines: list[Line]) -> None:
    for fact in facts_of(lines):
        exact = sum((item.price * item.quantity for item in fact.items), Decimal(0))
        assert abs(fact.revenue - exact) <= Decimal("0.00005")
        assert fact.quantity == sum((item.quantity for item in fact.items), Decimal(0))
        assert fact.occurred_at == max(item.occurred_at or fact.occurred_at for item in fact.items)


@given(st.lists(sale_lines(), min_size=1, max_size=12))
def test_what_came_back_is_exactly_what_was_sold(lines: list[Line]) -> None:
    facts = {fact.name: fact for fact in facts_of(lines)}
    returned = [line for line in lines if line.kind is LineKind.RETURNED]
    exact = sum((part.price * part.quantity for line in returned for part in line.parts), Decimal(0))

    if returned:
        assert abs(facts["Order Refunded"].revenue + exact) <= Decimal("0.00005")
    assert len(facts["Order Completed"].items) == len(lines)
    assert ("Order Refunded" in facts) == bool(returned)


@given(quantities, amounts)
def test_an_amount_is_shared_out_without_loss(quantity: Decimal, amount: Decimal) -> None:
    parts = parts_of_amount(quantity, amount)

    if parts is None:
        assert quantity == 0 != amount
    else:
        assert sum((part.quantity * part.price for part in parts), Decimal(0)) == amount
        assert len(parts) <= 2
        if quantity == quantity.to_integral_value():
            assert sum((part.quantity for part in parts), Decimal(0)) == quantity


@given(amounts)
def test_amounts_read_back_as_written(amount: Decimal) -> None:
    read = NumberReader(NumberFormat(), "price")
    german = NumberReader(NumberFormat(decimal_comma=True), "Preis")

    assert read(str(amount)) == amount
    assert read(plain(amount)) == amount
    assert german(str(amount).replace(".", ",")) == amount
    assert plain(amount) == plain(Decimal(f"{amount}00"))


@given(st.floats(min_value=-(10**9), max_value=10**9, allow_nan=False).map(lambda x: round(x, 4)))
def test_floats_keep_their_shortest_text(number: float) -> None:
    assert NumberReader(NumberFormat(), "price")(repr(number)) == Decimal(repr(number))
