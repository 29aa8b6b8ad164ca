"""All the places a package is gathered from, in their order."""

from pathlib import Path

from quanyu.flows.intake import Intake
from quanyu.flows.rights.packages.sources import aside, history, money
from quanyu.flows.rights.packages.sources.answers import FormAnswers
from quanyu.flows.rights.packages.sources.base import Source, Tools
from quanyu.flows.rights.packages.sources.tables import from_tables
from quanyu.infra.warehouse import Warehouse
from quanyu.infra.work_pool import WorkPool
from quanyu.modules.events.archive.reader import LogArchive


def all_sources(
    tools: Tools, *, warehouse: Warehouse, archive: LogArchive, intake: Intake, pool: WorkPool, imports: Path
) -> tuple[Source, ...]:
    """Return the sources; rows of one section come one after the other.

    The log is read before the archive: what it lets go of meanwhile is in a file by then.
    """
    return (
        *from_tables(tools),
        FormAnswers(tools),
        money.Payments(tools, warehouse),
        history.LogEvents(tools),
        history.ArchivedEvents(tools, archive),
        history.KeptEvents(tools, warehouse),
        history.WarehouseProfile(tools, warehouse),
        aside.SetAside(tools, intake),
        aside.ListRejects(tools),
        aside.Uploads(tools, pool, imports),
        aside.ImportLeftovers(tools, imports),
    )
