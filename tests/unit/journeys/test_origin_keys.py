"""What a passage sends names the passage, and only its own names are taken for one (JN-14)."""

import pytest

from quanyu.modules.journeys.rules import enrolment_of, origin_key


def test_a_key_leads_back_to_its_passage() -> None:
    assert enrolment_of(origin_key(123_456_789, 7)) == 123_456_789


@pytest.mark.parametrize("key", ["", "order:42", "journey:", "journey:enr_:1", "journey:per_1:1"])
def test_keys_of_others_are_nobodys_passage(key: str) -> None:
    assert enrolment_of(key) is None
