"""The console's types are generated from the description the server really gives.

``QUANYU_SAVE_API=1`` writes the served description over the committed one; ``npm run api`` in ``web/`` does
the rest.
"""

import json
import os
from pathlib import Path

import pytest

from support.processes import HTTP

from .conftest import Console

pytestmark = pytest.mark.browser

DESCRIPTION = Path(__file__).parents[3] / "web" / "openapi.json"


def test_the_committed_description_is_the_servers(console: Console) -> None:
    served = HTTP.get(f"{console.url}/api/openapi.json").json()
    if os.environ.get("QUANYU_SAVE_API"):
        text = json.dumps(served, ensure_ascii=False, indent=1, sort_keys=True)
        DESCRIPTION.write_text(f"{text}\n")

    assert json.loads(DESCRIPTION.read_text()) == served, (
        "the API changed: run this test with QUANYU_SAVE_API=1, then `npm run api` in web/"
    )
