"""What somebody answered in forms, with the files they sent along."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.rights.packages.contracts import Store
from quanyu.flows.rights.packages.frames import FileFrame
from quanyu.flows.rights.packages.sources.base import Asked, Page, Tools
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.forms.contracts import ANSWER_PREFIX, FILE_PREFIX
from quanyu.modules.forms.definition import ChoiceQuestion, FormDefinition, Question, RankingQuestion
from quanyu.modules.forms.showing import SEAL_CONTEXT
from quanyu.modules.forms.uploads import AnswerFiles

_AT_ONCE: Final = 20
_THEIRS: Final = "(person_id = ANY(CAST(:people AS int[])) OR known_as = ANY(CAST(:people AS int[])))"
_ANSWERS: Final = f"""
SELECT a.id, a.form_id, f.name AS form, f.kind, v.definition, a.answers, a.sealed, a.score, a.result,
    a.source, a.seconds, a.submitted_at, a.edited_at
FROM form_answer a
JOIN form f ON f.tenant_id = :tenant AND f.id = a.form_id
JOIN form_version v ON v.tenant_id = :tenant AND v.form_id = a.form_id AND v.version = a.version
WHERE a.tenant_id = :tenant AND {_THEIRS} AND a.id > :after ORDER BY a.id LIMIT :limit
"""  # noqa: S608 - constants.
_FILES: Final = """
SELECT id, question, name_sealed, kind, size, uploaded_at FROM form_file
WHERE tenant_id = :tenant AND form_id = :form AND answer_id = :answer ORDER BY id
"""
_CONTENT: Final = """
SELECT content_sealed FROM form_file WHERE tenant_id = :tenant AND form_id = :form AND id = :id
"""


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """Answers with their questions, and files as they were sent."""

    tools: Tools
    section: str = "form_answer"
    store: Store = Store.POSTGRES

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return the next answers."""
        found = await self.tools.rows(
            asked.tenant_id, _ANSWERS, people=list(asked.whom.people), after=after or 0, limit=_AT_ONCE
        )
        rows: list[Mapping[str, Any]] = []
        files: list[FileFrame] = []
        for row in found:
            sent = await self._files(asked.tenant_id, row)
            files += sent
            rows.append(self._told(row, sent))
        return Page(rows, found[-1]["id"] if found else None, files)

    def _told(self, row: Mapping[str, Any], files: Sequence[FileFrame]) -> dict[str, Any]:
        answers = dict(row["answers"])
        if row["sealed"] is not None:
            answers |= json.loads(self.tools.keyring.open(bytes(row["sealed"]), context=SEAL_CONTEXT))
        asked = {
            one.key: one
            for one in FormDefinition.model_validate_json(json.dumps(row["definition"])).questions
        }
        kept = ("form", "kind", "score", "result", "source", "seconds", "submitted_at", "edited_at")
        return {
            "answer": encode_id(ANSWER_PREFIX, row["id"]),
            **{name: row[name] for name in kept if row[name] not in (None, "")},
            "answers": [_answer(key, value, asked.get(key)) for key, value in answers.items()],
            **({"files": [one.path for one in files]} if files else {}),
        }

    async def _files(self, tenant_id: TenantId, row: Mapping[str, Any]) -> list[FileFrame]:
        opener, sent = AnswerFiles(self.tools.keyring), []
        found = await self.tools.rows(tenant_id, _FILES, form=row["form_id"], answer=row["id"])
        for file in found:
            contents = await self.tools.rows(tenant_id, _CONTENT, form=row["form_id"], id=file["id"])
            if contents:  # Else it was replaced while we read.
                number = encode_id(FILE_PREFIX, file["id"])
                path = f"files/{number}-{opener.named(bytes(file['name_sealed']), file['kind'])}"
                sent.append(FileFrame(path, opener.open(bytes(contents[0]["content_sealed"]))))
        return sent


def _answer(key: str, value: Any, asked: Question | None) -> dict[str, Any]:
    """Return an answer with its question, and where options were chosen what they say."""
    named = asked.options if isinstance(asked, ChoiceQuestion | RankingQuestion) else ()
    options = {one.key: one.label for one in named}
    told = {"question": asked.title if asked else key, "key": key, "answer": value}
    return told | ({"chosen": _labels(value, options)} if options else {})


def _labels(value: Any, options: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_labels(one, options) for one in value]
    if isinstance(value, dict):
        return {name: _labels(one, options) for name, one in value.items()}
    return options.get(value, value) if isinstance(value, str) else value
