"""What broadcasts state in the log: whose turn came, and who was held out to compare with."""

from datetime import datetime
from typing import Final

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId

ENTERED: Final = "plays.broadcast_entered"
SENT_GROUP: Final = "sent"
CONTROL_GROUP: Final = "control"


def entered(broadcast: str, run: int, person: int, group: str, timing: str, *, at: datetime) -> Fact:
    """State that somebody is in the audience of a run, and in which group; once per person and run."""
    return Fact(
        name=ENTERED,
        message_id=f"{broadcast}:{run}:{person}",
        occurred_at=at,
        person_id=PersonId(person),
        properties={"broadcast": broadcast, "run": run, "group": group, "timing": timing},
    )
