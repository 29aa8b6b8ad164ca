"""Who is behind a bar: for those who keep them, not for a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StringConstraints

from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.forms.behind_queries import BehindQueries, Choice
from quanyu.modules.forms.contracts import Narrowing
from quanyu.modules.forms.errors import TooManyAnswerers
from quanyu.modules.forms.narrowing import bounds_of
from quanyu.modules.forms.queries import FormQueries
from quanyu.modules.forms.service import read_form_id
from quanyu.modules.tenants.service import Tenants

_Part = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]


class AskAnswerers(BaseModel):
    """A bar of a form's results, or everybody who answered where no question is named."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    form: Annotated[str, StringConstraints(max_length=64)]
    question: _Part = ""
    value: _Part = ""
    narrowing: Narrowing = Narrowing()


@dataclass(frozen=True, slots=True)
class Answerers:
    """Known people, ascending; whoever answered unknown is not among them."""

    people: tuple[int, ...]
    as_of: datetime


class AnswerersDesk:
    """Finds everybody behind a bar."""

    def __init__(self, uows: UnitOfWorkFactory, tenants: Tenants) -> None:
        self._uows = uows
        self._tenants = tenants

    async def everybody(self, tenant_id: TenantId, asked: AskAnswerers, *, most: int) -> Answerers:
        """Return the known people whose answers a bar counts, each once.

        Raises:
            UnknownForm, UnfitFilter
            TooManyAnswerers: they are more than ``most``.
        """
        async with self._uows.app(tenant_id) as uow:
            total, people = await self._behind(uow, asked, most)
            as_of = uow.clock.now()
        if total > most:
            raise TooManyAnswerers(
                f"at most {most:,} people can be kept, these are {total:,}; choose fewer days or one source",
                message_zh=f"最多可保存 {most:,} 人，当前有 {total:,} 人，请缩小日期或选择渠道",
            )
        return Answerers(tuple(people), as_of)

    async def _behind(self, uow: UnitOfWork, asked: AskAnswerers, most: int) -> tuple[int, list[int]]:
        form_id = read_form_id(asked.form)
        await FormQueries(uow).get(form_id)
        zone = ZoneInfo((await self._tenants.get_brand(uow)).time_zone)
        choice = Choice("chose", asked.question, asked.value) if asked.question else Choice()
        queries = BehindQueries(uow, form_id, bounds_of(asked.narrowing, zone))
        return await queries.people(choice, most=most)
