"""The tour names what a newcomer finds: the demo's segments, journeys, crowd and speed."""

import inspect
import json
from pathlib import Path

import pytest

from quanyu.app import cli, demo, demo_content
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.messaging.contracts import TemplateRecord
from quanyu.modules.segments.tree import parse_definition

ROOT = Path(__file__).parents[3]
READMES = [pytest.param(ROOT / name, id=name) for name in ("README.md", "README.zh-CN.md")]


@pytest.mark.parametrize("page", READMES)
def test_segments_and_journeys_have_their_names(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    names = [name for name, _, _ in demo_content.SEGMENTS] + _journey_names()
    assert [name for name in names if name not in text] == []
    assert f"{demo.PEOPLE} " in text


def test_the_clock_runs_as_fast_as_said() -> None:
    assert inspect.signature(cli.up).parameters["speed"].default == 20.0
    assert "twenty times" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "二十倍" in (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples" / "segments").glob("*.json")), ids=lambda it: it.stem
)
def test_example_segments_can_be_read(path: Path) -> None:
    parse_definition(json.loads(path.read_text(encoding="utf-8")))


def _journey_names() -> list[str]:
    templates = tuple(_template(title) for title in ("会员权益变更提醒", "订单支付成功通知"))
    makers = (demo_content._welcome, demo_content._after_order)
    return [maker("oac_1", templates).name for maker in makers]


def _template(title: str) -> TemplateRecord:
    return TemplateRecord(account_id=AccountId(1), template_id="t", title=title, fields=("thing1",))
