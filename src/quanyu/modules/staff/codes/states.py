"""State texts: the short signed word a code carries, and what it stands for (CW-8).

The platform hands back at most 30 signs with who was added (客户联系「联系我」管理, path 92228). Ours is
a number and its signature: a made-up one is told apart at once, and it says nothing to who reads it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NewType

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import InvalidId, PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.channels.contracts import AccountId

_log = get_logger("staff.codes")

LiveCodeId = NewType("LiveCodeId", int)
StateId = NewType("StateId", int)
STATE_MAX: Final = 30  # Signs the platform takes.
_PREFIX: Final = "q"
_PERSON_PREFIX: Final = "p"
_SIGNATURE_SIGNS: Final = 12  # 60 bits: nobody guesses one.
_NAMESPACE: Final = "live_code_state"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewState:
    """What a state is to stand for; where it says nothing, its code does."""

    code_id: LiveCodeId
    source: str = ""
    campaign: str = ""
    inviter: PersonId | None = None
    staff: str = ""  # A member's user id.
    store: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeState(NewState):
    """What a state stands for."""

    state_id: StateId
    state: str


class StateSigner:
    """Writes and reads state texts, and who opens a link of our page. Pure; safe to share."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keyring = keyring

    def issue(self, corp_id: AccountId, state_id: StateId) -> str:
        """Return the text of a state of this corp: at most 30 signs, letters and digits and one ``_``."""
        version = self._keyring.blind_version
        text = f"{encode_id(_PREFIX, state_id)}{self._sign(version, corp_id, state_id)}"
        assert len(text) <= STATE_MAX
        return text

    def read(self, corp_id: AccountId, text: str) -> StateId | None:
        """Return whose text this is, or ``None`` if we never signed it for this corp."""
        body, signature = text[:-_SIGNATURE_SIGNS], text[-_SIGNATURE_SIGNS:]
        if len(text) > STATE_MAX:
            return None
        try:
            state_id = StateId(decode_id(_PREFIX, body))
        except InvalidId:
            return None
        versions = reversed(self._keyring.blind_versions)
        is_ours = any(signature == self._sign(version, corp_id, state_id) for version in versions)
        return state_id if is_ours and encode_id(_PREFIX, state_id) == body else None

    def name_person(self, state: str, person_id: PersonId) -> str:
        """Return the word by which a link with this state knows who opens it (CW-10)."""
        body = encode_id(_PERSON_PREFIX, person_id)
        return f"{body}{self._sign_text(self._keyring.blind_version, state, body)}"

    def read_person(self, state: str, text: str) -> PersonId | None:
        """Return who opens a link, or ``None`` if we never signed that word for this state."""
        body, signature = text[:-_SIGNATURE_SIGNS], text[-_SIGNATURE_SIGNS:]
        try:
            person_id = PersonId(decode_id(_PERSON_PREFIX, body))
        except InvalidId:
            return None
        versions = self._keyring.blind_versions
        is_ours = any(signature == self._sign_text(version, state, body) for version in versions)
        return person_id if is_ours else None

    def _sign(self, version: int, corp_id: AccountId, state_id: StateId) -> str:
        return self._sign_text(version, str(corp_id), str(state_id))

    def _sign_text(self, version: int, scope: str, text: str) -> str:
        token = self._keyring.blind_with(version, _NAMESPACE, scope, text)
        number = int.from_bytes(token[:8], "big") & (2**60 - 1)
        return encode_id("", number)[1:].rjust(_SIGNATURE_SIGNS, "0")


