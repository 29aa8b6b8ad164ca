import { useQuery } from "@tanstack/react-query";
import { type BroadcastResult, broadcastResultQuery, type GroupResult } from "../../api/broadcasts";
import { type MessageKey, useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./broadcasts.module.css";
import { Figure } from "./Figure";

/** The funnel from plan to order, and what it brought against who was held out. */
export function ResultPanel({ id }: { id: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(broadcastResultQuery(id));
  return (
    <Panel
      title={t("bct.result")}
      extra={data && t("bct.result.window", { days: String(data.window_days) })}
      testId="broadcast-result"
    >
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {data && (
        <>
          <Verdict result={data} />
          <div className={styles.figures}>
            <Figure label={t("bct.result.planned")}>{format.count(data.planned)}</Figure>
            <Figure label={t("bct.result.accepted")}>{format.count(data.accepted)}</Figure>
            {data.delivered !== null && (
              <Figure label={t("bct.result.delivered")}>{format.count(data.delivered)}</Figure>
            )}
            {data.clicked !== null && (
              <Figure label={t("bct.result.clicked")}>{format.count(data.clicked)}</Figure>
            )}
            <Figure label={t("bct.result.buyers")}>{format.count(data.sent.buyers)}</Figure>
            <Figure label={t("bct.result.revenue")}>{format.money(data.sent.revenue, data.currency)}</Figure>
            <Figure label={t("bct.result.unsubscribed")}>{format.count(data.unsubscribed)}</Figure>
            <Figure label={t("bct.result.cost")}>{format.money(data.cost, data.currency)}</Figure>
          </div>
          <Groups result={data} />
        </>
      )}
    </Panel>
  );
}

function Verdict({ result }: { result: BroadcastResult }) {
  const { t } = useI18n();
  const format = useFormat();
  const { lift } = result;
  if (!lift) return <p className={styles.note}>{t("bct.lift.none")}</p>;
  const money = (value: number) => format.money(value.toFixed(2), result.currency);
  const { revenue_low: low, revenue_high: high } = lift;
  const isSure = low !== null && high !== null && (low > 0 || high < 0);
  return (
    <>
      <p className={styles.verdict} data-testid="broadcast-lift">
        {t(lift.extra_revenue > 0 ? "bct.lift.more" : "bct.lift.less", { amount: money(lift.extra_revenue) })}
      </p>
      {low !== null && high !== null && (
        <p className={styles.note}>
          {t(isSure ? "bct.lift.sure" : "bct.lift.unsure", { low: money(low), high: money(high) })}
        </p>
      )}
    </>
  );
}

interface Group extends GroupResult {
  name: MessageKey;
}

function Groups({ result }: { result: BroadcastResult }) {
  const { t } = useI18n();
  const format = useFormat();
  const named: [MessageKey, GroupResult | null][] = [
    ["bct.group.sent", result.sent],
    ["bct.group.control", result.control],
    ["bct.group.best", result.best_hour],
    ["bct.group.random", result.random_hour],
  ];
  const rows: Group[] = named.flatMap(([name, group]) => (group ? [{ name, ...group }] : []));
  if (rows.length < 2) return null;
  const columns: Column<Group>[] = [
    { key: "name", title: t("bct.group"), lead: true, render: (row) => t(row.name) },
    { key: "people", title: t("bct.group.people"), align: "end", render: (row) => format.count(row.people) },
    {
      key: "rate",
      title: t("bct.group.rate"),
      align: "end",
      render: (row) => format.share(row.buyers, row.people),
    },
    { key: "orders", title: t("bct.result.orders"), align: "end", render: (row) => format.count(row.orders) },
    {
      key: "mean",
      title: t("bct.group.perPerson"),
      align: "end",
      render: (row) =>
        row.people ? format.money((Number(row.revenue) / row.people).toFixed(2), result.currency) : "–",
    },
  ];
  return (
    <DataTable
      label={t("bct.result")}
      testId="broadcast-groups"
      columns={columns}
      rows={rows}
      rowKey={(row) => row.name}
      error={null}
      onRetry={() => undefined}
      empty={null}
    />
  );
}
