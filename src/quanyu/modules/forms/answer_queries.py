"""Statements on ``form_answer``, ``form_submission`` and ``form_counter``."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.forms.contracts import AnswerId, FormId
from quanyu.modules.forms.definition import Once


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer's row; what is written freely, and contacts, lie in ``sealed``."""

    answer_id: AnswerId
    form_id: FormId
    version: int
    person_id: int | None
    known_as: int | None
    device: bytes
    device_counts: bool
    once: Once
    is_repeat: bool
    answers: Mapping[str, Any]
    sealed: bytes | None
    score: int
    result: str
    source: str
    seconds: int
    submitted_at: datetime
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptSubmission:
    """What a submission id was used for."""

    answer_id: AnswerId
    body_hash: bytes


_COLUMNS: Final = (
    "id, form_id, version, person_id, known_as, device, device_counts, once, is_repeat, answers, sealed, "
    "score, result, source, seconds, submitted_at, edited_at"
)
_OF: Final = "WHERE tenant_id = :tenant AND form_id = :form"


class AnswerQueries:
    """Answers of one form after the other."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def find_submission(self, form_id: FormId, submission: str) -> KeptSubmission | None:
        """Return what a submission id was used for."""
        rows = await self._uow.execute(
            f"SELECT answer_id, body_hash FROM form_submission {_OF} AND submission = :submission",  # noqa: S608
            {"tenant": self._uow.tenant_id, "form": form_id, "submission": submission},
        )
        row = rows.one_or_none()
        return None if row is None else KeptSubmission(AnswerId(row.answer_id), bytes(row.body_hash))

    async def add_submission(
        self, form_id: FormId, submission: str, answer_id: AnswerId, body_hash: bytes
    ) -> bool:
        """Use a submission id; whoever uses it at the same time waits. ``False`` if it was used."""
        rows = await self._uow.execute(
            "INSERT INTO form_submission (tenant_id, form_id, submission, answer_id, body_hash, "
            "submitted_at) VALUES (:tenant, :form, :submission, :answer, :hash, :now) "
            "ON CONFLICT DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "submission": submission,
                "answer": answer_id,
                "hash": body_hash,
                "now": self._uow.clock.now(),
            },
        )
        return rows.rowcount == 1

    async def find(self, form_id: FormId, answer_id: AnswerId, *, lock: bool = False) -> KeptAnswer | None:
        """Return one answer."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM form_answer {_OF} AND id = :id" + (" FOR UPDATE" if lock else ""),  # noqa: S608
            {"tenant": self._uow.tenant_id, "form": form_id, "id": answer_id},
        )
        row = rows.one_or_none()
        return None if row is None else kept_answer(row)

    async def of_subject(
        self, form_id: FormId, person_id: PersonId | None, devices: Sequence[bytes], *, lock: bool = False
    ) -> KeptAnswer | None:
        """Return who answers' earlier answer: that of the person, or of a browser where that counts."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM form_answer {_OF} AND once <> 'many' AND ((once = 'person' "  # noqa: S608
            "AND known_as = CAST(:person AS int)) OR (device = ANY(:devices) AND (once = 'device' "
            "OR CAST(:person AS int) IS NULL OR (device_counts AND known_as IS NULL)))) "
            "ORDER BY is_repeat, submitted_at, id LIMIT 1" + (" FOR UPDATE" if lock else ""),
            {"tenant": self._uow.tenant_id, "form": form_id, "person": person_id, "devices": list(devices)},
        )
        row = rows.one_or_none()
        return None if row is None else kept_answer(row)

    async def insert(self, answer: KeptAnswer) -> bool:
        """Keep an answer; ``False`` if somebody may answer once only and did so."""
        rows = await self._uow.execute(
            "INSERT INTO form_answer (tenant_id, form_id, id, version, person_id, known_as, device, "
            "device_counts, once, answers, sealed, score, result, source, seconds, submitted_at) VALUES "
            "(:tenant, :form, :id, :version, :person, :known_as, :device, :device_counts, :once, "
            "CAST(:answers AS jsonb), :sealed, :score, :result, :source, :seconds, :submitted_at) "
            "ON CONFLICT DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "form": answer.form_id,
                "id": answer.answer_id,
                "version": answer.version,
                "person": answer.person_id,
                "known_as": answer.known_as,
                "device": answer.device,
                "device_counts": answer.device_counts,
                "once": answer.once,
                **self._content(answer),
                "source": answer.source,
                "seconds": answer.seconds,
                "submitted_at": answer.submitted_at,
            },
        )
        return rows.rowcount == 1

    async def replace(self, answer: KeptAnswer) -> None:
        """Write what an answer says now."""
        await self._uow.execute(
            "UPDATE form_answer SET version = :version, answers = CAST(:answers AS jsonb), "
            "sealed = :sealed, score = :score, result = :result, edited_at = :now "
            "WHERE tenant_id = :tenant AND form_id = :form AND id = :id",
            {
                "tenant": self._uow.tenant_id,
                "form": answer.form_id,
                "id": answer.answer_id,
                "version": answer.version,
                **self._content(answer),
                "now": self._uow.clock.now(),
            },
        )

    def _content(self, answer: KeptAnswer) -> dict[str, Any]:
        return {
            "answers": json.dumps(answer.answers, ensure_ascii=False),
            "sealed": answer.sealed,
            "score": answer.score,
            "result": answer.result,
        }

    async def delete(self, form_id: FormId, answer_id: AnswerId) -> None:
        """Remove an answer; its submissions stay used."""
        await self._uow.execute(
            f"DELETE FROM form_answer {_OF} AND id = :id",  # noqa: S608
            {"tenant": self._uow.tenant_id, "form": form_id, "id": answer_id},
        )

    async def count_on(self, form_id: FormId, deltas: Mapping[str, int]) -> dict[str, int]:
        """Move counters and return where they stand; their rows stay locked until the commit."""
        rows = await self._uow.execute(
            "INSERT INTO form_counter AS c (tenant_id, form_id, key, n) "
            "SELECT :tenant, :form, key, greatest(delta, 0) "
            "FROM unnest(CAST(:keys AS text[]), CAST(:deltas AS int[])) AS d (key, delta) ORDER BY key "
            "ON CONFLICT (tenant_id, form_id, key) DO UPDATE SET n = greatest(c.n + "
            "(CAST(:deltas AS int[]))[array_position(CAST(:keys AS text[]), excluded.key)], 0) "
            "RETURNING key, n",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "keys": list(deltas),
                "deltas": list(deltas.values()),
            },
        )
        return {row.key: row.n for row in rows}

    async def counters(self, form_id: FormId, keys: Collection[str]) -> dict[str, int]:
        """Return where counters stand; those never moved are left out."""
        rows = await self._uow.execute(
            f"SELECT key, n FROM form_counter {_OF} AND key = ANY(:keys)",  # noqa: S608
            {"tenant": self._uow.tenant_id, "form": form_id, "keys": list(keys)},
        )
        return {row.key: row.n for row in rows}

    async def recount(self, form_id: FormId, counts: Mapping[str, int]) -> None:
        """Replace a form's counters; nobody answers meanwhile, as the form is locked."""
        await self._uow.execute(
            f"DELETE FROM form_counter {_OF}",  # noqa: S608
            {"tenant": self._uow.tenant_id, "form": form_id},
        )
        if counts:
            await self.count_on(form_id, counts)

    async def each(self, form_id: FormId, *, after: int = 0, limit: int = 2_000) -> list[KeptAnswer]:
        """Return answers in the order they were given, from the next after an id."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM form_answer {_OF} AND id > :after ORDER BY id LIMIT :limit",  # noqa: S608
            {"tenant": self._uow.tenant_id, "form": form_id, "after": after, "limit": limit},
        )
        return [kept_answer(row) for row in rows]

    async def of_person(self, person_id: PersonId, limit: int) -> list[KeptAnswer]:
        """Return one person's answers to all forms, the newest first."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM form_answer WHERE tenant_id = :tenant AND known_as = :person "  # noqa: S608
            "ORDER BY id DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "person": person_id, "limit": limit},
        )
        return [kept_answer(row) for row in rows]


