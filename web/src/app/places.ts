import {
  AlertOutlined,
  ApartmentOutlined,
  ApiOutlined,
  AuditOutlined,
  BankOutlined,
  BarChartOutlined,
  CalculatorOutlined,
  ClockCircleOutlined,
  CloudUploadOutlined,
  ConsoleSqlOutlined,
  ContactsOutlined,
  ControlOutlined,
  DashboardOutlined,
  DeploymentUnitOutlined,
  ExperimentOutlined,
  ExportOutlined,
  FileDoneOutlined,
  FilterOutlined,
  FormOutlined,
  FundOutlined,
  FunnelPlotOutlined,
  HeartOutlined,
  HeatMapOutlined,
  HourglassOutlined,
  IdcardOutlined,
  InboxOutlined,
  KeyOutlined,
  LayoutOutlined,
  LinkOutlined,
  LockOutlined,
  MergeCellsOutlined,
  MessageOutlined,
  NotificationOutlined,
  ProfileOutlined,
  QrcodeOutlined,
  RadarChartOutlined,
  ReadOutlined,
  RetweetOutlined,
  SafetyOutlined,
  ScanOutlined,
  SecurityScanOutlined,
  SendOutlined,
  SettingOutlined,
  ShoppingOutlined,
  SmileOutlined,
  SnippetsOutlined,
  SolutionOutlined,
  SwapOutlined,
  TagOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UsergroupAddOutlined,
  UserSwitchOutlined,
  WalletOutlined,
} from "@ant-design/icons";
import type { ComponentType } from "react";
import type { Permission } from "../api/types";
import type { MessageKey } from "../i18n";

export interface Place {
  to: string;
  /** Who lacks it does not see the entry; the server refuses them anyway. Without one it is everybody's. */
  needs: Permission | null;
  label: MessageKey;
  icon: ComponentType;
}

