"""Setting right who is who: edges stated or removed by somebody, with name and reason."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, new_id
from quanyu.modules.people import graph_queries as queries
from quanyu.modules.people.contracts import EdgeOutcome, Identifier, IdentifierLike, LinkResult
from quanyu.modules.people.errors import IdentifierNotFound, UnusableIdentifier
from quanyu.modules.people.graph import Change, Graph, Identity, StoredEdge
from quanyu.modules.people.graph_queries import Connection
from quanyu.modules.people.identifiers import normalise
from quanyu.modules.people.rules import EXPLICIT, OBSERVED, EdgeKey, Reason, edge_key


class EdgeBefore(NamedTuple):
    """What an edge was before somebody decided; ``state`` is empty where there was none."""

    key: EdgeKey
    state: str
    reason: str
    note: str


async def link(
    uow: UnitOfWork, keyring: KeyRing, a: IdentifierLike, b: IdentifierLike, *, actor: str, reason: str
) -> LinkResult:
    """Add an explicit edge. An identifier nobody has yet comes to be."""
    ends = _tokens(keyring, a, b)
    connection, graph = await _open(uow, ends)
    for token, identifier in ends.items():
        if token not in graph.identities:
            sealed = keyring.seal(identifier.value.encode())
            now = uow.clock.now()
            graph.add(
                Identity(token, identifier.namespace, identifier.scope, sealed=sealed, first_seen_at=now)
            )
    one, other = ends
    await graph.know_pairs([(min(one, other), max(one, other))])
    edge = graph.sight(
        one, other, at=uow.clock.now(), source=actor, evidence=EXPLICIT, note=f"{actor}: {reason}"
    )
    if edge.state == EdgeOutcome.REMOVED:
        edge.state, edge.note, edge.is_changed = EdgeOutcome.HELD.value, f"{actor}: {reason}", True
        graph.touch(one, other)
    change = await _settle(uow, connection, graph)
    await queries.keep_scopes(
        connection, uow.tenant_id, {(one.namespace, one.scope) for one in ends.values()}
    )
    return _result(graph, ends, change, outcome=EdgeOutcome(edge.state), reason=edge.reason)


async def unlink(
    uow: UnitOfWork, keyring: KeyRing, a: IdentifierLike, b: IdentifierLike, *, actor: str, reason: str
) -> LinkResult:
    """Remove every edge between two identifiers, and keep that they were held apart."""
    ends = _tokens(keyring, a, b)
    connection, graph = await _open(uow, ends)
    _require(graph, {token: identifier.namespace for token, identifier in ends.items()})
    one, other = ends
    await graph.know_pairs([(min(one, other), max(one, other))])
    # Also where none was observed so far: the next event that carries both must not join them again.
    observed = graph.sight(one, other, at=uow.clock.now(), source=actor, evidence=OBSERVED)
    removed = [edge for edge in graph.edges.values() if {edge.edge.a, edge.edge.b} == set(ends)]
    for edge in {id(one): one for one in [observed, *removed]}.values():
        _remove(edge, note=f"{actor}: {reason}")
    graph.touch(one, other)
    change = await _settle(uow, connection, graph)
    return _result(graph, ends, change, outcome=EdgeOutcome.REMOVED, reason="")


async def set_shared(
    uow: UnitOfWork, keyring: KeyRing, identifier: IdentifierLike, *, is_shared: bool
) -> LinkResult:
    """Set or take away the mark that an identifier is used by many."""
    ends = _tokens(keyring, identifier)
    (token,) = ends
    return await set_shared_token(uow, token, namespace=identifier.namespace, is_shared=is_shared)


async def set_shared_token(uow: UnitOfWork, token: bytes, *, namespace: str, is_shared: bool) -> LinkResult:
    """Set or take away the mark on the identifier with a token; also that of one put aside for review."""
    connection, graph = await _open(uow, [token])
    _require(graph, {token: namespace})
    # Loaded before the mark is set: what it joined so far has to be decided again.
    await graph.load_around(token)
    graph.identities[token].flag = Reason.SHARED if is_shared else None
    change = await _settle(uow, connection, graph)
    outcome = EdgeOutcome.DEMOTED if is_shared else EdgeOutcome.HELD
    return _result(graph, [token], change, outcome=outcome, reason=Reason.SHARED if is_shared else "")


async def separate(
    uow: UnitOfWork, ones: Sequence[bytes], others: Sequence[bytes], *, note: str, source: str
) -> tuple[LinkResult, tuple[EdgeBefore, ...]]:
    """Hold every one of ``ones`` apart from every one of ``others``; return what their edges were before.

    Also pairs no event has joined so far are held apart: the next event must not join them again.
    """
    connection, graph = await _open(uow, [*ones, *others])
    _require(graph, dict.fromkeys([*ones, *others], "identifier"))
    pairs = [(min(one, other), max(one, other)) for one in ones for other in others]
    await graph.know_pairs(pairs)
    wanted = set(pairs)
    before = [
        EdgeBefore(edge.edge.key, edge.state, edge.reason, edge.note)
        for edge in graph.edges.values()
        if (edge.edge.a, edge.edge.b) in wanted and edge.state != EdgeOutcome.REMOVED
    ]
    known = set(graph.edges)
    for a, b in pairs:
        graph.sight(a, b, at=uow.clock.now(), source=source, evidence=OBSERVED)
        if edge_key(a, b) not in known:
            before.append(EdgeBefore(edge_key(a, b), "", "", ""))
    for one in before:
        _remove(graph.edges[one.key], note=note)
    graph.touch(*ones, *others)
    change = await _settle(uow, connection, graph)
    result = _result(graph, [*ones, *others], change, outcome=EdgeOutcome.REMOVED, reason="")
    return result, tuple(before)


async def restore_edges(uow: UnitOfWork, edges: Sequence[EdgeBefore]) -> LinkResult:
    """Let edges count again that a decision had removed; what was said of them since stays said."""
    tokens = sorted({token for one in edges for token in one.key[:2]})
    connection, graph = await _open(uow, tokens)
    _require(graph, dict.fromkeys(tokens, "identifier"))
    await graph.know_pairs({(one.key[0], one.key[1]) for one in edges})
    for one in edges:
        stored = graph.edges.get(one.key)
        if stored is not None and stored.state == EdgeOutcome.REMOVED:
            stored.state, stored.reason, stored.note = EdgeOutcome.HELD.value, "", one.note
            stored.is_changed = True
    graph.touch(*tokens)
    change = await _settle(uow, connection, graph)
    return _result(graph, tokens, change, outcome=EdgeOutcome.HELD, reason="")


async def join(
    uow: UnitOfWork, keys: Sequence[EdgeKey], *, source: str, note: str
) -> tuple[LinkResult, Mapping[EdgeKey, str]]:
    """Add edges with evidence of their own; return per edge why it does not unite its ends, "" if it does."""
    tokens = sorted({token for key in keys for token in key[:2]})
    connection, graph = await _open(uow, tokens)
    _require(graph, dict.fromkeys(tokens, "identifier"))
    await graph.know_pairs({(key[0], key[1]) for key in keys})
    for a, b, evidence in keys:
        edge = graph.sight(a, b, at=uow.clock.now(), source=source, evidence=evidence, note=note)
        if edge.state == EdgeOutcome.REMOVED:
            edge.state, edge.note, edge.is_changed = EdgeOutcome.HELD.value, note, True
    graph.touch(*tokens)
    change = await _settle(uow, connection, graph)
    result = _result(graph, tokens, change, outcome=EdgeOutcome.HELD, reason="")
    return result, {key: graph.edges[key].reason for key in keys}


async def part(uow: UnitOfWork, keys: Sequence[EdgeKey]) -> LinkResult:
    """Let edges that were joined count no more, as if they had never been said; the caller deletes them."""
    tokens = sorted({token for key in keys for token in key[:2]})
    connection, graph = await _open(uow, tokens)
    _require(graph, dict.fromkeys(tokens, "identifier"))
    await graph.know_pairs({(key[0], key[1]) for key in keys})
    for key in keys:
        if key in graph.edges:
            _remove(graph.edges[key], note="")
    graph.touch(*tokens)
    change = await _settle(uow, connection, graph)
    return _result(graph, tokens, change, outcome=EdgeOutcome.REMOVED, reason="")


async def _open(uow: UnitOfWork, tokens: Iterable[bytes]) -> tuple[Connection, Graph]:
    connection = await uow.raw()
    await queries.lock_version(connection, uow.tenant_id)
    graph = Graph(connection, uow.tenant_id)
    await graph.know(tokens)
    return connection, graph


async def _settle(uow: UnitOfWork, connection: Connection, graph: Graph) -> Change:
    change = await graph.settle(uow.clock.now())
    if not change.is_empty:
        await queries.note_changes(
            connection, uow.tenant_id, profiles=change.profiles, remapped=change.remapped
        )
        await queries.stamp_version(
            connection,
            uow.tenant_id,
            new_id(),
            remapped=bool(change.remapped),
            new_people=change.new_people,
        )
    return change


def _tokens(keyring: KeyRing, *identifiers: IdentifierLike) -> dict[bytes, Identifier]:
    ends: dict[bytes, Identifier] = {}
    for identifier in identifiers:
        normal = normalise(identifier)
        if normal is None:
            raise UnusableIdentifier(
                f"this {identifier.namespace} is blocked or malformed: it names nobody",
                message_zh=f"该 {identifier.namespace} 已被屏蔽或格式有误，无法指认任何人",
            )
        ends[keyring.blind(*normal)] = normal
    if len(ends) != len(identifiers):
        raise UnusableIdentifier("both identifiers are the same one", message_zh="两个标识是同一个")
    return ends


def _require(graph: Graph, ends: Mapping[bytes, str]) -> None:
    for token, namespace in ends.items():
        if token not in graph.identities:
            raise IdentifierNotFound(f"nobody has this {namespace}", message_zh=f"没有人拥有该 {namespace}")


def _remove(edge: StoredEdge, *, note: str) -> None:
    edge.state, edge.reason, edge.note = EdgeOutcome.REMOVED.value, "", note
    edge.is_changed = True


def _result(
    graph: Graph, ends: Iterable[bytes], change: Change, *, outcome: EdgeOutcome, reason: str
) -> LinkResult:
    people = tuple(PersonId(graph.identities[token].canonical_id or 0) for token in ends)
    return LinkResult(outcome, reason, people, change.merges, change.splits, change.departures)
