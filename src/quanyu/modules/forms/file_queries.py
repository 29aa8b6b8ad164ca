"""Statements on ``form_file``: what was sent with answers, sealed. A file without an answer waits for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.forms.contracts import AnswerId, FormId

WAITS: Final = timedelta(hours=24)
WAITING_MAX: Final = 30  # Of one browser and form.


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file without its content."""

    file_id: int
    question: str
    name_sealed: bytes = field(repr=False)
    kind: str
    size: int
    uploaded_at: datetime


class FileQueries:
    """Files of one form after the other."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def waiting(self, form_id: FormId, device: bytes) -> int:
        """Return how many files of a browser wait for their answer."""
        rows = await self._uow.execute(
            "SELECT count(*) FROM form_file WHERE tenant_id = :tenant AND form_id = :form "
            "AND device = :device AND answer_id IS NULL",
            {"tenant": self._uow.tenant_id, "form": form_id, "device": device},
        )
        return int(rows.scalar_one())

    async def add(self, form_id: FormId, file: KeptFile, *, device: bytes, content_sealed: bytes) -> None:
        """Keep a file that waits."""
        await self._uow.execute(
            "INSERT INTO form_file (tenant_id, form_id, id, question, device, name_sealed, kind, size, "
            "content_sealed, uploaded_at) VALUES (:tenant, :form, :id, :question, :device, :name, :kind, "
            ":size, :content, :at)",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "id": file.file_id,
                "question": file.question,
                "device": device,
                "name": file.name_sealed,
                "kind": file.kind,
                "size": file.size,
                "content": content_sealed,
                "at": file.uploaded_at,
            },
        )

    async def usable(
        self, form_id: FormId, question: str, ids: Collection[int], *, device: bytes, answer: AnswerId | None
    ) -> set[int]:
        """Return which files a browser may put into an answer: its own that wait, and the answer's own."""
        rows = await self._uow.execute(
            "SELECT id FROM form_file WHERE tenant_id = :tenant AND form_id = :form AND id = ANY(:ids) "
            "AND question = :question AND ((answer_id IS NULL AND device = :device) "
            "OR answer_id = CAST(:answer AS bigint)) FOR UPDATE",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "ids": list(ids),
                "question": question,
                "device": device,
                "answer": answer,
            },
        )
        return {row.id for row in rows}

    async def attach(self, form_id: FormId, answer: AnswerId, ids: Collection[int]) -> None:
        """Let an answer have exactly these files; others it had are gone."""
        params = {"tenant": self._uow.tenant_id, "form": form_id, "answer": answer, "ids": list(ids)}
        await self._uow.execute(
            "DELETE FROM form_file WHERE tenant_id = :tenant AND form_id = :form AND answer_id = :answer "
            "AND NOT id = ANY(:ids)",
            params,
        )
        await self._uow.execute(
            "UPDATE form_file SET answer_id = :answer WHERE tenant_id = :tenant AND form_id = :form "
            "AND id = ANY(:ids)",
            params,
        )

    async def of_answers(self, form_id: FormId, answers: Sequence[int]) -> Mapping[int, list[KeptFile]]:
        """Return the files of answers, in the order they came."""
        rows = await self._uow.execute(
            "SELECT answer_id, id, question, name_sealed, kind, size, uploaded_at FROM form_file "
            "WHERE tenant_id = :tenant AND form_id = :form AND answer_id = ANY(:answers) ORDER BY id",
            {"tenant": self._uow.tenant_id, "form": form_id, "answers": list(answers)},
        )
        found: dict[int, list[KeptFile]] = {}
        for row in rows:
            file = KeptFile(
                file_id=row.id,
                question=row.question,
                name_sealed=bytes(row.name_sealed),
                kind=row.kind,
                size=row.size,
                uploaded_at=row.uploaded_at,
            )
            found.setdefault(row.answer_id, []).append(file)
        return found

    async def content(self, form_id: FormId, answer: AnswerId, file_id: int) -> bytes | None:
        """Return what is in a file of an answer, sealed."""
        rows = await self._uow.execute(
            "SELECT content_sealed FROM form_file WHERE tenant_id = :tenant AND form_id = :form "
            "AND answer_id = :answer AND id = :id",
            {"tenant": self._uow.tenant_id, "form": form_id, "answer": answer, "id": file_id},
        )
        row = rows.one_or_none()
        return None if row is None else bytes(row.content_sealed)

    async def drop_forgotten(self, before: datetime, *, limit: int = 200) -> int:
        """Remove files whose answer never came; count them."""
        gone = await self._uow.execute(
            "DELETE FROM form_file WHERE (tenant_id, form_id, id) IN (SELECT tenant_id, form_id, id "
            "FROM form_file WHERE tenant_id = :tenant AND answer_id IS NULL AND uploaded_at < :before "
            "LIMIT :limit)",
            {"tenant": self._uow.tenant_id, "before": before, "limit": limit},
        )
        return gone.rowcount