export const PLACES: readonly { title: MessageKey | null; places: readonly Place[] }[] = [
  {
    title: null,
    places: [
      { to: "/", needs: "insight.read", label: "nav.overview", icon: DashboardOutlined },
      { to: "/dashboards", needs: "insight.read", label: "nav.dashboards", icon: BarChartOutlined },
    ],
  },
  {
    title: "nav.group.people",
    places: [
      { to: "/people", needs: "people.read", label: "nav.people", icon: TeamOutlined },
      { to: "/segments", needs: "segments.read", label: "nav.segments", icon: FilterOutlined },
      { to: "/tags", needs: "people.read", label: "nav.tags", icon: TagOutlined },
      { to: "/computed-attributes", needs: "segments.read", label: "nav.computed", icon: CalculatorOutlined },
      { to: "/companies", needs: "people.read", label: "nav.companies", icon: BankOutlined },
      { to: "/forms", needs: "forms.read", label: "nav.forms", icon: FormOutlined },
      { to: "/people/review", needs: "people.read", label: "nav.review", icon: MergeCellsOutlined },
      { to: "/people/jobs", needs: "people.read", label: "peopleJobs.title", icon: ThunderboltOutlined },
      { to: "/people/exports", needs: "people.export", label: "peopleExports.title", icon: ExportOutlined },
    ],
  },
  {
    title: "nav.group.insight",
    places: [
      { to: "/behaviour", needs: "insight.read", label: "nav.behaviour", icon: FunnelPlotOutlined },
      { to: "/figures", needs: "insight.read", label: "nav.metrics", icon: FundOutlined },
      { to: "/rfm", needs: "insight.read", label: "nav.rfm", icon: HeatMapOutlined },
      { to: "/lifecycle", needs: "insight.read", label: "nav.lifecycle", icon: RetweetOutlined },
      { to: "/lifetime", needs: "insight.read", label: "nav.lifetime", icon: HourglassOutlined },
      { to: "/clusters", needs: "insight.read", label: "nav.clusters", icon: DeploymentUnitOutlined },
      { to: "/churn", needs: "insight.read", label: "nav.churn", icon: AlertOutlined },
      { to: "/rhythm", needs: "insight.read", label: "nav.rhythm", icon: ClockCircleOutlined },
      { to: "/interests", needs: "insight.read", label: "nav.interests", icon: HeartOutlined },
      { to: "/spending", needs: "insight.read", label: "nav.spending", icon: ShoppingOutlined },
      { to: "/engagement", needs: "insight.read", label: "nav.engagement", icon: ThunderboltOutlined },
      { to: "/content_forms", needs: "insight.read", label: "nav.content_forms", icon: ReadOutlined },
      { to: "/quality", needs: "insight.read", label: "nav.quality", icon: FileDoneOutlined },
      { to: "/warehouse", needs: "warehouse.sql", label: "nav.warehouse", icon: ConsoleSqlOutlined },
    ],
  },
  {
    title: "nav.group.reach",
    places: [
      { to: "/journeys", needs: "journeys.read", label: "nav.journeys", icon: ApartmentOutlined },
      { to: "/experiments", needs: "experiments.read", label: "nav.experiments", icon: ExperimentOutlined },
      { to: "/broadcasts", needs: "messages.read", label: "nav.broadcasts", icon: SendOutlined },
      { to: "/messages", needs: "messages.read", label: "nav.messages", icon: MessageOutlined },
      {
        to: "/messages/templates",
        needs: "messages.read",
        label: "nav.messageTemplates",
        icon: SnippetsOutlined,
      },
      { to: "/links", needs: "messages.read", label: "nav.links", icon: LinkOutlined },
      { to: "/messages/rules", needs: "messages.read", label: "nav.messageRules", icon: ControlOutlined },
    ],
  },
  {
    title: "nav.group.wecom",
    places: [
      { to: "/staff", needs: "wecom.read", label: "nav.staff", icon: IdcardOutlined },
      { to: "/customers", needs: "wecom.read", label: "nav.customers", icon: ContactsOutlined },
      { to: "/welcomes", needs: "wecom.read", label: "nav.welcomes", icon: SmileOutlined },
      { to: "/codes", needs: "wecom.read", label: "nav.liveCodes", icon: QrcodeOutlined },
      { to: "/groups", needs: "wecom.read", label: "nav.groups", icon: UsergroupAddOutlined },
      { to: "/group-codes", needs: "wecom.read", label: "nav.groupCodes", icon: ScanOutlined },
      {
        to: "/group-invitations",
        needs: "wecom.read",
        label: "nav.groupInvitations",
        icon: NotificationOutlined,
      },
      { to: "/corp-tags", needs: "wecom.read", label: "nav.corpTags", icon: TagsOutlined },
      { to: "/inheritance", needs: "wecom.read", label: "nav.inheritance", icon: SwapOutlined },
      { to: "/staff-sidebar", needs: "wecom.read", label: "nav.staffSidebar", icon: LayoutOutlined },
    ],
  },
  {
    title: "nav.group.privacy",
    places: [
      { to: "/consent", needs: "consent.read", label: "nav.consent", icon: AuditOutlined },
      { to: "/rights", needs: "rights.read", label: "nav.rights", icon: SafetyOutlined },
      { to: "/audit", needs: "audit.read", label: "nav.audit", icon: SecurityScanOutlined },
    ],
  },
  {
    title: "nav.group.connect",
    places: [
      { to: "/channels", needs: "channels.read", label: "nav.channels", icon: ApiOutlined },
      { to: "/payments", needs: "payments.read", label: "nav.payments", icon: WalletOutlined },
      { to: "/sources", needs: "events.read", label: "nav.sources", icon: RadarChartOutlined },
      { to: "/events", needs: "events.read", label: "nav.events", icon: ProfileOutlined },
      { to: "/dead-letters", needs: "events.read", label: "nav.letters", icon: InboxOutlined },
      { to: "/imports", needs: "imports.read", label: "nav.imports", icon: CloudUploadOutlined },
      { to: "/members", needs: "access.manage", label: "nav.members", icon: UserSwitchOutlined },
      { to: "/roles", needs: "access.manage", label: "nav.roles", icon: SolutionOutlined },
      { to: "/api-tokens", needs: null, label: "nav.apiTokens", icon: KeyOutlined },
      { to: "/security", needs: null, label: "nav.security", icon: LockOutlined },
      { to: "/settings", needs: "settings.read", label: "nav.settings", icon: SettingOutlined },
    ],
  },
];

/** What the page at an address asks for: the longest menu entry that leads there says it. */
export function neededAt(pathname: string): Permission | null {
  const all = PLACES.flatMap(({ places }) => places);
  const above = all.filter(({ to }) => pathname === to || (to !== "/" && pathname.startsWith(`${to}/`)));
  return above.sort((a, b) => b.to.length - a.to.length)[0]?.needs ?? null;
}
