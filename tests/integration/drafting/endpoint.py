"""An OpenAI-compatible endpoint of our own, over real HTTP, that says what a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "sk-test-一".encode().hex()


@dataclass
class Endpoint:
    """Answers are taken in turn; the last one stays. What was asked is kept."""

    url: str = ""
    answers: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    knows_schemas: bool = True

    def says(self, *answers: Any) -> None:
        """Let it answer so: an object as JSON text, a text as it is, a response as it is."""
        self.answers, self.asked, self.keys = list(answers), [], []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("authorization", ""))
        if not self.knows_schemas and self.asked[-1]["response_format"]["type"] == "json_schema":
            return web.json_response({"error": {"message": "unknown response_format"}}, status=400)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, web.StreamResponse):
            return answer
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = {}
        content = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
        return web.json_response(
            {
                "choices": [{"message": {"role": "assistant", "content": content}}],
                "usage": {"prompt_tokens": 1_000, "completion_tokens": 200},
            }
        )


@asynccontextmanager
async def running() -> AsyncIterator[Endpoint]:
    """Serve on a free port of this machine."""
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", endpoint.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    endpoint.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield endpoint
    finally:
        await runner.cleanup()
