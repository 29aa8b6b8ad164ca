"""What experiments state in the log."""

from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId, encode_id

PREFIX: Final = "exp"
EXPOSED: Final = "experiments.exposed"


def exposed_fact(experiment_id: int, name: str, person: PersonId, arm: str, *, at: datetime) -> Fact:
    """State that somebody met an arm for the first time; once per person and experiment."""
    experiment = encode_id(PREFIX, experiment_id)
    return Fact(
        name=EXPOSED,
        message_id=f"{EXPOSED}:{experiment}:{person}",
        occurred_at=at,
        person_id=person,
        properties={"experiment": experiment, "name": name, "arm": arm},
    )
