"""What a file would do to the people known today: who is new, who is met again, and whose word would count.

Only reads. Each row is compared with what stands now; what earlier rows of the same file would have changed
is not taken into account, except that rows sharing an identifier are one new person.
"""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from quanyu.flows.imports.chunks import read_chunk
from quanyu.flows.imports.contracts import AttributeOutcome, ImportFindings
from quanyu.flows.imports.prepared import IDENTIFY, PreparedEvent, instant_of
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.people import profile_queries
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.profile.queries import PolicyRow, ProfileQueries, StatementRow
from quanyu.modules.people.profile.winning import Policy, Statement, gathered, winner
from quanyu.modules.people.profile_queries import StoredAttribute
from quanyu.modules.people.sealing import token_of
from quanyu.modules.people.traits import split_traits

EVENTS_MAX: Final = 200_000  # Of one comparison; identifiers of all of them are held in memory.
_NEWEST_POSITION: Final = 2**62
Told = Callable[[float], Awaitable[None]]


class PeopleComparison:
    """Compares prepared chunks with the people of a brand."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing) -> None:
        self._uows = uows
        self._keyring = keyring

    async def compare(
        self, tenant_id: TenantId, chunks: Path, count: int, *, source: str, tell: Told
    ) -> ImportFindings:
        """Return what importing the chunks would come to; ``tell`` hears how far this is, from 0 to 1."""
        sum_ = _Sum()
        for number in range(1, count + 1):
            events = [one for one in read_chunk(chunks, number) if _is_about_somebody(one)]
            if sum_.events + len(events) > EVENTS_MAX:
                sum_.is_whole = False
                break
            async with self._uows.system(tenant_id) as uow:
                await self._chunk(uow, events, sum_, source)
            await tell(number / count)
        return sum_.findings()

    async def _chunk(
        self, uow: UnitOfWork, events: Sequence[PreparedEvent], total: "_Sum", source: str
    ) -> None:
        tokens = [self._tokens(event) for event in events]
        known = await profile_queries.people_by_token(uow, {token for row in tokens for token in row})
        met: list[tuple[int, PreparedEvent]] = []
        for event, row in zip(events, tokens, strict=True):
            profile = total.meet(row, known)
            if profile is not None and event.kind == IDENTIFY:
                met.append((profile, event))
        await self._attributes(uow, met, total, source)

    def _tokens(self, event: PreparedEvent) -> list[bytes]:
        told = [Identifier(*one) for one in event.names]
        if event.kind == IDENTIFY:
            told += split_traits(event.traits).identifiers
        return [token for one in told if (token := token_of(self._keyring, one)) is not None]

    async def _attributes(
        self, uow: UnitOfWork, met: Sequence[tuple[int, PreparedEvent]], total: "_Sum", source: str
    ) -> None:
        said = [(profile, event, _values(event)) for profile, event in met]
        keys = {key for _, _, values in said for key in values}
        if not keys:
            return
        members = await profile_queries.list_members(uow, sorted({profile for profile, _ in met}))
        current = {
            (one.profile, one.key): one
            for one in await profile_queries.list_attributes(uow, members, keys=sorted(keys))
        }
        queries = ProfileQueries(uow)
        policies = {one.key: one for one in await queries.policies() if one.policy is not Policy.NEWEST}
        whose = {member.id: member.profile for member in members}
        past: dict[tuple[int, str], list[Statement]] = defaultdict(list)
        for key in sorted(keys & set(policies)):
            for row in await queries.statements(sorted(whose), key):
                past[(whose[row.person_id], key)].append(self._statement(row))
        for profile, event, values in said:
            for key, value in values.items():
                outcome = self._outcome(
                    event, value, current.get((profile, key)), policies.get(key), past[(profile, key)], source
                )
                total.attributes[key][outcome] += 1

    def _outcome(
        self,
        event: PreparedEvent,
        value: Any,
        stored: StoredAttribute | None,
        policy: PolicyRow | None,
        past: Sequence[Statement],
        source: str,
    ) -> str:
        at = instant_of(event.occurred_ms)
        if policy is None:
            if stored is None:
                return "added"
            if self._value(stored) == value:
                return "same"
            return "changed" if at >= stored.occurred_at else "kept"
        new = Statement(
            person_id=0, source=source, value=value, first_at=at, occurred_at=at, position=_NEWEST_POSITION
        )
        return _by_policy(past, new, policy)

    def _value(self, stored: StoredAttribute | StatementRow) -> Any:
        return (
            stored.value if stored.sealed is None else msgspec.json.decode(self._keyring.open(stored.sealed))
        )

    def _statement(self, row: StatementRow) -> Statement:
        return Statement(
            person_id=row.person_id,
            source=row.source,
            value=self._value(row),
            first_at=row.first_at,
            occurred_at=row.occurred_at,
            position=row.position,
        )


class _Sum:
    """What was found so far. Tokens that stand in one row are one person: a union-find over them."""

    def __init__(self) -> None:
        self.events = 0
        self.is_whole = True
        self.attributes: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._matched = 0
        self._joining = 0
        self._people: set[int] = set()
        self._root: dict[bytes, bytes] = {}
        self._owned: set[bytes] = set()

    def meet(self, tokens: Sequence[bytes], known: Mapping[bytes, int]) -> int | None:
        """Count one row; return whose it is if that is one person known today."""
        self.events += 1
        for token in tokens:
            self._unite(tokens[0], token)
            if token in known:
                self._owned.add(token)
        people = {known[token] for token in tokens if token in known}
        self._people |= people
        self._matched += len(people) == 1
        self._joining += len(people) > 1
        return next(iter(people)) if len(people) == 1 else None

    def findings(self) -> ImportFindings:
        """Return the whole."""
        owned = {self._find(token) for token in self._owned}
        new = {self._find(token) for token in self._root} - owned
        return ImportFindings(
            rows_compared=self.events,
            is_whole=self.is_whole,
            people_new=len(new),
            people_known=len(self._people),
            rows_known=self._matched,
            rows_joining=self._joining,
            attributes={key: AttributeOutcome(**counts) for key, counts in sorted(self.attributes.items())},
        )

    def _unite(self, one: bytes, other: bytes) -> None:
        a, b = self._find(one), self._find(other)
        self._root[a] = b

    def _find(self, token: bytes) -> bytes:
        root = self._root.setdefault(token, token)
        while root != self._root[root]:
            self._root[root] = self._root[self._root[root]]
            root = self._root[root]
        self._root[token] = root
        return root


def _is_about_somebody(event: PreparedEvent) -> bool:
    """What a row says beside its identify call is about the same person, and counted with that."""
    return bool(event.names) and not event.name.startswith(("imports.", "Consent "))


def _values(event: PreparedEvent) -> dict[str, Any]:
    split = split_traits(event.traits)
    return {**split.clear, **split.sealed}


def _by_policy(past: Iterable[Statement], new: Statement, policy: PolicyRow) -> str:
    before = list(past)
    after = [*before, new]
    if policy.policy is Policy.UNION:
        grown = gathered(after) != gathered(before)
        return ("changed" if before else "added") if grown else "same"
    old, won = (winner(some, policy.policy, policy.sources) for some in (before, after))
    if old is None:
        return "added"
    if old.value == new.value:
        return "same"
    return "changed" if won is new else "kept"
