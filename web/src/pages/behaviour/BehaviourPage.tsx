import { useQuery } from "@tanstack/react-query";
import { Tabs } from "antd";
import { type ComponentType, useState } from "react";
import type { AskedAnalysis } from "../../api/dashboards";
import { catalogueQuery } from "../../api/queries";
import type { Catalogue } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { Page } from "../../ui/Page";
import { useSearchState } from "../../ui/useSearchState";
import { DistributionTab } from "./DistributionTab";
import { FigureDrawer, type Shown } from "./FigureDrawer";
import { FunnelTab } from "./FunnelTab";
import { KeepActions } from "./KeepActions";
import { PathsTab } from "./PathsTab";
import { RetentionTab } from "./RetentionTab";
import { TrendTab } from "./TrendTab";
import { readQuestion } from "./useQuestion";

/** What every tab is given: what there is to ask about, and how to show the people behind a figure. */
export interface TabProps {
  catalogue: Catalogue | undefined;
  onShow: (shown: Shown) => void;
}

const TABS: readonly { key: string; label: MessageKey; content: ComponentType<TabProps> }[] = [
  { key: "funnel", label: "behaviour.tab.funnel", content: FunnelTab },
  { key: "retention", label: "behaviour.tab.retention", content: RetentionTab },
  { key: "trend", label: "behaviour.tab.trend", content: TrendTab },
  { key: "distribution", label: "behaviour.tab.distribution", content: DistributionTab },
  { key: "paths", label: "behaviour.tab.paths", content: PathsTab },
];

export default function BehaviourPage() {
  const { t } = useI18n();
  const [tab, setTab] = useSearchState("tab");
  const { data: catalogue } = useQuery(catalogueQuery);
  const [text] = useSearchState(tab || "funnel");
  const question = readQuestion(text);
  // The server judges what an address says; here it is only handed on.
  const asked = question && ({ kind: tab || "funnel", question } as AskedAnalysis);
  const [shown, setShown] = useState<Shown | null>(null);
  const items = TABS.map(({ key, label, content: Content }) => ({
    key,
    label: t(label),
    children: <Content catalogue={catalogue} onShow={setShown} />,
  }));
  return (
    <Page title={t("nav.behaviour")} lead={t("behaviour.lead")} actions={<KeepActions asked={asked} />}>
      <Tabs activeKey={tab || "funnel"} onChange={setTab} items={items} destroyOnHidden />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </Page>
  );
}