def kept_answer(row: Any) -> KeptAnswer:
    """Return a row of ``form_answer``."""
    return KeptAnswer(
        answer_id=AnswerId(row.id),
        form_id=FormId(row.form_id),
        version=row.version,
        person_id=row.person_id,
        known_as=row.known_as,
        device=bytes(row.device),
        device_counts=row.device_counts,
        once=Once(row.once),
        is_repeat=row.is_repeat,
        answers=row.answers,
        sealed=None if row.sealed is None else bytes(row.sealed),
        score=row.score,
        result=row.result,
        source=row.source,
        seconds=row.seconds,
        submitted_at=row.submitted_at,
        edited_at=row.edited_at,
    )


def deltas_of(before: Iterable[str], after: Iterable[str]) -> dict[str, int]:
    """Return how counters move from one answer to another, in the order they are locked."""
    gone, come = set(before), set(after)
    return {key: 1 if key in come else -1 for key in sorted(gone ^ come)}


class AnswerPeople:
    """Whose answers are: settled by the event, moved when people become one or come apart."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def settle(self, owners: Sequence[tuple[int, int, int]]) -> None:
        """Say of (answer, stamped id, known as) whose they are. Idempotent."""
        params = {
            "tenant": self._uow.tenant_id,
            "answers": [one[0] for one in owners],
            "own": [one[1] for one in owners],
            "known": [one[2] for one in owners],
        }
        await self._uow.execute(
            "UPDATE form_answer a SET person_id = o.own, known_as = o.known, "
            "is_repeat = a.is_repeat OR a.once = 'person' "
            "FROM unnest(CAST(:answers AS bigint[]), CAST(:own AS int[]), CAST(:known AS int[])) "
            "AS o (id, own, known) WHERE a.tenant_id = :tenant AND a.id = o.id "
            "AND (a.person_id, a.known_as) IS DISTINCT FROM (o.own, o.known)",
            params,
        )
        await self._flag(sorted({one[2] for one in owners}))

    async def follow_merges(self, known_as: Mapping[PersonId, PersonId]) -> None:
        """Give answers of merged people to who they are now; idempotent."""
        await self._uow.execute(
            "UPDATE form_answer a SET known_as = m.to_id, is_repeat = a.is_repeat OR a.once = 'person' "
            "FROM unnest(CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) AS m (from_id, to_id) "
            "WHERE a.tenant_id = :tenant AND a.known_as = m.from_id",
            {
                "tenant": self._uow.tenant_id,
                "from_ids": list(known_as),
                "to_ids": list(known_as.values()),
            },
        )
        await self._flag(sorted(set(known_as.values())))

    async def follow_splits(self, splits: Sequence[tuple[int, int, int]]) -> int:
        """Give the answers of (person id, from, to) back to who came apart; count them. Idempotent."""
        moved = await self._uow.execute(
            "UPDATE form_answer a SET known_as = s.to_id, is_repeat = a.is_repeat OR a.once = 'person' "
            "FROM unnest(CAST(:own AS int[]), CAST(:from_ids AS int[]), CAST(:to_ids AS int[])) "
            "AS s (own_id, from_id, to_id) WHERE a.tenant_id = :tenant AND a.known_as = s.from_id "
            "AND a.person_id = s.own_id AND s.from_id <> s.to_id",
            {
                "tenant": self._uow.tenant_id,
                "own": [own for own, _, _ in splits],
                "from_ids": [old for _, old, _ in splits],
                "to_ids": [new for _, _, new in splits],
            },
        )
        await self._flag(sorted({one for _, old, new in splits for one in (old, new)}))
        return moved.rowcount

    async def _flag(self, people: Sequence[int]) -> None:
        """Let the first answer of each person count: where one is allowed, the others are repeats.

        Two statements, as of two answers never both may count at once.
        """
        for is_repeat in (True, False):
            await self._uow.execute(
                "UPDATE form_answer a SET is_repeat = :repeat FROM (SELECT form_id, id, row_number() OVER "
                "(PARTITION BY form_id, known_as ORDER BY submitted_at, id) > 1 AS repeats "
                "FROM form_answer WHERE tenant_id = :tenant AND known_as = ANY(CAST(:people AS int[])) "
                "AND once = 'person') r WHERE a.tenant_id = :tenant AND a.form_id = r.form_id "
                "AND a.id = r.id AND r.repeats = :repeat AND a.is_repeat <> :repeat",
                {"tenant": self._uow.tenant_id, "people": list(people), "repeat": is_repeat},
            )
