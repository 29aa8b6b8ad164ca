"""The door of consent: purposes and their texts, and what people said."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from quanyu.infra import permits
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.web import Caller, CurrentCaller, RequestUow
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.consent.contracts import (
    PURPOSE_PATTERN,
    ConsentCoverage,
    ConsentOfPerson,
    ConsentSaid,
    ConsentSource,
    ConsentTexts,
    PublishText,
    PurposeBook,
    SavePurpose,
    SayConsent,
    Saying,
)
from quanyu.modules.people.consent.links import LASTS, LASTS_DAYS_MAX, PreferenceLinks
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.errors import PersonNotFound

_Key = Annotated[str, Path(pattern=PURPOSE_PATTERN)]


class Published(BaseModel):
    """The number of the version just published."""

    version: int


class MakeLink(BaseModel):
    """How long a link to somebody's preference page is to be good for."""

    lasts_days: Annotated[int, Field(ge=1, le=LASTS_DAYS_MAX)] = LASTS.days


class MadeLink(BaseModel):
    """The address of somebody's preference page. Give it to nobody else."""

    url: str
    expires_at: datetime


def router(consent: Consent, links: PreferenceLinks) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["consent"], dependencies=[permits.CONSENT])
    _purposes(routes, consent)
    _people(routes, consent)
    _links(routes, links)
    return routes


def _purposes(routes: APIRouter, consent: Consent) -> None:
    @routes.get("/consent-purposes")
    async def list_consent_purposes(uow: RequestUow) -> PurposeBook:
        """List every purpose with the text now in force."""
        return await consent.purposes(uow)

    @routes.put("/consent-purposes/{key}", status_code=status.HTTP_204_NO_CONTENT)
    async def save_consent_purpose(uow: RequestUow, key: _Key, command: SavePurpose) -> None:
        """Add or replace a purpose."""
        await consent.save_purpose(uow, key, command)

    @routes.get("/consent-purposes/{key}/texts")
    async def list_consent_texts(uow: RequestUow, key: _Key) -> ConsentTexts:
        """List every version of a purpose's text, newest first."""
        return await consent.texts(uow, key)

    @routes.post("/consent-purposes/{key}/texts", status_code=status.HTTP_201_CREATED)
    async def publish_consent_text(
        uow: RequestUow, caller: CurrentCaller, key: _Key, command: PublishText
    ) -> Published:
        """Publish the next version of a purpose's text; published ones never change."""
        return Published(version=await consent.publish_text(uow, key, command, actor=caller.name))

    @routes.get("/consent-purposes/{key}/coverage")
    async def get_consent_coverage(uow: RequestUow, key: _Key) -> ConsentCoverage:
        """Count who agreed, withdrew or said nothing, by channel, and who agreed to which version."""
        return await consent.coverage(uow, key)


def _people(routes: APIRouter, consent: Consent) -> None:
    @routes.get("/people/{person}/consent")
    async def get_consent(uow: RequestUow, person: str) -> ConsentOfPerson:
        """Return what counts for somebody by purpose and channel, and the ledger's lines, newest first."""
        return await consent.of_person(uow, await _known(uow, person))

    @routes.post("/people/{person}/consent")
    async def say_consent(
        uow: RequestUow, caller: CurrentCaller, person: str, command: SayConsent
    ) -> ConsentSaid:
        """Write what somebody said into the ledger; repeating an operation adds nothing."""
        saying = Saying(
            person_id=await _known(uow, person),
            source=_source_of(caller),
            actor=caller.name,
            **{**dict(command), "occurred_at": command.occurred_at or uow.clock.now()},
        )
        return ConsentSaid(is_new=await consent.say(uow, saying))


def _links(routes: APIRouter, links: PreferenceLinks) -> None:
    @routes.post("/people/{person}/preferences-link", status_code=status.HTTP_201_CREATED)
    async def make_preferences_link(uow: RequestUow, person: str, command: MakeLink) -> MadeLink:
        """Make a signed link to the page on which this person chooses what they agree to."""
        known = await _known(uow, person)
        lasts = timedelta(days=command.lasts_days)
        url, expires_at = links.make(uow.tenant_id, known, uow.clock.now(), lasts)
        return MadeLink(url=url, expires_at=expires_at)


async def _known(uow: UnitOfWork, text: str) -> PersonId:
    number = decode_id("per", text)
    if number < 2**31 and await profile_queries.find_canonical(uow, [number]):
        return PersonId(number)
    raise PersonNotFound(f"there is no person {text[:20]}", message_zh=f"没有这个客户：{text[:20]}")


def _source_of(caller: Caller) -> ConsentSource:
    return ConsentSource.API if caller.is_local else ConsentSource.STAFF
