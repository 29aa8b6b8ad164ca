"""Putting the rooms of access control together: members, roles, signing in."""

from fastapi import APIRouter

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.tenants.access.members import routes as member_routes
from quanyu.modules.tenants.access.members.service import Members
from quanyu.modules.tenants.access.passwords.hashing import Hasher
from quanyu.modules.tenants.access.roles import routes as role_routes
from quanyu.modules.tenants.access.roles.service import Roles
from quanyu.modules.tenants.service import Tenants


def access_routers(uows: UnitOfWorkFactory, tenants: Tenants, *, public_url: str) -> tuple[APIRouter, ...]:
    """Return the routes of access control."""
    members = Members(uows, tenants, Hasher(), public_url=public_url)
    return (
        member_routes.router(members),
        member_routes.public_router(members, public_url=public_url),
        role_routes.router(Roles()),
    )
