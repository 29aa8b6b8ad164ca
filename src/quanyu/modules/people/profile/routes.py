"""The door of attributes: history, setting one by hand, policies."""

from typing import Annotated

from fastapi import APIRouter, Query

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow
from quanyu.modules.people.profile.contracts import (
    KEY_CHARS_MAX,
    AttributeHistory,
    AttributePolicies,
    SetAttribute,
    SetAttributePolicy,
)
from quanyu.modules.people.profile.service import Profiles
from quanyu.modules.people.routes import read_person_id

_Key = Annotated[str, Query(min_length=1, max_length=KEY_CHARS_MAX)]


def router(profiles: Profiles) -> APIRouter:
    """Build the routes."""
    routes = APIRouter(prefix="/api/v1", tags=["people"], dependencies=[permits.PEOPLE])

    @routes.get("/people/{person}/attribute-history")
    async def attribute_history(uow: RequestUow, person: str, key: _Key) -> AttributeHistory:
        """List everything told of one attribute of a person, and what of it counts."""
        return await profiles.history(uow, read_person_id(person), key)

    @routes.put("/people/{person}/attributes")
    async def set_attribute(
        uow: RequestUow, caller: CurrentCaller, person: str, command: SetAttribute
    ) -> AttributeHistory:
        """Set or clear one attribute by hand."""
        return await profiles.set_attribute(uow, read_person_id(person), command, actor=caller.name)

    @routes.get("/attribute-policies")
    async def list_attribute_policies(uow: RequestUow) -> AttributePolicies:
        """List the attributes of which something else than the newest statement counts."""
        return await profiles.policies(uow)

    @routes.put("/attribute-policies")
    async def set_attribute_policy(
        uow: RequestUow, caller: CurrentCaller, command: SetAttributePolicy
    ) -> AttributePolicies:
        """Say which statement of an attribute counts."""
        return await profiles.set_policy(uow, command, actor=caller.name)

    return routes
