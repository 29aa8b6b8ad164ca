"""People nobody has heard of, seen under identifiers that nobody else has: most of what an import brings.

There is nothing to decide about them, so their rows are written straight away.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from quanyu.kernel.ids import TenantId
from quanyu.modules.people import graph_queries as queries
from quanyu.modules.people.graph_queries import Connection
from quanyu.modules.people.rules import OBSERVED, edge_strength
from quanyu.modules.people.sql_text import NULL, copy_text


@dataclass(slots=True)
class Sighting:
    """The rows of a batch that carry the same combination of identifiers, none of which is remembered."""

    tokens: list[bytes]  # Strongest first.
    identifiers: list[tuple[str, str, str]]  # Namespace, scope, sealed value in base64; aligned.
    source: str
    first_at: datetime
    last_at: datetime
    rows: list[int] = field(default_factory=list)

    def is_newcomer(self, known: Mapping[bytes, object], seen_in: Mapping[bytes, int]) -> bool:
        """Whether all identifiers are new, of different kinds, and in no other combination of the batch.

        Different kinds mean that no limit can be in the way of their being one person.
        """
        return all(seen_in[token] == 1 and token not in known for token in self.tokens) and len(
            {kind[0] for kind in self.identifiers}
        ) == len(self.tokens)


async def add_newcomers(
    connection: Connection, tenant_id: TenantId, sightings: Sequence[Sighting], *, now: datetime
) -> list[int]:
    """Store one person per sighting; return their ids, aligned and ascending."""
    person_ids = await queries.draw_person_ids(connection, len(sightings))
    people: list[str] = []
    identities: list[str] = []
    edges: list[str] = []
    created = now.isoformat()
    for person_id, one in zip(person_ids, sightings, strict=True):
        first = one.first_at.isoformat()
        people.append(
            f"{tenant_id}\t{person_id}\t{person_id}\t{created}\t{first}\t{one.last_at.isoformat()}\n"
        )
        identities += _identity_lines(tenant_id, person_id, one, first)
        if len(one.tokens) > 1:
            edges += _edge_lines(tenant_id, one, first)
    await queries.copy_rows(connection, "person", queries.PERSON_COLUMNS, people)
    await queries.copy_rows(connection, "identity", queries.IDENTITY_COLUMNS, identities)
    await queries.copy_rows(connection, "identity_edge", queries.EDGE_COLUMNS, edges)
    return person_ids


def _identity_lines(tenant_id: TenantId, person_id: int, one: Sighting, first: str) -> Iterable[str]:
    owned = str(person_id)  # Only the strongest owns the events; the others have no history of their own.
    for token, (namespace, scope, sealed) in zip(one.tokens, one.identifiers, strict=True):
        yield (
            f"{tenant_id}\t\\\\x{token.hex()}\t{namespace}\t{copy_text(scope) if scope else scope}\t"
            f"\\\\x{base64.b64decode(sealed).hex()}\t{owned}\t{person_id}\t{NULL}\t{first}\n"
        )
        owned = NULL


def _edge_lines(tenant_id: TenantId, one: Sighting, first: str) -> Iterable[str]:
    owner, kind = one.tokens[0], one.identifiers[0][0]
    source = copy_text(one.source)
    for token, identifier in zip(one.tokens[1:], one.identifiers[1:], strict=True):
        a, b = (owner, token) if owner < token else (token, owner)
        strength = edge_strength(kind, identifier[0], OBSERVED)
        yield (
            f"{tenant_id}\t\\\\x{a.hex()}\t\\\\x{b.hex()}\t{OBSERVED}\t{source}\t{strength}\t{first}\theld\t\t\n"
        )
