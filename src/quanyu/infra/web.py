"""What every HTTP door shares: who is calling, the request's unit of work, problem details."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import psycopg
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from quanyu.infra import auditing
from quanyu.infra.auditing import Note
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.validation_words import explain_in_chinese
from quanyu.infra.waiting import rouse
from quanyu.kernel.errors import AppError, ErrorKind
from quanyu.kernel.ids import TenantId
from quanyu.kernel.permissions import Permission

_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# What the driver says of a NUL in a text, and the server of an escaped one in JSON.
_NUL: Final = re.compile(r"NUL|\\u0000")
_STATUS: Final = {
    ErrorKind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorKind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    ErrorKind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    ErrorKind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorKind.CONFLICT: HTTPStatus.CONFLICT,
    ErrorKind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    ErrorKind.RATE_LIMITED: HTTPStatus.TOO_MANY_REQUESTS,
    ErrorKind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
# What the framework itself refuses, in Chinese; its English words name the address or the method.
_FRAMEWORK_ZH: Final = {
    400: "请求体无法解析",
    404: "没有这个地址",
    405: "此地址不支持该请求方法",
    413: "请求内容过大",
    415: "不支持的内容类型",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling: a person in the console, a program of theirs, or this machine (``user_id`` 0)."""

    tenant_id: TenantId
    user_id: int
    name: str
    is_local: bool = False
    role: str = ""
    permissions: frozenset[Permission] = frozenset()  # Nothing, unless somebody says otherwise.
    is_program: bool = False  # By an API token: has no account, no sessions, and makes no tokens.

    def may(self, permission: Permission) -> bool:
        """Whether the caller's role has a permission."""
        return permission in self.permissions


class Unauthenticated(AppError):
    """The request carries no valid session or token."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "quanyu.unauthenticated"


class ForeignPage(AppError):
    """A page of another origin tried to act with somebody's session cookie."""

    kind = ErrorKind.FORBIDDEN
    code = "quanyu.foreign_page"


class LocalOnly(AppError):
    """This call is for the command line on the machine itself."""

    kind = ErrorKind.FORBIDDEN
    code = "quanyu.local_only"


Authenticate = Callable[[Request], Awaitable[Caller]]


def is_from_elsewhere(request: Request, public_host: str) -> bool:
    """Whether a browser says that another page wants to change something.

    ``SameSite`` alone lets other ports of this machine and sister domains through.
    """
    if request.method in _READING:
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc not in (request.headers.get("host"), public_host)


def install(
    app: FastAPI, *, authenticate: Authenticate, uows: UnitOfWorkFactory, note: Note | None = None
) -> None:
    """Give ``app`` its way to know callers, open units of work and note deeds, and its error pages."""
    app.state.authenticate = authenticate
    app.state.uows = uows
    if note is not None:
        auditing.install(app.state, note)
    app.add_exception_handler(AppError, _render_app_error)
    app.add_exception_handler(RequestValidationError, _render_validation_error)
    app.add_exception_handler(HTTPException, _render_http_exception)
    app.add_exception_handler(DBAPIError, _render_database_error)
    app.add_exception_handler(psycopg.DataError, _render_database_error)
    app.add_exception_handler(Exception, _render_defect)


async def current_caller(request: Request) -> Caller:
    """Return who is calling.

    Raises:
        Unauthenticated: no valid session or token.
    """
    authenticate: Authenticate = request.app.state.authenticate
    return await authenticate(request)


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def local_caller(caller: CurrentCaller) -> Caller:
    """Return the caller if it is the command line of this machine.

    Raises:
        LocalOnly: it is somebody else.
    """
    if not caller.is_local:
        raise LocalOnly(
            "this call is only for the command line on the machine itself",
            message_zh="此接口仅供本机命令行使用",
        )
    return caller


LocalCaller = Annotated[Caller, Depends(local_caller)]


async def _request_uow(request: Request, caller: CurrentCaller) -> AsyncIterator[UnitOfWork]:
    uows: UnitOfWorkFactory = request.app.state.uows
    async with uows.app(caller.tenant_id) as uow:
        yield uow
        await auditing.note_with(uow, request)
    if request.method not in _READING:
        rouse()


# The function scope commits before the answer is sent: an answer means it happened.
RequestUow = Annotated[UnitOfWork, Depends(_request_uow, scope="function")]


def problem(status: int, code: str, detail: str, *, detail_zh: str = "", **more: Any) -> JSONResponse:
    """Render a problem (RFC 9457)."""
    body = {
        "type": f"urn:quanyu:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "detail_zh": detail_zh or detail,
        **more,
    }
    return JSONResponse(body, status, media_type="application/problem+json")


def status_of(error: AppError) -> int:
    """Return the HTTP status of a domain error."""
    return int(_STATUS[error.kind])


async def _render_app_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AppError)
    details = {
        key: value for key, value in error.details.items() if isinstance(value, str | int | list | dict)
    }
    return problem(status_of(error), error.code, error.message, detail_zh=error.message_zh, details=details)


async def _render_validation_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {
            "where": ".".join(str(part) for part in item["loc"]),
            "what": item["msg"],
            "what_zh": explain_in_chinese(item),
        }
        for item in error.errors()[:20]
    ]
    first = errors[0] if errors else {"where": "", "what": "", "what_zh": ""}
    return problem(
        422,
        "quanyu.invalid_input",
        f"{first['where']}: {first['what']}",
        detail_zh=f"请求内容有误：{first['where']}：{first['what_zh']}",
        errors=errors,
    )


async def _render_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = problem(
        error.status_code,
        f"http.{error.status_code}",
        str(error.detail),
        detail_zh=_FRAMEWORK_ZH.get(error.status_code, f"请求未被接受（HTTP {error.status_code}）"),
    )
    answer.headers.update(error.headers or {})  # 405 says which methods are served.
    return answer


async def _render_database_error(_: Request, error: Exception) -> JSONResponse:
    """Answer a text with a NUL, which PostgreSQL cannot hold; what else it refuses is a defect of ours."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.DataError) or not _NUL.search(str(cause)):
        raise error
    return problem(
        422,
        "quanyu.invalid_input",
        "a text of this request holds a NUL character, which cannot be stored or looked for",
        detail_zh="请求中的文字含有 NUL 字符，无法存储或查询",
    )


async def _render_defect(_: Request, error: Exception) -> JSONResponse:
    """Tell that it is our fault and nothing of its inside; the server logs the error itself."""
    return problem(
        500,
        "quanyu.internal_error",
        "something went wrong inside the platform; its log says what",
        detail_zh="平台内部出错，详情见平台日志",
    )
