import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { KINDS, type RightsRequest, rightsQuery, STATES } from "../../api/rights";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { useSearchState } from "../../ui/useSearchState";
import { NewRequest } from "./NewRequest";
import { RightsSettingsForm } from "./RightsSettingsForm";
import styles from "./rights.module.css";
import { Due, StateTag } from "./words";

/** The register of what people asked about their data. */
export default function RightsPage() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [kind, setKind] = useSearchState("kind");
  const [state, setState] = useSearchState("state");
  const [open, setOpen] = useState<"new" | "settings">();
  const found = useInfiniteQuery(rightsQuery({ kind: kind || undefined, state: state || undefined }));
  const create = (
    <Button type="primary" onClick={() => setOpen("new")}>
      {t("rights.new")}
    </Button>
  );
  return (
    <Page
      title={t("nav.rights")}
      lead={t("rights.lead")}
      actions={
        <>
          <Button onClick={() => setOpen("settings")}>{t("rights.settings")}</Button>
          {create}
        </>
      }
    >
      <Panel
        flush
        title={<Figures found={found.data?.pages[0]} />}
        extra={
          <span className={styles.tools}>
            <Filter
              label={t("rights.kind")}
              value={kind}
              onChange={setKind}
              options={KINDS.map((value) => ({ value, label: t(`rights.kind.${value}`) }))}
            />
            <Filter
              label={t("rights.state")}
              value={state}
              onChange={setState}
              options={STATES.map((value) => ({ value, label: t(`rights.state.${value}`) }))}
            />
          </span>
        }
      >
        <DataTable
          label={t("nav.rights")}
          testId="rights-table"
          columns={useColumns()}
          rows={found.data?.pages.flatMap((page) => page.items)}
          rowKey={(one) => one.id}
          error={found.error}
          onRetry={found.refetch}
          empty={
            <EmptyState title={t("rights.empty")} action={create}>
              {t("rights.empty.text")}
            </EmptyState>
          }
        />
        <LoadMore pager={found} />
      </Panel>
      {open === "new" && (
        <NewRequest onClose={() => setOpen(undefined)} onMade={(id) => navigate(`/rights/${id}`)} />
      )}
      {open === "settings" && <RightsSettingsForm onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

function Figures({ found }: { found: { waiting: number; overdue: number } | undefined }) {
  const { t } = useI18n();
  const format = useFormat();
  if (!found) return null;
  return (
    <>
      {t("rights.waiting", { count: format.count(found.waiting) })}{" "}
      {found.overdue > 0 && <Tag tone="red">{t("rights.late", { count: format.count(found.overdue) })}</Tag>}
    </>
  );
}

interface FilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
}

function Filter({ label, value, onChange, options }: FilterProps) {
  const { t } = useI18n();
  return (
    <Select
      size="small"
      aria-label={label}
      value={value}
      onChange={onChange}
      options={[{ value: "", label: `${label}：${t("rights.all")}` }, ...options]}
    />
  );
}

function useColumns(): Column<RightsRequest>[] {
  const { t } = useI18n();
  const zone = useZone();
  return [
    {
      key: "kind",
      title: t("rights.kind"),
      lead: true,
      render: (one) => (
        <span className={styles.who}>
          <Link to={`/rights/${one.id}`}>{t(`rights.kind.${one.kind}`)}</Link>
          <small className="mono">{one.person}</small>
        </span>
      ),
    },
    { key: "state", title: t("rights.state"), render: (one) => <StateTag state={one.state} /> },
    { key: "due", title: t("rights.due"), render: (one) => <Due request={one} /> },
    {
      key: "by",
      title: t("rights.openedBy"),
      render: (one) => [...new Set([one.opened_by, one.handled_by])].filter(Boolean).join(" → ") || "–",
    },
    { key: "outcome", title: t("rights.outcome"), wide: true, render: (one) => one.outcome || "–" },
    {
      key: "at",
      title: t("rights.received"),
      align: "end",
      render: (one) => formatDateTime(one.received_at, zone),
    },
  ];
}
