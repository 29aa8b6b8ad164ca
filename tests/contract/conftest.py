"""What all tests against the sandbox share."""

import os

import pytest


@pytest.fixture(scope="session")
def saving() -> bool:
    """Whether this run writes down which endpoints were reached, instead of comparing."""
    return os.environ.get("QUANYU_SAVE_COVERAGE") == "1"
