"""Statements on ``form``, ``form_version`` and ``form_visit``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.forms.contracts import FormId
from quanyu.modules.forms.definition import FormDefinition
from quanyu.modules.forms.errors import FormNotOpen, UnknownForm
from quanyu.modules.forms.rules import FormState


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForm:
    """A form's row."""

    form_id: FormId
    token: str
    name: str
    state: FormState
    draft: FormDefinition
    published: int | None  # The version that is out.
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A published version; it never changes."""

    version: int
    definition: FormDefinition
    published_at: datetime


@dataclass(frozen=True, slots=True)
class FormCounts:
    """How often a form was opened and answered."""

    opened: int = 0
    answers: int = 0
    last_answer_at: datetime | None = None


_COLUMNS: Final = "id, token, name, state, draft, published, created_at, updated_at"
FORMS_MAX: Final = 1_000


class FormQueries:
    """Forms and their versions."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def get(self, form_id: FormId, *, lock: str = "") -> KeptForm:
        """Return a form; ``lock`` is ``UPDATE`` or ``SHARE``.

        Raises:
            UnknownForm
        """
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM form WHERE tenant_id = :tenant AND id = :id"  # noqa: S608
            + (f" FOR {lock}" if lock in ("UPDATE", "SHARE") else ""),
            {"tenant": self._uow.tenant_id, "id": form_id},
        )
        row = rows.one_or_none()
        if row is None:
            raise UnknownForm("the brand has no such form", message_zh="没有这个表单")
        return _kept(row)

    async def by_token(self, token: str) -> tuple[TenantId, FormId] | None:
        """Return whose form a public address names; ``uow`` is one of the platform itself."""
        rows = await self._uow.execute(
            "SELECT tenant_id, id FROM form WHERE token = :token", {"token": token}
        )
        row = rows.one_or_none()
        return None if row is None else (TenantId(row.tenant_id), FormId(row.id))

    async def published_tokens(self, form_ids: Sequence[int]) -> dict[FormId, str]:
        """Return the public addresses of forms that were published; others are left out."""
        rows = await self._uow.execute(
            "SELECT id, token FROM form WHERE tenant_id = :tenant AND id = ANY(:ids) "
            "AND published IS NOT NULL",
            {"tenant": self._uow.tenant_id, "ids": list(form_ids)},
        )
        return {FormId(row.id): row.token for row in rows}

    async def list_all(self) -> list[KeptForm]:
        """Return the brand's forms, the newest first, those put away last."""
        rows = await self._uow.execute(
            f"SELECT {_COLUMNS} FROM form WHERE tenant_id = :tenant "  # noqa: S608
            "ORDER BY state = 'archived', id DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "limit": FORMS_MAX},
        )
        return [_kept(row) for row in rows]

    async def count(self) -> int:
        """Return how many forms the brand has."""
        rows = await self._uow.execute(
            "SELECT count(*) FROM form WHERE tenant_id = :tenant", {"tenant": self._uow.tenant_id}
        )
        return int(rows.scalar_one())

    async def insert(self, form: KeptForm, *, created_by: str) -> None:
        """Keep a new form."""
        await self._uow.execute(
            "INSERT INTO form (tenant_id, id, token, name, kind, state, draft, created_by, created_at, "
            "updated_at) VALUES (:tenant, :id, :token, :name, :kind, :state, CAST(:draft AS jsonb), :by, "
            ":now, :now)",
            {**self._values(form), "by": created_by},
        )

    async def save(self, form: KeptForm) -> None:
        """Replace what may change of a form."""
        await self._uow.execute(
            "UPDATE form SET name = :name, kind = :kind, state = :state, draft = CAST(:draft AS jsonb), "
            "published = :published, updated_at = :now WHERE tenant_id = :tenant AND id = :id",
            self._values(form),
        )

    def _values(self, form: KeptForm) -> dict[str, Any]:
        return {
            "tenant": self._uow.tenant_id,
            "id": form.form_id,
            "token": form.token,
            "name": form.name,
            "kind": form.draft.kind,
            "state": form.state,
            "draft": form.draft.model_dump_json(),
            "published": form.published,
            "now": self._uow.clock.now(),
        }

    async def delete(self, form_id: FormId) -> None:
        """Remove a form nobody ever saw."""
        await self._uow.execute(
            "DELETE FROM form WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": form_id},
        )

    async def add_version(self, form_id: FormId, version: int, definition: FormDefinition, by: str) -> None:
        """Keep a version for good."""
        await self._uow.execute(
            "INSERT INTO form_version (tenant_id, form_id, version, definition, published_at, published_by) "
            "VALUES (:tenant, :form, :version, CAST(:definition AS jsonb), :now, :by)",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "version": version,
                "definition": definition.model_dump_json(),
                "now": self._uow.clock.now(),
                "by": by,
            },
        )

    async def versions(self, form_id: FormId) -> dict[int, KeptVersion]:
        """Return every published version of a form, by its number."""
        rows = await self._uow.execute(
            "SELECT version, definition, published_at FROM form_version WHERE tenant_id = :tenant "
            "AND form_id = :form ORDER BY version",
            {"tenant": self._uow.tenant_id, "form": form_id},
        )
        return {row.version: _version(row) for row in rows}

    async def latest(self, form_ids: Sequence[int]) -> dict[FormId, KeptVersion]:
        """Return what is published of each form; forms never published are left out."""
        rows = await self._uow.execute(
            "SELECT v.form_id, v.version, v.definition, v.published_at FROM form_version v JOIN form f "
            "ON f.tenant_id = v.tenant_id AND f.id = v.form_id AND f.published = v.version "
            "WHERE v.tenant_id = :tenant AND v.form_id = ANY(:ids)",
            {"tenant": self._uow.tenant_id, "ids": list(form_ids)},
        )
        return {FormId(row.form_id): _version(row) for row in rows}

    async def get_published(self, form_id: FormId) -> KeptVersion:
        """Return what is published of a form.

        Raises:
            UnknownForm
            FormNotOpen: it was never published.
        """
        await self.get(form_id)
        out = (await self.latest([form_id])).get(form_id)
        if out is None:
            raise FormNotOpen("the form was never published", message_zh="表单还没有发布", state="draft")
        return out

    async def counts(self, form_ids: Sequence[int]) -> Mapping[FormId, FormCounts]:
        """Return how often each form was opened and answered."""
        rows = await self._uow.execute(
            "SELECT f.id, (SELECT count(*) FROM form_visit v WHERE v.tenant_id = f.tenant_id "
            "AND v.form_id = f.id) AS opened, a.answers, a.last_at FROM form f CROSS JOIN LATERAL "
            "(SELECT count(*) AS answers, max(submitted_at) AS last_at FROM form_answer a "
            "WHERE a.tenant_id = f.tenant_id AND a.form_id = f.id AND NOT a.is_repeat) a "
            "WHERE f.tenant_id = :tenant AND f.id = ANY(:ids)",
            {"tenant": self._uow.tenant_id, "ids": list(form_ids)},
        )
        return {FormId(row.id): FormCounts(row.opened, row.answers, row.last_at) for row in rows}

    async def note_visit(self, form_id: FormId, device: bytes, *, source: str) -> None:
        """Count a browser that opened the page, once."""
        await self._uow.execute(
            "INSERT INTO form_visit (tenant_id, form_id, device, source, opened_at) "
            "VALUES (:tenant, :form, :device, :source, :now) ON CONFLICT DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "device": device,
                "source": source,
                "now": self._uow.clock.now(),
            },
        )

    async def note_page(self, form_id: FormId, device: bytes, page: int) -> None:
        """Keep the furthest page a browser reached; the first is 0."""
        await self._uow.execute(
            "UPDATE form_visit SET page = greatest(page, :page) WHERE tenant_id = :tenant "
            "AND form_id = :form AND device = :device",
            {"tenant": self._uow.tenant_id, "form": form_id, "device": device, "page": page},
        )

    async def began_at(self, form_id: FormId, device: bytes) -> datetime | None:
        """Return since when a browser works on its next answer; ``None`` if it never opened the page."""
        rows = await self._uow.execute(
            "SELECT greatest(opened_at, last_sent_at) AS began_at FROM form_visit "
            "WHERE tenant_id = :tenant AND form_id = :form AND device = :device",
            {"tenant": self._uow.tenant_id, "form": form_id, "device": device},
        )
        row = rows.one_or_none()
        return None if row is None else row.began_at

    async def note_submitted(self, form_id: FormId, device: bytes) -> None:
        """Keep that a browser sent an answer."""
        await self._uow.execute(
            "UPDATE form_visit SET submitted_at = coalesce(submitted_at, :now), last_sent_at = :now "
            "WHERE tenant_id = :tenant AND form_id = :form AND device = :device",
            {
                "tenant": self._uow.tenant_id,
                "form": form_id,
                "device": device,
                "now": self._uow.clock.now(),
            },
        )


def was_valid(versions: Mapping[int, KeptVersion], version: int, now: datetime, grace: timedelta) -> bool:
    """Whether a page with this version may still send: it is out, or was until a short while ago."""
    later = versions.get(version + 1)
    return version in versions and (later is None or now - later.published_at < grace)


def _kept(row: Any) -> KeptForm:
    return KeptForm(
        form_id=FormId(row.id),
        token=row.token,
        name=row.name,
        state=FormState(row.state),
        draft=FormDefinition.model_validate_json(json.dumps(row.draft)),
        published=row.published,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _version(row: Any) -> KeptVersion:
    definition = FormDefinition.model_validate_json(json.dumps(row.definition))
    return KeptVersion(row.version, definition, row.published_at)
