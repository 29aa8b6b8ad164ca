"""The compiler on the real engine and the plain evaluator agree on every random tree and history."""

import itertools
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from property.segments.history import load
from property.segments.worlds import PEOPLE, Maker, Raw, World
from quanyu.modules.segments.compiler import Evaluation, compile_definition
from quanyu.modules.segments.oracle import evaluate
from quanyu.modules.segments.tree import dump_definition, parse_definition

TREES = 20
_RUNS = itertools.count(1)


def expected(world: World, raw: Raw) -> list[int]:
    living = {person: data for person, data in world.profiles.items() if person not in world.deleted}
    return sorted(
        evaluate(
            parse_definition(raw),
            profiles=living,
            events=world.events,
            canonical=world.aliases,
            as_of=world.as_of,
            zone=world.zone,
            tags=world.tags,
            segments=world.segments,
            companies=world.companies,
        )
    )


def found(client: Any, world: World, raw: Raw, tenant: int) -> list[int]:
    compiled = compile_definition(parse_definition(raw), Evaluation(world.as_of, world.zone))
    rows = client.query(compiled.ids_sql(), parameters={**compiled.parameters, "tenant": tenant}).result_rows
    return list(rows[0][0])


def check(client: Any, seed: int) -> None:
    run = next(_RUNS)
    tenant = 900_000 + run
    # Person ids are one sequence for all brands, so each world gets ids of its own.
    maker = Maker(Random(seed), first=run * PEOPLE)
    world = maker.world()
    load(client, world, tenant)
    for _ in range(TREES):
        raw = maker.definition()
        assert found(client, world, raw, tenant) == expected(world, raw), raw
        assert parse_definition(dump_definition(parse_definition(raw))) == parse_definition(raw)


_COMMON: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
SEEDS = st.integers(0, 2**32)


@settings(max_examples=18, derandomize=True, **_COMMON)
@given(seed=SEEDS)
def test_random_trees_select_the_same_people(warehouse_client: Any, seed: int) -> None:
    check(warehouse_client, seed)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@settings(max_examples=50, **_COMMON)
@given(seed=SEEDS)
def test_many_random_trees_select_the_same_people(warehouse_client: Any, seed: int) -> None:
    check(warehouse_client, seed)
