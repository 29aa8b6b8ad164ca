import { useInfiniteQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { Link } from "react-router";
import { journalQuery, type WelcomeRow } from "../../../api/wecom/welcomes";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";
import { STATES, TONES } from "./welcome";
import styles from "./welcomes.module.css";

interface JournalTableProps {
  /** Only of this rule. */
  welcome?: string;
  /** Whether the reader may filter by outcome. */
  filters?: boolean;
}

/** What became of each welcome and why, newest first. */
export function JournalTable({ welcome, filters }: JournalTableProps) {
  const { t } = useI18n();
  const [state, setState] = useSearchState("state");
  const journal = useInfiniteQuery(journalQuery({ state: state || undefined, welcome }));
  const columns = useColumns();
  return (
    <div className={styles.stack}>
      {filters && (
        <Select
          allowClear
          aria-label={t("wecom.welcomes.journal.filter")}
          placeholder={t("wecom.welcomes.journal.filter")}
          value={state || undefined}
          onChange={(chosen: string | undefined) => setState(chosen ?? "")}
          options={STATES.map((one) => ({ value: one, label: t(`wecom.welcomes.state.${one}`) }))}
          style={{ width: 180 }}
        />
      )}
      <Panel flush>
        <DataTable
          label={t("wecom.welcomes.tab.journal")}
          columns={columns}
          rows={journal.data?.pages.flatMap((page) => page.items)}
          rowKey={(row) => row.id}
          error={journal.error}
          onRetry={journal.refetch}
          empty={
            <EmptyState title={t("wecom.welcomes.journal.empty")}>
              {t("wecom.welcomes.journal.empty.text")}
            </EmptyState>
          }
          testId="welcome-journal"
        />
        <LoadMore pager={journal} />
      </Panel>
    </div>
  );
}

function useColumns(): Column<WelcomeRow>[] {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  return [
    {
      key: "customer",
      title: t("wecom.welcomes.journal.customer"),
      lead: true,
      render: (row) => <Customer row={row} />,
    },
    { key: "staff", title: t("wecom.welcomes.journal.staff"), render: (row) => row.staff_name },
    {
      key: "state",
      title: t("wecom.welcomes.journal.state"),
      wide: true,
      render: (row) => <Outcome row={row} />,
    },
    {
      key: "rule",
      title: t("wecom.welcomes.journal.rule"),
      render: (row) => row.rule_name && `${row.rule_name} · ${row.slot} · ${row.variant}`,
    },
    {
      key: "at",
      title: t("wecom.welcomes.journal.at"),
      render: (row) => formatDateTime(row.happened_at, zone),
    },
    {
      key: "took",
      title: t("wecom.welcomes.journal.took"),
      align: "end",
      render: (row) => (row.took_ms === null ? "–" : `${format.decimal(row.took_ms / 1000, 2)} s`),
    },
  ];
}

function Customer({ row }: { row: WelcomeRow }) {
  const { t } = useI18n();
  const name = row.customer_name || t("wecom.welcomes.journal.unknown");
  return row.person_id ? <Link to={`/people/${row.person_id}`}>{name}</Link> : <span>{name}</span>;
}

/** The state of a welcome, with the reason in the reader's language. */
export function Outcome({ row }: { row: WelcomeRow }) {
  const { t, locale } = useI18n();
  const reason = locale === "zh" ? row.reason_zh : row.reason_en;
  const fallback = locale === "zh" ? row.fallback_zh : row.fallback_en;
  return (
    <span>
      <Tag tone={TONES[row.state]}>{t(`wecom.welcomes.state.${row.state}`)}</Tag>
      {(reason || fallback) && <small className="muted"> {reason || fallback}</small>}
    </span>
  );
}
