"""/api/v1/sign-in and /api/v1/password-reset for strangers, /api/v1/account for one's own account."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from quanyu.infra import permits
from quanyu.infra.web import CurrentCaller, RequestUow, problem, status_of
from quanyu.modules.tenants.access.cookie import device_of, give_session, refuse_foreign_page, token_of
from quanyu.modules.tenants.access.errors import TooManyAttempts
from quanyu.modules.tenants.access.passwords.contracts import (
    OwnAccount,
    OwnAccountChange,
    PasswordChange,
    PasswordReset,
    ResetLook,
    ResetView,
    SignIn,
    SignInAnswer,
)
from quanyu.modules.tenants.access.passwords.service import Passwords


def install(app: FastAPI) -> None:
    """Let answers about too many attempts say when to come again."""
    app.add_exception_handler(TooManyAttempts, _render_too_many)


def public_router(passwords: Passwords, *, public_url: str) -> APIRouter:
    """Return the routes of people who are not signed in."""
    routes = APIRouter(prefix="/api/v1", tags=["access"])

    @routes.post("/sign-in")
    async def sign_in(request: Request, response: Response, wanted: SignIn) -> SignInAnswer:
        """Sign in by e-mail address and password; the session comes as a cookie."""
        refuse_foreign_page(request, public_url)
        done = await passwords.sign_in(wanted, device_of(request))
        if done.token:
            give_session(response, done.token, public_url=public_url)
        return done.answer

    @routes.post("/password-reset/look")
    async def look_at_reset(sent: ResetLook) -> ResetView:
        """Tell whose password a link resets."""
        return await passwords.look_at_reset(sent.code)

    @routes.post("/password-reset", status_code=204)
    async def reset_password(request: Request, wanted: PasswordReset) -> None:
        """Set a new password by a link; every session of the account ends."""
        refuse_foreign_page(request, public_url)
        await passwords.reset(wanted)

    return routes


def router(passwords: Passwords) -> APIRouter:
    """Return the routes of one's own account."""
    routes = APIRouter(prefix="/api/v1/account", tags=["access"], dependencies=[permits.PERSON])

    @routes.get("")
    async def get_own_account(caller: CurrentCaller, uow: RequestUow) -> OwnAccount:
        """Return one's own account."""
        return await passwords.own_account(uow, caller.user_id)

    @routes.put("", status_code=204)
    async def change_own_account(caller: CurrentCaller, wanted: OwnAccountChange) -> None:
        """Change one's own name and e-mail address."""
        await passwords.change_own_account(caller.tenant_id, caller.user_id, wanted)

    @routes.put("/password", status_code=204)
    async def change_own_password(request: Request, caller: CurrentCaller, wanted: PasswordChange) -> None:
        """Set one's own password; every other session ends."""
        await passwords.change_password(caller.tenant_id, caller.user_id, wanted, session=token_of(request))

    return routes


async def _render_too_many(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, TooManyAttempts)
    answer = problem(
        status_of(error),
        error.code,
        error.message,
        detail_zh=error.message_zh,
        details={"retry_after_s": error.retry_after_s},
    )
    answer.headers["retry-after"] = str(error.retry_after_s)
    return answer
