import { lazy, Suspense } from "react";
import { Route, Routes } from "react-router";
import { OverviewPage } from "../pages/overview/OverviewPage";
import { Crash } from "../ui/Crash";
import { PageSkeleton } from "../ui/PageSkeleton";
import { NotFound } from "./NotFound";

// The overview is what opens every morning, so it is in the first load; every other page arrives when asked for.
const PeoplePage = lazy(() => import("../pages/people/PeoplePage"));
const ReviewPage = lazy(() => import("../pages/people/review/ReviewPage"));
const PeopleExportsPage = lazy(() => import("../pages/people/exports/ExportsPage"));
const PeopleJobsPage = lazy(() => import("../pages/people/jobs/JobsPage"));
const PersonPage = lazy(() => import("../pages/people/PersonPage"));
const SegmentsPage = lazy(() => import("../pages/segments/SegmentsPage"));
const SegmentPage = lazy(() => import("../pages/segments/SegmentPage"));
const TemplatesPage = lazy(() => import("../pages/messages/templates/TemplatesPage"));
const TemplatePage = lazy(() => import("../pages/messages/templates/TemplatePage"));
const LinksPage = lazy(() => import("../pages/links/LinksPage"));
const LifetimePage = lazy(() => import("../pages/lifetime/LifetimePage"));
const ChurnPage = lazy(() => import("../pages/churn/ChurnPage"));
const QualityPage = lazy(() => import("../pages/quality/QualityPage"));
const InterestsPage = lazy(() => import("../pages/interests/InterestsPage"));
const EngagementPage = lazy(() => import("../pages/engagement/EngagementPage"));
const ContentFormsPage = lazy(() => import("../pages/content_forms/ContentFormsPage"));
const SpendingPage = lazy(() => import("../pages/spending/SpendingPage"));
const RhythmPage = lazy(() => import("../pages/rhythm/RhythmPage"));
const LifecyclePage = lazy(() => import("../pages/lifecycle/LifecyclePage"));
const ClustersPage = lazy(() => import("../pages/clusters/ClustersPage"));
const FormsPage = lazy(() => import("../pages/forms/FormsPage"));
const FormPage = lazy(() => import("../pages/forms/FormPage"));
const FormEditPage = lazy(() => import("../pages/forms/FormEditPage"));
const TagsPage = lazy(() => import("../pages/tags/TagsPage"));
const CompaniesPage = lazy(() => import("../pages/companies/CompaniesPage"));
const AccountSegmentPage = lazy(() => import("../pages/companies/segments/AccountSegmentPage"));
const CompanyPage = lazy(() => import("../pages/companies/CompanyPage"));
const ComputedPage = lazy(() => import("../pages/computed/ComputedPage"));
const ComputedEditPage = lazy(() => import("../pages/computed/ComputedEditPage"));
const ConsentPage = lazy(() => import("../pages/consent/ConsentPage"));
const MembersPage = lazy(() => import("../pages/members/MembersPage"));
const RolesPage = lazy(() => import("../pages/members/RolesPage"));
const ApiTokensPage = lazy(() => import("../pages/apiTokens/ApiTokensPage"));
const SecurityPage = lazy(() => import("../pages/security/SecurityPage"));
const AuditPage = lazy(() => import("../pages/audit/AuditPage"));
const RightsPage = lazy(() => import("../pages/rights/RightsPage"));
const RightsRequestPage = lazy(() => import("../pages/rights/RightsRequestPage"));
const RfmPage = lazy(() => import("../pages/rfm/RfmPage"));
const BehaviourPage = lazy(() => import("../pages/behaviour/BehaviourPage"));
const WarehousePage = lazy(() => import("../pages/warehouse/WarehousePage"));
const SavedPage = lazy(() => import("../pages/behaviour/SavedPage"));
const DashboardsPage = lazy(() => import("../pages/dashboards/DashboardsPage"));
const BoardPage = lazy(() => import("../pages/dashboards/BoardPage"));
const MetricsPage = lazy(() => import("../pages/metrics/MetricsPage"));
const MetricPage = lazy(() => import("../pages/metrics/MetricPage"));
const MetricEditPage = lazy(() => import("../pages/metrics/MetricEditPage"));
const BroadcastsPage = lazy(() => import("../pages/broadcasts/BroadcastsPage"));
const BroadcastPage = lazy(() => import("../pages/broadcasts/BroadcastPage"));
const BroadcastEditPage = lazy(() => import("../pages/broadcasts/BroadcastEditPage"));
const ExperimentsPage = lazy(() => import("../pages/experiments/ExperimentsPage"));
const ExperimentPage = lazy(() => import("../pages/experiments/ExperimentPage"));
const ExperimentEditPage = lazy(() => import("../pages/experiments/ExperimentEditPage"));
const JourneysPage = lazy(() => import("../pages/journeys/JourneysPage"));
const JourneyPage = lazy(() => import("../pages/journeys/JourneyPage"));
const ReplayPage = lazy(() => import("../pages/journeys/replay/ReplayPage"));
const JourneyVersionsPage = lazy(() => import("../pages/journeys/versions/VersionsPage"));
const JourneyEditPage = lazy(() => import("../pages/journeys/JourneyEditPage"));
const MessagesPage = lazy(() => import("../pages/messages/MessagesPage"));
const MessageRulesPage = lazy(() => import("../pages/messages/rules/RulesPage"));
const ChannelsPage = lazy(() => import("../pages/channels/ChannelsPage"));
const ChannelPage = lazy(() => import("../pages/channels/ChannelPage"));
const CorpTagsPage = lazy(() => import("../pages/wecom/tags/CorpTagsPage"));
const PaymentsPage = lazy(() => import("../pages/payments/PaymentsPage"));
const PaymentPage = lazy(() => import("../pages/payments/PaymentPage"));
const StaffPage = lazy(() => import("../pages/wecom/staff/StaffPage"));
const WelcomesPage = lazy(() => import("../pages/wecom/welcomes/WelcomesPage"));
const WelcomePage = lazy(() => import("../pages/wecom/welcomes/WelcomePage"));
const GroupsPage = lazy(() => import("../pages/wecom/groups/GroupsPage"));
const GroupPage = lazy(() => import("../pages/wecom/groups/GroupPage"));
const GroupCodesPage = lazy(() => import("../pages/wecom/groups/GroupCodesPage"));
const GroupInvitationsPage = lazy(() => import("../pages/wecom/groups/InvitationsPage"));
const LiveCodesPage = lazy(() => import("../pages/wecom/codes/CodesPage"));
const LiveCodePage = lazy(() => import("../pages/wecom/codes/CodePage"));
const LiveCodeEditPage = lazy(() => import("../pages/wecom/codes/CodeEditPage"));
const MemberPage = lazy(() => import("../pages/wecom/staff/MemberPage"));
const CustomersPage = lazy(() => import("../pages/wecom/customers/CustomersPage"));
const InheritancePage = lazy(() => import("../pages/wecom/inheritance/InheritancePage"));
const InheritanceWizardPage = lazy(() => import("../pages/wecom/inheritance/WizardPage"));
const InheritancePlanPage = lazy(() => import("../pages/wecom/inheritance/PlanPage"));
const StaffSidebarPage = lazy(() => import("../pages/wecom/sidebar/SidebarPage"));
const EventsPage = lazy(() => import("../pages/events/EventsPage"));
const EventPage = lazy(() => import("../pages/events/EventPage"));
const SourcesPage = lazy(() => import("../pages/sources/SourcesPage"));
const LettersPage = lazy(() => import("../pages/letters/LettersPage"));
const ImportsPage = lazy(() => import("../pages/imports/ImportsPage"));
const ImportWizardPage = lazy(() => import("../pages/imports/new/ImportWizardPage"));
const SettingsPage = lazy(() => import("../pages/settings/SettingsPage"));

