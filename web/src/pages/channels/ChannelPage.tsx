import { useQuery } from "@tanstack/react-query";
import { Button, Tabs } from "antd";
import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { useParams } from "react-router";
import { miniProgramQuery, officialAccountQuery, productOf } from "../../api/channels";
import type { ChannelAccount, OfficialAccount } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton, PanelSkeleton } from "../../ui/PageSkeleton";
import { useSearchState } from "../../ui/useSearchState";
import { ConnectForm } from "./ConnectForm";
import styles from "./channels.module.css";
import { Heard } from "./Heard";
import { OverviewTab } from "./overview/OverviewTab";

/** What every tab is about. */
export interface TabProps {
  account: OfficialAccount;
}

interface TabSpec {
  key: string;
  label: MessageKey;
  content: ComponentType<TabProps>;
}

// Tabs beside the first arrive when opened, as pages do.
const TABS: readonly TabSpec[] = [
  { key: "overview", label: "channel.tab.overview", content: OverviewTab },
  {
    key: "followers",
    label: "channel.tab.followers",
    content: lazy(() => import("./followers/FollowersTab")),
  },
  { key: "tags", label: "channel.tab.tags", content: lazy(() => import("./tags/TagsTab")) },
  { key: "replies", label: "channel.tab.replies", content: lazy(() => import("./replies/RepliesTab")) },
  { key: "menus", label: "channel.tab.menus", content: lazy(() => import("./menus/MenusTab")) },
  { key: "codes", label: "channel.tab.codes", content: lazy(() => import("./codes/CodesTab")) },
];

export default function ChannelPage() {
  const { id = "" } = useParams();
  const Content = PAGES[productOf(id)];
  return <Content id={id} />;
}

function OfficialAccountPage({ id }: { id: string }) {
  const { data: account, error, refetch } = useQuery(officialAccountQuery(id));
  return (
    <AccountPage account={account} error={error} onRetry={refetch}>
      {account && <ChannelTabs key={account.id} account={account} />}
    </AccountPage>
  );
}

/** Of the tabs only the first applies: nobody follows a mini program, and it has no menu. */
function MiniProgramPage({ id }: { id: string }) {
  const { data: account, error, refetch } = useQuery(miniProgramQuery(id));
  return (
    <AccountPage account={account} error={error} onRetry={refetch}>
      {account && <OverviewTab key={account.id} account={account} />}
    </AccountPage>
  );
}

const PAGES = {
  official: OfficialAccountPage,
  mini: MiniProgramPage,
  corp: lazy(() => import("../wecom/corps/CorpPage")),
  gateway: lazy(() => import("./gateways/GatewayPage")),
} as const;

interface AccountPageProps {
  account: ChannelAccount | undefined;
  error: Error | null;
  onRetry: () => void;
  children: ReactNode;
}

function AccountPage({ account, error, onRetry, children }: AccountPageProps) {
  const { t } = useI18n();
  if (!account && !error) return <PageSkeleton />;
  return (
    <Page
      title={account ? account.name || account.app_id : t("nav.channels")}
      back={{ to: "/channels", label: t("nav.channels") }}
      lead={account && <Heard account={account} />}
      actions={account && <Credentials account={account} />}
    >
      {error && !account && <ErrorNotice error={error} onRetry={onRetry} />}
      {children}
    </Page>
  );
}

/** The open tab is part of the address, so that a link leads to it. */
function ChannelTabs({ account }: TabProps) {
  const { t } = useI18n();
  const [tab, setTab] = useSearchState("tab");
  const open = TABS.find((each) => each.key === tab) ?? TABS[0];
  return (
    <Tabs
      activeKey={open?.key}
      onChange={(key) => setTab(key === TABS[0]?.key ? "" : key)}
      destroyOnHidden
      className={styles.tabs}
      items={TABS.map(({ key, label, content: Content }) => ({
        key,
        label: t(label),
        children: (
          <Suspense fallback={<PanelSkeleton />}>
            <Content account={account} />
          </Suspense>
        ),
      }))}
    />
  );
}

function Credentials({ account }: { account: ChannelAccount }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("channels.credentials")}</Button>
      <ConnectForm
        product={productOf(account.id) === "mini" ? "mini" : "official"}
        account={account}
        open={open}
        onClose={() => setOpen(false)}
      />
    </>
  );
}
