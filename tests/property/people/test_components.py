"""The partition into people: a function of the set of edges, whatever their order."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quanyu.modules.people.identifiers import namespace_of
from quanyu.modules.people.rules import (
    EXPLICIT,
    OBSERVED,
    Edge,
    Node,
    Reason,
    components,
    edge_key,
    edge_strength,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)
LATER = AT + timedelta(days=30)
KINDS = [
    ("unionid", "wx"), ("openid", "a"), ("openid", "b"), ("user_id", ""), ("phone", ""), ("email", ""),
    ("device", ""), ("anonymous_id", ""),
]  # fmt: skip


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[bytes, Node], list[Edge]]:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=14))
    flags = st.sampled_from([None, None, None, None, None, Reason.SHARED])
    nodes = {
        bytes([number]): Node(namespace, scope, draw(st.sampled_from([None, number + 1])), draw(flags))
        for number, (namespace, scope) in enumerate(kinds)
    }
    tokens = st.sampled_from(sorted(nodes))
    pairs = st.tuples(tokens, tokens).filter(lambda pair: pair[0] != pair[1])
    drawn = draw(
        st.lists(
            st.tuples(pairs, st.integers(0, 12), st.sampled_from([OBSERVED] * 5 + [EXPLICIT])),
            max_size=30,
        )
    )
    edges = {}
    for (one, other), day, evidence in drawn:
        key = edge_key(one, other, evidence)
        strength = edge_strength(nodes[one].namespace, nodes[other].namespace, evidence)
        edges[key] = Edge(*key, strength, AT + timedelta(days=day))
    return nodes, list(edges.values())


def as_sets(groups: tuple[tuple[bytes, ...], ...]) -> set[frozenset[bytes]]:
    return {frozenset(group) for group in groups}


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_edges_and_nodes_does_not_matter(graph, random) -> None:  # type: ignore[no-untyped-def]
    nodes, edges = graph
    expected = components(nodes, edges)
    shuffled_nodes, shuffled_edges = list(nodes.items()), list(edges)
    random.shuffle(shuffled_nodes)
    random.shuffle(shuffled_edges)
    found = components(dict(shuffled_nodes), shuffled_edges)
    assert as_sets(found.groups) == as_sets(expected.groups)
    assert found.demotions == expected.demotions


@given(graphs())
def test_the_edges_that_hold_give_the_same_people(graph) -> None:  # type: ignore[no-untyped-def]
    nodes, edges = graph
    expected = components(nodes, edges)
    held = [edge for edge in edges if edge.key not in expected.demotions]
    again = components(nodes, held)
    if all(
        namespace_of(node.namespace).limit == 1 or node.namespace in ("phone", "email")
        for node in nodes.values()
    ):
        assert again.demotions == {}
        assert as_sets(again.groups) == as_sets(expected.groups)
    # Held edges join their ends, demoted ones through flags join nothing, and each token is in one group.
    group_of = {token: group for group in expected.groups for token in group}
    assert sorted(group_of) == sorted(nodes)
    assert all(group_of[edge.a] is group_of[edge.b] for edge in held)
    assert all(len(group_of[token]) == 1 for token, node in nodes.items() if node.flag)


@given(graphs())
def test_no_person_breaks_a_limit_that_counts_for_ever(graph) -> None:  # type: ignore[no-untyped-def]
    nodes, edges = graph
    for group in components(nodes, edges).groups:
        counts = Counter((nodes[token].namespace, nodes[token].scope) for token in group)
        for (namespace, _), count in counts.items():
            if namespace not in ("device", "anonymous_id"):
                assert count <= namespace_of(namespace).limit


@given(graphs(), st.data())
def test_removing_an_edge_that_was_added_restores_everything(graph, data) -> None:  # type: ignore[no-untyped-def]
    nodes, edges = graph
    if not edges:
        return
    extra = data.draw(st.sampled_from(edges))
    without = [edge for edge in edges if edge is not extra]
    before = components(nodes, without)
    components(nodes, [*without, extra])
    after = components(nodes, without)
    assert (as_sets(after.groups), after.demotions) == (as_sets(before.groups), before.demotions)


@given(graphs())
def test_separate_pieces_are_decided_separately(graph) -> None:  # type: ignore[no-untyped-def]
    """What the resolver relies on: only the touched piece has to be looked at."""
    nodes, edges = graph
    far_nodes = {b"z" + token: node for token, node in nodes.items()}
    far_edges = [edge._replace(a=b"z" + edge.a, b=b"z" + edge.b) for edge in edges]
    alone = components(nodes, edges)
    together = components({**far_nodes, **nodes}, [*far_edges, *edges])
    near = {group for group in as_sets(together.groups) if not any(token[:1] == b"z" for token in group)}
    assert near == as_sets(alone.groups)


@given(graphs(), st.data())
def test_what_a_model_holds_likely_takes_nothing_from_what_was_observed(graph, data) -> None:  # type: ignore[no-untyped-def]
    """ID-1: deterministic keys first; deleting a run's edges leaves what there was without them."""
    nodes, edges = graph
    tokens = sorted(nodes)
    pairs = st.tuples(st.sampled_from(tokens), st.sampled_from(tokens)).filter(lambda pair: pair[0] < pair[1])
    guessed = [
        Edge(a, b, "match@1", edge_strength(nodes[a].namespace, nodes[b].namespace, "match@1"), LATER)
        for a, b in data.draw(st.sets(pairs, max_size=8))
    ]
    before, after = components(nodes, edges), components(nodes, [*guessed, *edges])
    assert {key: reason for key, reason in after.demotions.items() if key[2] != "match@1"} == before.demotions
    for group in before.groups:  # Nobody comes apart: people only grow.
        assert any(set(group) <= set(grown) for grown in after.groups)
    for group in after.groups:
        assert len(group) == 1 or not any(nodes[token].flag for token in group)


@given(graphs(), st.data())
def test_saying_it_again_changes_nothing(graph, data) -> None:  # type: ignore[no-untyped-def]
    nodes, edges = graph
    again = data.draw(st.lists(st.sampled_from(edges), max_size=5)) if edges else []
    once, twice = components(nodes, edges), components(nodes, [*edges, *again])
    assert as_sets(once.groups) == as_sets(twice.groups)
    assert once.demotions == twice.demotions