class CodeStates:
    """Makes states and says what one stands for."""

    def __init__(self, signer: StateSigner) -> None:
        self.signer = signer

    async def make(self, uow: UnitOfWork, corp_id: AccountId, new: NewState) -> str:
        """Keep a state and return its text. One state costs no code: many may share one (CW-7)."""
        state_id = StateId(new_id())
        await uow.execute(
            "INSERT INTO live_code_state (tenant_id, id, corp_id, code_id, source, campaign, inviter_id, "
            "staff, store, expires_at, created_at) VALUES (:tenant, :id, :corp, :code, :source, :campaign, "
            ":inviter, :staff, :store, :expires, :now)",
            {
                "tenant": uow.tenant_id,
                "id": state_id,
                "corp": corp_id,
                "code": new.code_id,
                "source": new.source,
                "campaign": new.campaign,
                "inviter": new.inviter,
                "staff": new.staff,
                "store": new.store,
                "expires": new.expires_at,
                "now": uow.clock.now(),
            },
        )
        return self.signer.issue(corp_id, state_id)

    async def follow_merges(self, uow: UnitOfWork, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give the states of merged people to who they are now; idempotent."""
        await uow.execute(
            "UPDATE live_code_state s SET inviter_id = m.to_id, "
            "origin_inviter_id = coalesce(s.origin_inviter_id, s.inviter_id) "
            "FROM unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS m (from_id, to_id) "
            "WHERE s.tenant_id = :tenant AND s.inviter_id = m.from_id",
            {"tenant": uow.tenant_id, "from_ids": list(known_as), "to_ids": list(known_as.values())},
        )

    async def follow_splits(self, uow: UnitOfWork, splits: Sequence[tuple[int, int, int]]) -> int:
        """Give the states made for (person id, from, to) back to who came apart; count them. Idempotent."""
        moved = await uow.execute(
            "UPDATE live_code_state s SET inviter_id = l.to_id FROM unnest(CAST(:own AS int[]), "
            "CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS l (own_id, from_id, to_id) "
            "WHERE s.tenant_id = :tenant AND s.inviter_id = l.from_id AND s.origin_inviter_id = l.own_id",
            {
                "tenant": uow.tenant_id,
                "own": [own for own, _, _ in splits],
                "from_ids": [old for _, old, _ in splits],
                "to_ids": [new for _, _, new in splits],
            },
        )
        return moved.rowcount

    async def owner(self, uow: UnitOfWork, state: str) -> tuple[TenantId, AccountId] | None:
        """Return whose brand and corp a state is of, for our own page: nothing else says so there.

        ``uow`` is one of the platform itself, of whatever brand.
        """
        try:
            number = decode_id(_PREFIX, state[:-_SIGNATURE_SIGNS])
        except InvalidId:
            return None
        rows = await uow.execute(
            "SELECT tenant_id, corp_id FROM live_code_state WHERE id = :id", {"id": number}
        )
        row = rows.first()
        if row is None or self.signer.read(AccountId(row.corp_id), state) is None:
            return None
        return TenantId(row.tenant_id), AccountId(row.corp_id)

    async def resolve(
        self, uow: UnitOfWork, corp_id: AccountId, state: str, *, at: datetime | None = None
    ) -> CodeState | None:
        """Return what a state stands for at ``at`` (now, if left out).

        ``None`` for the empty, a foreign, an unknown or an expired one: the caller goes on without.
        """
        return (await self.resolve_all(uow, corp_id, {state: at or uow.clock.now()})).get(state)

    async def resolve_all(
        self, uow: UnitOfWork, corp_id: AccountId, states: Mapping[str, datetime]
    ) -> dict[str, CodeState]:
        """Return what each of several states stands for at the instant beside it; those that count only."""
        numbers = {state: self.signer.read(corp_id, state) for state in states if state}
        found = await self._load(uow, corp_id, sorted({n for n in numbers.values() if n is not None}))
        resolved: dict[str, CodeState] = {}
        for state, state_id in numbers.items():
            row = None if state_id is None else found.get(state_id)
            if row is None:
                _log.info("staff.codes.state_unknown", corp_id=corp_id, signed=state_id is not None)
            elif row["expires_at"] is not None and row["expires_at"] <= states[state]:
                _log.info("staff.codes.state_expired", corp_id=corp_id, state_id=state_id)
            else:
                resolved[state] = _state(row, state)
        return resolved

    async def names(self, uow: UnitOfWork, corp_id: AccountId, states: Collection[str]) -> dict[str, str]:
        """Return what the codes behind states are called, ended ones too; foreign states are left out."""
        numbers = {state: self.signer.read(corp_id, state) for state in states}
        rows = await uow.execute(
            "SELECT s.id, c.draft ->> 'name' AS name FROM live_code_state s "
            "JOIN live_code c ON c.tenant_id = s.tenant_id AND c.id = s.code_id "
            "WHERE s.tenant_id = :tenant AND s.corp_id = :corp AND s.id = ANY(:ids)",
            {
                "tenant": uow.tenant_id,
                "corp": corp_id,
                "ids": [number for number in numbers.values() if number is not None],
            },
        )
        called = {StateId(row.id): row.name for row in rows}
        return {state: called[number] for state, number in numbers.items() if number in called}

    async def _load(
        self, uow: UnitOfWork, corp_id: AccountId, state_ids: Sequence[StateId]
    ) -> dict[StateId, Mapping[str, Any]]:
        if not state_ids:
            return {}
        rows = await uow.execute(
            # What a state does not say itself, its code says.
            "SELECT s.*, coalesce(nullif(s.source, ''), c.draft ->> 'source', '') AS whole_source, "
            "coalesce(nullif(s.campaign, ''), c.draft ->> 'campaign', '') AS whole_campaign, "
            "coalesce(nullif(s.store, ''), c.draft ->> 'store', '') AS whole_store "
            "FROM live_code_state s LEFT JOIN live_code c ON c.tenant_id = s.tenant_id AND c.id = s.code_id "
            "WHERE s.tenant_id = :tenant AND s.corp_id = :corp AND s.id = ANY(:ids)",
            {"tenant": uow.tenant_id, "corp": corp_id, "ids": list(state_ids)},
        )
        return {StateId(row["id"]): dict(row) for row in rows.mappings()}


def _state(row: Mapping[str, Any], text: str) -> CodeState:
    return CodeState(
        state_id=StateId(row["id"]),
        state=text,
        code_id=LiveCodeId(row["code_id"]),
        source=row["whole_source"],
        campaign=row["whole_campaign"],
        inviter=None if row["inviter_id"] is None else PersonId(row["inviter_id"]),
        staff=row["staff"],
        store=row["whole_store"],
        expires_at=row["expires_at"],
    )
