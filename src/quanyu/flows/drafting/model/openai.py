"""Chat completions as OpenAI defined them and many speak: https://platform.openai.com/docs/api-reference/chat."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from quanyu.flows.drafting.model.errors import ModelFailed
from quanyu.flows.drafting.model.ports import Reply, Said
from quanyu.flows.drafting.model.queries import KeptModel
from quanyu.infra.outbound import Answered, Outbound, OutboundFailed

_TOKENS_OUT_MAX: Final = 4_000
_TOKENS_SANE: Final = 10**8
_REASONS: Final = {401: "refused_key", 403: "refused_key", 404: "no_such_model", 429: "too_many"}


class OpenAiCompatible:
    """``ports.Provider`` over HTTP."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def ask(self, model: KeptModel, said: Sequence[Said], schema: Mapping[str, Any]) -> Reply:
        """Ask for JSON of a schema; of an endpoint that knows no schemas, for plain JSON.

        Raises:
            ModelFailed: nothing usable came back.
        """
        shape = {"type": "json_schema", "json_schema": {"name": "draft", "schema": dict(schema)}}
        answer = await self._post(model, said, shape)
        if answer.status in (400, 422):
            answer = await self._post(model, said, {"type": "json_object"})
        if answer.status != 200:
            raise ModelFailed(_REASONS.get(answer.status, "refused"))
        return _reply(answer.body)

    async def _post(self, model: KeptModel, said: Sequence[Said], shape: Mapping[str, Any]) -> Answered:
        body = {
            "model": model.model,
            "messages": [{"role": one.role, "content": one.content} for one in said],
            "temperature": 0,
            "max_tokens": _TOKENS_OUT_MAX,
            "response_format": shape,
        }
        headers = {"authorization": f"Bearer {model.api_key}"} if model.api_key else {}
        try:
            return await self._outbound.post(
                f"{model.base_url}/chat/completions", body, headers=headers, timeout_s=model.timeout_s
            )
        except OutboundFailed as error:
            raise ModelFailed(error.reason) from error


def _reply(body: Any) -> Reply:
    try:
        content = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise ModelFailed("no_answer") from error
    if not isinstance(content, str) or not content.strip():
        raise ModelFailed("no_answer")
    usage = body.get("usage")
    return Reply(content, _tokens(usage, "prompt_tokens"), _tokens(usage, "completion_tokens"))


def _tokens(usage: Any, key: str) -> int:
    value = usage.get(key) if isinstance(usage, dict) else 0
    return value if isinstance(value, int) and 0 <= value < _TOKENS_SANE else 0
