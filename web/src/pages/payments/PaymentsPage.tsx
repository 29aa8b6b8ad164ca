import { useQuery } from "@tanstack/react-query";
import { Button, Tabs } from "antd";
import { type ComponentType, useState } from "react";
import { merchantsQuery } from "../../api/payments";
import type { Merchant } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useSearchState } from "../../ui/useSearchState";
import { MerchantForm } from "./MerchantForm";
import { MerchantsTab } from "./MerchantsTab";
import { PaymentsTab } from "./PaymentsTab";
import { ReconciliationTab } from "./ReconciliationTab";
import { RefundsTab } from "./RefundsTab";

/** What every tab is about. */
export interface TabProps {
  merchants: readonly Merchant[];
}

interface TabSpec {
  key: string;
  label: MessageKey;
  content: ComponentType<TabProps>;
}

const TABS: readonly TabSpec[] = [
  { key: "payments", label: "payments.tab.payments", content: PaymentsTab },
  { key: "refunds", label: "payments.tab.refunds", content: RefundsTab },
  { key: "bills", label: "payments.tab.bills", content: ReconciliationTab },
  { key: "merchants", label: "payments.tab.merchants", content: MerchantsTab },
];

export default function PaymentsPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(merchantsQuery);
  const [connecting, setConnecting] = useState(false);
  const connect = () => setConnecting(true);
  return (
    <Page
      title={t("nav.payments")}
      lead={t("payments.lead")}
      actions={
        <Button type={data?.items.length ? "default" : "primary"} onClick={connect}>
          {t("merchant.connect")}
        </Button>
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data?.items.length === 0 && (
        <Panel>
          <EmptyState
            title={t("merchant.none")}
            action={<Button onClick={connect}>{t("merchant.connect")}</Button>}
          >
            {t("merchant.none.text")}
          </EmptyState>
        </Panel>
      )}
      {data && data.items.length > 0 && <PaymentTabs merchants={data.items} />}
      {connecting && <MerchantForm onClose={() => setConnecting(false)} />}
    </Page>
  );
}

/** The open tab is part of the address; a tab left behind takes its filters with it. */
function PaymentTabs({ merchants }: TabProps) {
  const { t } = useI18n();
  const [tab, setTab] = useSearchState("tab");
  return (
    <Tabs
      activeKey={TABS.find((each) => each.key === tab)?.key ?? TABS[0]?.key}
      onChange={(key) => setTab(key === TABS[0]?.key ? "" : key)}
      destroyOnHidden
      items={TABS.map(({ key, label, content: Content }) => ({
        key,
        label: t(label),
        children: <Content merchants={merchants} />,
      }))}
    />
  );
}
