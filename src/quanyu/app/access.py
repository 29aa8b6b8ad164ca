"""Putting the rooms of access control together: members, roles, signing in."""

from fastapi import APIRouter, FastAPI

from quanyu.infra.call_pace import PaceHeaders
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.tenants.access.api_tokens import routes as api_token_routes
from quanyu.modules.tenants.access.api_tokens.service import ApiTokens
from quanyu.modules.tenants.access.members import routes as member_routes
from quanyu.modules.tenants.access.members.service import Members
from quanyu.modules.tenants.access.passwords import routes as password_routes
from quanyu.modules.tenants.access.passwords.hashing import Hasher
from quanyu.modules.tenants.access.passwords.service import Passwords
from quanyu.modules.tenants.access.roles import routes as role_routes
from quanyu.modules.tenants.access.roles.service import Roles
from quanyu.modules.tenants.access.sessions import routes as session_routes
from quanyu.modules.tenants.access.sessions.service import Sessions
from quanyu.modules.tenants.service import Tenants


def install_access(
    app: FastAPI, uows: UnitOfWorkFactory, tenants: Tenants, *, public_url: str
) -> tuple[APIRouter, ...]:
    """Return the routes of access control, once ``app`` knows how to tell of too many attempts and calls."""
    app.add_middleware(PaceHeaders)
    password_routes.install(app)
    hasher = Hasher()
    members = Members(uows, tenants, hasher, public_url=public_url)
    passwords = Passwords(uows, tenants, hasher)
    return (
        member_routes.router(members),
        member_routes.public_router(members, public_url=public_url),
        password_routes.public_router(passwords, public_url=public_url),
        password_routes.router(passwords),
        role_routes.router(Roles()),
        session_routes.router(Sessions()),
        api_token_routes.router(ApiTokens()),
    )
