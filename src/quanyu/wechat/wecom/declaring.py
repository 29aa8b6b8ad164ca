"""How a call of WeCom is declared: all lie below ``/cgi-bin`` of one host, with the token in the query."""

from quanyu.wechat.calls import AnswerT, Call, Host, RequestT


def get(
    path: str, request: type[RequestT], answer: type[AnswerT], *, repeatable: bool = True
) -> Call[RequestT, AnswerT]:
    """Declare a call by GET; such calls read, or delete what stays deleted."""
    return Call("GET", f"/cgi-bin{path}", request, answer, repeatable=repeatable, host=Host.WECOM)


def post(
    path: str,
    request: type[RequestT],
    answer: type[AnswerT],
    *,
    repeatable: bool = False,
    query: tuple[str, ...] = (),
) -> Call[RequestT, AnswerT]:
    """Declare a call by POST; ``query`` names the fields that travel in the query."""
    return Call(
        "POST", f"/cgi-bin{path}", request, answer, repeatable=repeatable, query=query, host=Host.WECOM
    )


def ask(path: str, request: type[RequestT], answer: type[AnswerT]) -> Call[RequestT, AnswerT]:
    """Declare a call by POST that only reads."""
    return post(path, request, answer, repeatable=True)
