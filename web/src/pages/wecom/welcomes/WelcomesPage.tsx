import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Tabs } from "antd";
import { Link, useNavigate } from "react-router";
import { corpsQuery } from "../../../api/wecom/corps";
import { figuresQuery, welcomesQuery } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { Page, Panel } from "../../../ui/Page";
import { useSearchState } from "../../../ui/useSearchState";
import { BlockListTab } from "./BlockListTab";
import { FiguresPanel } from "./FiguresPanel";
import { FilesTab } from "./FilesTab";
import { JournalTable } from "./JournalTable";
import { RulesTable } from "./RulesTable";
import styles from "./welcomes.module.css";

export default function WelcomesPage() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [tab, setTab] = useSearchState("tab");
  const { data: corps } = useQuery(corpsQuery);
  const { data: figures } = useQuery(figuresQuery(7));
  const rules = useQuery(welcomesQuery);
  const hasCorp = (corps?.items.length ?? 0) > 0;
  return (
    <Page
      title={t("nav.welcomes")}
      lead={t("wecom.welcomes.lead")}
      actions={
        hasCorp && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => navigate("/welcomes/new")}>
            {t("wecom.welcomes.new")}
          </Button>
        )
      }
    >
      {figures && <FiguresPanel figures={figures} />}
      <Tabs
        activeKey={tab || "rules"}
        onChange={(key) => setTab(key === "rules" ? "" : key)}
        destroyOnHidden
        items={[
          {
            key: "rules",
            label: t("wecom.welcomes.tab.rules"),
            children: (
              <div className={styles.stack}>
                <p className="soft">{t("wecom.welcomes.order")}</p>
                <Panel flush>
                  <RulesTable
                    rows={rules.data?.items}
                    error={rules.error}
                    onRetry={rules.refetch}
                    empty={<NoRules hasCorp={hasCorp} />}
                  />
                </Panel>
              </div>
            ),
          },
          { key: "journal", label: t("wecom.welcomes.tab.journal"), children: <JournalTable filters /> },
          { key: "files", label: t("wecom.welcomes.tab.files"), children: <FilesTab corps={corps?.items} /> },
          {
            key: "blocked",
            label: t("wecom.welcomes.tab.blocked"),
            children: <BlockListTab corps={corps?.items} />,
          },
        ]}
      />
    </Page>
  );
}

function NoRules({ hasCorp }: { hasCorp: boolean }) {
  const { t } = useI18n();
  return (
    <EmptyState
      title={t("wecom.welcomes.empty")}
      action={
        hasCorp ? (
          <Link to="/welcomes/new">{t("wecom.welcomes.new")}</Link>
        ) : (
          <Link to="/channels">{t("wecom.welcomes.noCorp")}</Link>
        )
      }
    >
      {t("wecom.welcomes.empty.text")}
    </EmptyState>
  );
}
