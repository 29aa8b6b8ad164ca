"""What hangs on a person follows when two turn out to be one, and goes back when they come apart."""

from collections.abc import Mapping, Sequence

from quanyu.flows.tag_mirroring.queries import LinkQueries
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.service import Channels
from quanyu.modules.community.groups.service import Groups
from quanyu.modules.experiments.following import ExposedPeople
from quanyu.modules.forms.following import FormPeople
from quanyu.modules.insight.computed.service import ComputedAttributes
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.messaging.service import Messaging
from quanyu.modules.people.companies.following import CompanyPeople
from quanyu.modules.people.consent.service import Consent
from quanyu.modules.people.contracts import Departure, Merge
from quanyu.modules.segments.lists.following import ListPeople
from quanyu.modules.staff.codes.states import CodeStates
from quanyu.modules.staff.customers.service import Customers


class PersonMerge:
    """Called in the transaction that merges or parts, so nobody ever sees half of it."""

    def __init__(
        self,
        channels: Channels,
        customers: Customers,
        code_states: CodeStates,
        groups: Groups,
        messaging: Messaging,
        journeys: Journeys,
        consent: Consent,
        computed: ComputedAttributes,
    ) -> None:
        self._channels = channels
        self._customers = customers
        self._code_states = code_states
        self._groups = groups
        self._messaging = messaging
        self._journeys = journeys
        self._consent = consent
        self._computed = computed
        self._forms = FormPeople()
        self._lists = ListPeople()
        self._companies = CompanyPeople()
        self._exposed = ExposedPeople()

    async def follow(
        self, uow: UnitOfWork, merges: Sequence[Merge], departures: Sequence[Departure]
    ) -> Mapping[str, int]:
        """Move followers, customers, answers, messages and passages to who their people are now; idempotent.

        Who left somebody goes first: whoever is then still under an id that was absorbed moves with it.
        Return how much of each kind went to those who left.
        """
        moved = await self._part(uow, departures) if departures else {}
        if merges:
            await self._unite(uow, merges)
        await self._computed.follow(uow, merges, departures)
        changed = {merge.to_id for merge in merges} | {one.from_id for one in departures}
        await LinkQueries(uow).give_turns(changed | {one.to_id for one in departures})
        return moved

    async def _unite(self, uow: UnitOfWork, merges: Sequence[Merge]) -> None:
        known_as = {PersonId(merge.from_id): PersonId(merge.to_id) for merge in merges}
        await self._channels.repoint_people(uow, known_as)
        await self._customers.follow_merges(uow, known_as)
        await self._code_states.follow_merges(uow, known_as)
        await self._groups.follow_merges(uow, known_as)
        await self._forms.follow_merges(uow, known_as)
        await self._lists.follow_merges(uow, known_as)
        await self._companies.follow_merges(uow, known_as)
        await self._exposed.follow_merges(uow, known_as)
        await self._messaging.follow_merges(uow, known_as)
        await self._journeys.follow_merges(uow, [(merge.from_id, merge.to_id) for merge in merges])

    async def _part(self, uow: UnitOfWork, departures: Sequence[Departure]) -> Mapping[str, int]:
        """What belongs to an identifier goes with it; the rest with the id under which it was first kept."""
        left = [(one.token, one.from_id, one.to_id) for one in departures]
        splits = [(one.person_id, one.from_id, one.to_id) for one in departures if one.person_id is not None]
        openids = await self._channels.follow_splits(uow, left)
        return {
            "followers": len(openids),
            "customers": await self._customers.follow_splits(uow, left),
            "inviter_codes": await self._code_states.follow_splits(uow, splits),
            "group_stays": await self._groups.follow_splits(uow, left),
            "messages": await self._messaging.follow_splits(uow, splits, openids),
            "consents": await self._consent.follow_splits(uow, splits),
            "form_answers": await self._forms.follow_splits(uow, splits),
            "list_entries": await self._lists.follow_splits(uow, departures),
            "exposures": await self._exposed.follow_splits(uow, splits),
            "company_contacts": await self._companies.follow_splits(uow, splits),
            "passages": await self._journeys.follow_splits(uow, splits),
        }
