"""The console's types are generated from the description the server really gives."""

import json
from pathlib import Path

import httpx
import pytest

from .conftest import Console

pytestmark = pytest.mark.browser

DESCRIPTION = Path(__file__).parents[3] / "web" / "openapi.json"


def test_the_committed_description_is_the_servers(console: Console) -> None:
    served = httpx.get(f"{console.url}/api/openapi.json").json()

    assert json.loads(DESCRIPTION.read_text()) == served, (
        "the API changed: save /api/openapi.json as web/openapi.json and run `npm run api` in web/"
    )
