"""Declaring a call of 微信支付: signed, at the pay host.

Every amount is an integer of fen. Calls that carry a number of ours (order, refund, bill …) may be
repeated unchanged: the platform knows the number.
"""

from quanyu.wechat.calls import Answer, AnswerT, Call, Host, JsonPart, Method, Part, Proof, Request, RequestT

__all__ = ["Answer", "Meta", "Part", "Request", "pay_call"]


class Meta(JsonPart, frozen=True):
    """What is signed of an upload. ``sha256`` is hexadecimal, of the file."""

    filename: str
    sha256: str


def pay_call(
    method: Method,
    path: str,
    request: type[RequestT],
    answer: type[AnswerT],
    *,
    repeatable: bool = True,
    query: tuple[str, ...] = (),
) -> Call[RequestT, AnswerT]:
    """Return the declaration; ``repeatable`` unless said otherwise, for nearly every call is."""
    return Call(
        method,
        path,
        request,
        answer,
        proof=Proof.SIGNATURE,
        repeatable=repeatable,
        query=query,
        host=Host.PAY,
    )
