"""The questions in the reference are ones this release reads."""

import re
from pathlib import Path

from quanyu.modules.insight.behaviour.language import Funnel, Retention, Trend

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "behaviour.md"


def test_examples_are_questions() -> None:
    questions = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
    funnel, retention, trend = questions[:3]
    assert len(Funnel.model_validate_json(funnel).steps) == 3
    assert Retention.model_validate_json(retention).periods == 7
    assert Trend.model_validate_json(trend).compare
