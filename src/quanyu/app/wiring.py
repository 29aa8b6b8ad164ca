"""Putting the parts together: the one place that knows every module."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from quanyu.app.adapters import (
    AccountRecipients,
    AccountSenders,
    Enrichment,
    JourneyPersons,
    PeopleVariables,
    SegmentAudience,
    TenantZones,
    sending_is_held,
)
from quanyu.app.analysing import AnalysisServices, build_analyses
from quanyu.app.broadcasting import BroadcastServices, build_broadcasts
from quanyu.app.communities import CommunityServices, build_communities
from quanyu.app.companies import CompanyServices, build_companies
from quanyu.app.computing import ComputingServices, build_computing
from quanyu.app.consenting import ConsentServices, build_consents
from quanyu.app.drafting import DraftingServices, build_drafting
from quanyu.app.importing import ImportServices, build_imports
from quanyu.app.journey_changes import JourneyChanges, JourneyChanging
from quanyu.app.matching import MatchServices, build_matching
from quanyu.app.people_lists import PeopleListServices, build_people_lists
from quanyu.app.profiles import ProfileServices, build_profiles
from quanyu.app.replaying import build_replays
from quanyu.app.retaining import dropped_before
from quanyu.app.rights import RightsServices, build_rights
from quanyu.app.segment_rooms import build_lookalikes
from quanyu.app.settings import Settings
from quanyu.app.staffing import StaffServices, build_staff
from quanyu.app.tag_mirroring import MirrorServices, build_tag_mirroring
from quanyu.app.tracking.desk import EventDesk, build_event_desk
from quanyu.app.understanding import UnderstandingServices, build_understanding
from quanyu.app.welcoming import WelcomeServices, build_welcomes
from quanyu.app.workers import Workers
from quanyu.flows.attribute_uses import AttributeUses
from quanyu.flows.gateways.recipients import GatewayRecipients
from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.flows.gateways.service import Gateways
from quanyu.flows.gateways.sms_reports import SmsReports
from quanyu.flows.intake import Intake, IntakeEvent
from quanyu.flows.person_merge import PersonMerge
from quanyu.flows.pipeline.dead_letters import DeadLetters
from quanyu.flows.pipeline.passing import Passing
from quanyu.flows.pipeline.react import BatchNames, React, Subscriber
from quanyu.flows.pipeline.replay import Replays
from quanyu.flows.pipeline.replay_worker import ReplayWorker
from quanyu.flows.pipeline.resolve import Resolve
from quanyu.flows.pipeline.runner import Pipeline
from quanyu.flows.pipeline.store import Store
from quanyu.flows.staff_rename import StaffRenames
from quanyu.flows.tag_rules import TagRuleKeeper, TagRules
from quanyu.flows.template_sync import TemplateSync
from quanyu.infra.crypto import KeyRing
from quanyu.infra.outbound import Outbound
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.modules.channels.callback_log import CallbackLog
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.codes.issuing import CodeIssuer
from quanyu.modules.channels.codes.service import SourceCodeDesk
from quanyu.modules.channels.codes.statistics import CodeFigures
from quanyu.modules.channels.codes.subscribers import SourceCodeSubscriber
from quanyu.modules.channels.door import CallbackDoor
from quanyu.modules.channels.followers import FollowerSubscriber
from quanyu.modules.channels.gateways.service import GatewayDesk
from quanyu.modules.channels.health.refusals import RefusalNotes
from quanyu.modules.channels.health.service import AccountHealthDesk
from quanyu.modules.channels.materials.service import MaterialShelf
from quanyu.modules.channels.menus.service import MenuDesk
from quanyu.modules.channels.mini_programs.people import MiniProgramPeople
from quanyu.modules.channels.mini_programs.service import MiniProgramDesk
from quanyu.modules.channels.replies.figures import AnswerFigures
from quanyu.modules.channels.replies.late import LateReplySender
from quanyu.modules.channels.replies.responder import ReplyBooks
from quanyu.modules.channels.replies.service import AutoReplies
from quanyu.modules.channels.service import Channels
from quanyu.modules.channels.syncs.service import AccountSyncs
from quanyu.modules.channels.syncs.worker import SyncWorker
from quanyu.modules.channels.tags.service import TagDesk
from quanyu.modules.channels.tags.worker import TagWorker
from quanyu.modules.channels.user_info import UserInfoWorker
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.channels.wecom.service import CorpDesk
from quanyu.modules.events.archive.catalogue import Catalogue
from quanyu.modules.events.archive.contracts import ArchiveSettings
from quanyu.modules.events.archive.reader import LogArchive
from quanyu.modules.events.collector import Collector
from quanyu.modules.events.service import Log
from quanyu.modules.experiments.analysis.service import Results
from quanyu.modules.experiments.bandits import Bandits
from quanyu.modules.experiments.service import Experiments
from quanyu.modules.forms.subscribers import AnswerSubscriber
from quanyu.modules.forms.tickets import FormTickets
from quanyu.modules.forms.uploads import FileDoor
from quanyu.modules.insight.orders import Orders
from quanyu.modules.journeys.engine import Engine
from quanyu.modules.journeys.migrating.service import Migrations as JourneyMigrations
from quanyu.modules.journeys.replay.service import Replays as JourneyReplays
from quanyu.modules.journeys.service import Journeys
from quanyu.modules.journeys.subscribers import JourneySubscriber
from quanyu.modules.links.chores import LinkChores
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.links.statistics import LinkFigures
from quanyu.modules.messaging.credit_subscriber import CreditSubscriber
from quanyu.modules.messaging.dispatcher import Dispatcher
from quanyu.modules.messaging.lease import WorkerLease
from quanyu.modules.messaging.outbox import Outbox
from quanyu.modules.messaging.sealing import Sealer
from quanyu.modules.messaging.service import Messaging, MessagingPorts
from quanyu.modules.messaging.subscribers import ReceiptSubscriber, WindowSubscriber
from quanyu.modules.payments.service import Payments
from quanyu.modules.people.copier import ProfileCopier
from quanyu.modules.people.resolver import Resolver
from quanyu.modules.people.separation.service import IdentityDesk
from quanyu.modules.people.service import People
from quanyu.modules.people.tags.chores import TagChores
from quanyu.modules.people.tags.service import PersonTags
from quanyu.modules.segments.lists.members import ListMembers
from quanyu.modules.segments.lookalike.service import Lookalikes
from quanyu.modules.segments.refresh import Refresher
from quanyu.modules.segments.service import Segments
from quanyu.modules.staff.customers.hook import ContactHook
from quanyu.modules.staff.sidebar.signing_in import SidebarSessions
from quanyu.modules.tenants.audit.service import AuditLog
from quanyu.modules.tenants.service import Tenants
from quanyu.wechat.transport import Pool, open_transport


@dataclass(frozen=True, slots=True)
class Services:
    """Every use case of the platform, ready to be called."""

    settings: Settings
    database: Database
    warehouse: Warehouse
    keyring: KeyRing
    uows: UnitOfWorkFactory
    tenants: Tenants
    audit: AuditLog
    intake: Intake
    people: People
    person_tags: PersonTags
    consents: ConsentServices
    rights: RightsServices
    profiles: ProfileServices
    people_lists: PeopleListServices
    tag_rules: TagRules
    tag_mirroring: MirrorServices
    identity_desk: IdentityDesk
    matching: MatchServices
    channels: Channels
    clients: AccountClients
    gateways: Gateways
    mini_programs: MiniProgramDesk
    mini_program_people: MiniProgramPeople
    corps: Corps
    corp_desk: CorpDesk
    corp_clients: CorpClients
    staff: StaffServices
    welcomes: WelcomeServices
    communities: CommunityServices
    replies: AutoReplies
    tags: TagDesk
    syncs: AccountSyncs
    codes: SourceCodeDesk
    code_issuer: CodeIssuer
    menus: MenuDesk
    materials: MaterialShelf
    account_health: AccountHealthDesk
    segments: Segments
    lookalikes: Lookalikes
    orders: Orders
    understanding: UnderstandingServices
    analyses: AnalysisServices
    computing: ComputingServices
    companies: CompanyServices
    messaging: Messaging
    links: ShortLinks
    experiments: Experiments
    experiment_results: Results
    broadcasting: BroadcastServices
    templates: TemplateSync
    journeys: Journeys
    journey_replays: JourneyReplays
    journey_migrations: JourneyMigrations
    drafting: DraftingServices
    importing: ImportServices
    payments: Payments
    callbacks: CallbackDoor[IntakeEvent]
    engine: Engine
    pipeline: Pipeline
    dead_letters: DeadLetters
    archive: LogArchive
    catalogue: Catalogue
    event_desk: EventDesk
    replays: Replays
    replay_worker: ReplayWorker
    workers: Workers


@asynccontextmanager
async def build_services(
    settings: Settings, database: Database, warehouse: Warehouse, keyring: KeyRing
) -> AsyncIterator[Services]:
    """Build every service; what needs closing is closed with the block."""
    async with AsyncExitStack() as stack:
        clock = settings.clock
        uows = UnitOfWorkFactory(database, clock)
        tenants = Tenants()
        audit = AuditLog(uows)
        log = Log()
        collector = await stack.enter_async_context(Collector(log, database.connect_system, clock))
        intake = Intake(log, collector, keyring)
        uows.write_facts_with(intake.write_facts)

        transport = await stack.enter_async_context(open_transport(pool=Pool(connections_max=300)))
        clients = AccountClients(uows, keyring, transport)
        corps, corp_clients = Corps(), CorpClients(uows, keyring, transport)
        welcomes = build_welcomes(
            uows, keyring, warehouse, tenants=tenants, corps=corps, clients=corp_clients
        )
        late_replies = LateReplySender(uows, keyring, clients, is_held=sending_is_held)
        callback_log = await stack.enter_async_context(
            CallbackLog(
                database.connect_system,
                clock,
                seal=intake.seal,
                append=log.append,
                announce=log.announce,
                on_late=late_replies.wake,
            )
        )
        books = ReplyBooks(uows)
        refusals = RefusalNotes(uows)
        callbacks: CallbackDoor[IntakeEvent] = CallbackDoor(
            uows=uows,
            keyring=keyring,
            clock=clock,
            new_event=IntakeEvent,
            keeper=callback_log,
            responder=books,
            notes=refusals,
            hooks=(ContactHook(keyring), welcomes.hook),
        )
        channels = Channels(
            keyring, clients, transport, public_url=settings.url, on_change=callbacks.forget_accounts
        )
        people, person_tags = People(keyring, warehouse), PersonTags(warehouse)
        consents = build_consents(uows, keyring, tenants, public_url=settings.url)
        rights = build_rights(settings, uows, database, warehouse, keyring, tenants, intake, consents)
        profiles = build_profiles(uows, keyring, people, warehouse)
        staff = build_staff(
            uows, keyring, tenants, people, corps, corp_clients, warehouse, public_url=settings.url
        )
        tag_mirroring = build_tag_mirroring(
            uows, channels, person_tags, tags := TagDesk(uows, clients), staff
        )
        segments = Segments(warehouse, people, tenants)
        lookalikes = build_lookalikes(uows, warehouse, keyring, segments)
        companies = build_companies(people, staff.directory, warehouse)
        people_lists = build_people_lists(
            uows, keyring, warehouse, people, tenants, segments, exports=settings.data.exports
        )
        computing = build_computing(uows, warehouse, people, tenants)
        communities = build_communities(
            uows, keyring, tenants, people, segments, staff, corp_clients, public_url=settings.url
        )
        understanding = build_understanding(uows, warehouse, people, tenants, keyring)
        people.enrich_with(Enrichment(channels, segments, understanding.rfm, understanding.lifetime))
        refresher = Refresher(uows, warehouse, tenants)
        segments.on_change(refresher.wake)
        segments.name_by(computing.computed)
        gateway_desk = GatewayDesk(keyring)
        gateway_senders = GatewaySenders(uows, gateway_desk, transport, Outbound(settings.webhook_hosts))
        recipients = AccountRecipients(channels, GatewayRecipients(gateway_desk, people))
        sealer = Sealer(keyring)
        links = ShortLinks(keyring, LinkFigures(warehouse), public_url=settings.url)
        messaging = Messaging(
            MessagingPorts(
                recipients=recipients,
                variables=PeopleVariables(people),
                zones=TenantZones(tenants),
                consent=consents.for_messages,
                preferences=consents.links.of,
                forms=FormTickets(keyring, public_url=settings.url),
                links=links,
            ),
            sealer,
        )
        dispatcher = Dispatcher(
            uows,
            Outbox(messaging.governor, recipients, sealer),
            AccountSenders(clients, gateway_senders),
            WorkerLease(database),
            lambda: tenants.list_ids(uows),
        )
        messaging.on_planned(dispatcher.wake)

        audience = SegmentAudience(segments, uows)
        changes = JourneyChanges(people, ListMembers(segments), TenantZones(tenants))
        journeys = Journeys(people, audience, messaging, changes)
        changing = JourneyChanging(uows, changes)
        persons = JourneyPersons(people, TenantZones(tenants))
        replays_of_journeys = build_replays(uows, warehouse, people, audience, messaging, journeys, persons)
        journey_migrations = JourneyMigrations(uows)
        engine = Engine(uows, audience, messaging, persons)
        importing = build_imports(
            uows, keyring, intake, database, person_tags, warehouse, directory=settings.data.imports
        )
        subscribers: list[Subscriber] = [
            FollowerSubscriber(),
            consents.subscriber,
            SourceCodeSubscriber(),
            *staff.subscribers,
            *communities.subscribers,
            StaffRenames(
                corps,
                [staff.codes.renames, staff.marks, welcomes.welcomes, communities.groups, SidebarSessions()],
            ),
            WindowSubscriber(recipients, sealer),
            CreditSubscriber(recipients, sealer),
            ReceiptSubscriber(recipients),
            AnswerSubscriber(),
            tag_mirroring.subscriber,
            companies.subscriber,
            importing.subscriber,
            JourneySubscriber(engine.wake),
        ]
        names = BatchNames()
        archive = LogArchive(settings.archive)
        archiving = ArchiveSettings(directory=settings.archive, keep_days=settings.log_days)
        replays = Replays(uows, warehouse, archive, again := dropped_before(uows, warehouse))
        replay_worker = ReplayWorker(replays)
        consumers = tuple(f"react:{subscriber.name}" for subscriber in subscribers)
        analyses = build_analyses(warehouse, people, tenants, uows, segments)
        reading = AttributeUses(segments, analyses.saved_questions, analyses.dashboards, journeys)
        computing.computed.read_by(reading)
        experiments = Experiments(analyses.metrics, messaging)
        results = Results(uows, warehouse, tenants, analyses.metrics, experiments)
        broadcasting = build_broadcasts(
            uows, warehouse, segments, messaging, people, tenants, experiments, understanding.rhythm
        )
        asking = (consumers, segments, computing.computed, analyses, journeys)
        event_desk = build_event_desk(settings, uows, database, warehouse, tenants, intake, *asking)
        hold = (channels, staff.customers, staff.codes.states, communities.groups)
        merging = PersonMerge(*hold, messaging, journeys, consents.consent, computing.computed)
        matching = build_matching(uows, keyring, people, merging)
        pipeline = Pipeline(
            Resolve(uows, Resolver(keyring), merging, forgets=rights.tombstones),
            Store(uows, warehouse, ProfileCopier(uows, warehouse), archive, again),
            reactions := [React(uows, one, people.canonical_ids, names, archive) for one in subscribers],
            Passing(uows, reactions, names),
        )
        log.on_append(pipeline.wake)
        payments = Payments(uows, keyring, transport, public_url=settings.url)
        code_issuer = CodeIssuer(uows, clients)
        yield Services(
            settings=settings,
            database=database,
            warehouse=warehouse,
            keyring=keyring,
            uows=uows,
            tenants=tenants,
            audit=audit,
            intake=intake,
            people=people,
            person_tags=person_tags,
            consents=consents,
            rights=rights,
            profiles=profiles,
            people_lists=people_lists,
            tag_rules=TagRules(uows, person_tags, segments),
            tag_mirroring=tag_mirroring,
            identity_desk=IdentityDesk(keyring, warehouse, merging),
            matching=matching,
            channels=channels,
            clients=clients,
            gateways=Gateways(uows, gateway_desk, gateway_senders, messaging),
            mini_programs=MiniProgramDesk(channels, keyring),
            mini_program_people=MiniProgramPeople(uows, keyring, clients),
            corps=corps,
            corp_desk=CorpDesk(channels, keyring, corps, corp_clients, transport),
            corp_clients=corp_clients,
            staff=staff,
            welcomes=welcomes,
            communities=communities,
            replies=AutoReplies(AnswerFigures(warehouse, clock), on_change=books.wake),
            tags=tags,
            syncs=AccountSyncs(),
            codes=SourceCodeDesk(CodeFigures(warehouse, clock), on_change=books.wake),
            code_issuer=code_issuer,
            menus=MenuDesk(uows, keyring, clients),
            materials=MaterialShelf(clients),
            account_health=AccountHealthDesk(uows, keyring, clients),
            segments=segments,
            lookalikes=lookalikes,
            orders=Orders(warehouse),
            understanding=understanding,
            analyses=analyses,
            computing=computing,
            companies=companies,
            messaging=messaging,
            links=links,
            experiments=experiments,
            experiment_results=results,
            broadcasting=broadcasting,
            templates=TemplateSync(uows, clients, messaging),
            journeys=journeys,
            journey_replays=replays_of_journeys,
            journey_migrations=journey_migrations,
            drafting=build_drafting(
                uows,
                keyring,
                segments,
                person_tags,
                tenants,
                channels,
                journeys,
                model_hosts=settings.model_hosts,
            ),
            importing=importing,
            payments=payments,
            callbacks=callbacks,
            engine=engine,
            pipeline=pipeline,
            dead_letters=DeadLetters(uows, subscribers, people.canonical_ids, archive),
            archive=archive,
            catalogue=Catalogue(uows, archiving, consumers),
            event_desk=event_desk,
            replays=replays,
            replay_worker=replay_worker,
            workers=Workers(
                pipeline,
                lambda: tenants.list_ids(uows),
                everywhere=[
                    refresher.run,
                    dispatcher.run,
                    engine.run,
                    importing.worker.run,
                    *understanding.everywhere,
                    books.run,
                    refusals.run,
                    *event_desk.everywhere,
                    corp_clients.windows.run,
                    replay_worker.run,
                ],
                per_brand=[
                    audit.run,
                    replays_of_journeys.run,
                    changing.run,
                    journey_migrations.run,
                    *event_desk.per_brand,
                    *welcomes.per_brand,
                    *profiles.per_brand,
                    *people_lists.per_brand,
                    *importing.per_brand,
                    *computing.per_brand,
                    lookalikes.run,
                    Bandits(uows, results).run,
                    broadcasting.running.run,
                    UserInfoWorker(uows, keyring, clients).run,
                    late_replies.run,
                    SmsReports(uows, gateway_desk, gateway_senders, messaging).run,
                    TagWorker(uows, keyring, clients).run,
                    SyncWorker(uows, keyring, clients).run,
                    code_issuer.run,
                    TagChores(uows, person_tags).run,
                    FileDoor(uows, keyring).run,
                    *tag_mirroring.per_brand,
                    LinkChores(uows, links).run,
                    *consents.per_brand,
                    *rights.per_brand,
                    matching.chores.run,
                    TagRuleKeeper(uows, person_tags, segments).run,
                    payments.recovery.run,
                    payments.reconciliation.run,
                    *staff.per_brand,
                    *communities.per_brand,
                ],
            ),
        )