export function AppRoutes() {
  return (
    <Crash>
      <Suspense fallback={<PageSkeleton />}>
        <Routes>
          <Route path="/" element={<OverviewPage />} />
          <Route path="/people" element={<PeoplePage />} />
          <Route path="/people/review" element={<ReviewPage />} />
          <Route path="/people/exports" element={<PeopleExportsPage />} />
          <Route path="/people/jobs" element={<PeopleJobsPage />} />
          <Route path="/people/:id" element={<PersonPage />} />
          <Route path="/account-segments/:id" element={<AccountSegmentPage />} />
          <Route path="/companies" element={<CompaniesPage />} />
          <Route path="/companies/:id" element={<CompanyPage />} />
          <Route path="/segments" element={<SegmentsPage />} />
          <Route path="/segments/:id" element={<SegmentPage />} />
          <Route path="/tags" element={<TagsPage />} />
          <Route path="/forms" element={<FormsPage />} />
          <Route path="/forms/:id" element={<FormPage />} />
          <Route path="/forms/:id/edit" element={<FormEditPage />} />
          <Route path="/computed-attributes" element={<ComputedPage />} />
          <Route path="/computed-attributes/:id" element={<ComputedEditPage />} />
          <Route path="/consent" element={<ConsentPage />} />
          <Route path="/audit" element={<AuditPage />} />
          <Route path="/rights" element={<RightsPage />} />
          <Route path="/rights/:id" element={<RightsRequestPage />} />
          <Route path="/rfm" element={<RfmPage />} />
          <Route path="/behaviour" element={<BehaviourPage />} />
          <Route path="/behaviour/saved/:id" element={<SavedPage />} />
          <Route path="/dashboards" element={<DashboardsPage />} />
          <Route path="/dashboards/:id" element={<BoardPage />} />
          <Route path="/figures" element={<MetricsPage />} />
          <Route path="/figures/new" element={<MetricEditPage />} />
          <Route path="/figures/:id" element={<MetricPage />} />
          <Route path="/figures/:id/edit" element={<MetricEditPage />} />
          <Route path="/lifetime" element={<LifetimePage />} />
          <Route path="/warehouse" element={<WarehousePage />} />
          <Route path="/lifecycle" element={<LifecyclePage />} />
          <Route path="/quality" element={<QualityPage />} />
          <Route path="/interests" element={<InterestsPage />} />
          <Route path="/engagement" element={<EngagementPage />} />
          <Route path="/content_forms" element={<ContentFormsPage />} />
          <Route path="/spending" element={<SpendingPage />} />
          <Route path="/rhythm" element={<RhythmPage />} />
          <Route path="/churn" element={<ChurnPage />} />
          <Route path="/clusters" element={<ClustersPage />} />
          <Route path="/messages/templates" element={<TemplatesPage />} />
          <Route path="/messages/templates/:id" element={<TemplatePage />} />
          <Route path="/links" element={<LinksPage />} />
          <Route path="/broadcasts" element={<BroadcastsPage />} />
          <Route path="/broadcasts/:id" element={<BroadcastPage />} />
          <Route path="/broadcasts/:id/edit" element={<BroadcastEditPage />} />
          <Route path="/experiments" element={<ExperimentsPage />} />
          <Route path="/experiments/:id" element={<ExperimentPage />} />
          <Route path="/experiments/:id/edit" element={<ExperimentEditPage />} />
          <Route path="/journeys" element={<JourneysPage />} />
          <Route path="/journeys/:id" element={<JourneyPage />} />
          <Route path="/journeys/:id/replays" element={<ReplayPage />} />
          <Route path="/journeys/:id/versions" element={<JourneyVersionsPage />} />
          <Route path="/journeys/:id/edit" element={<JourneyEditPage />} />
          <Route path="/messages" element={<MessagesPage />} />
          <Route path="/messages/rules" element={<MessageRulesPage />} />
          <Route path="/channels" element={<ChannelsPage />} />
          <Route path="/channels/:id" element={<ChannelPage />} />
          <Route path="/corp-tags" element={<CorpTagsPage />} />
          <Route path="/payments" element={<PaymentsPage />} />
          <Route path="/payments/:id" element={<PaymentPage />} />
          <Route path="/staff" element={<StaffPage />} />
          <Route path="/welcomes" element={<WelcomesPage />} />
          <Route path="/welcomes/:id" element={<WelcomePage />} />
          <Route path="/groups" element={<GroupsPage />} />
          <Route path="/groups/:id" element={<GroupPage />} />
          <Route path="/group-codes" element={<GroupCodesPage />} />
          <Route path="/group-invitations" element={<GroupInvitationsPage />} />
          <Route path="/codes" element={<LiveCodesPage />} />
          <Route path="/codes/new" element={<LiveCodeEditPage />} />
          <Route path="/codes/:id" element={<LiveCodePage />} />
          <Route path="/codes/:id/edit" element={<LiveCodeEditPage />} />
          <Route path="/staff/:id" element={<MemberPage />} />
          <Route path="/customers" element={<CustomersPage />} />
          <Route path="/inheritance" element={<InheritancePage />} />
          <Route path="/inheritance/new" element={<InheritanceWizardPage />} />
          <Route path="/inheritance/:id" element={<InheritancePlanPage />} />
          <Route path="/staff-sidebar" element={<StaffSidebarPage />} />
          <Route path="/events" element={<EventsPage />} />
          <Route path="/events/one" element={<EventPage />} />
          <Route path="/sources" element={<SourcesPage />} />
          <Route path="/dead-letters" element={<LettersPage />} />
          <Route path="/imports" element={<ImportsPage />} />
          <Route path="/imports/new" element={<ImportWizardPage />} />
          <Route path="/members" element={<MembersPage />} />
          <Route path="/roles" element={<RolesPage />} />
          <Route path="/api-tokens" element={<ApiTokensPage />} />
          <Route path="/security" element={<SecurityPage />} />
          <Route path="/settings" element={<SettingsPage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </Suspense>
    </Crash>
  );
}
