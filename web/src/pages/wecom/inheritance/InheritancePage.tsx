import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { Link } from "react-router";
import { type Inheritance, plansQuery } from "../../../api/wecom/inheritance";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { endedOf, STATE_TONES } from "./words";

export default function InheritancePage() {
  const { t } = useI18n();
  const zone = useZone();
  const plans = useInfiniteQuery(plansQuery);
  const rows = plans.data?.pages.flatMap((page) => page.items);
  const columns: Column<Inheritance>[] = [
    { key: "who", title: t("wecom.inherit.handover"), lead: true, render: (row) => <Who plan={row} /> },
    { key: "kind", title: t("wecom.inherit.kind"), render: (row) => t(`wecom.inherit.kind.${row.kind}`) },
    {
      key: "state",
      title: t("wecom.inherit.state"),
      render: (row) => <Tag tone={STATE_TONES[row.state]}>{t(`wecom.inherit.state.${row.state}`)}</Tag>,
    },
    { key: "progress", title: t("wecom.inherit.progress"), render: (row) => <Done plan={row} /> },
    {
      key: "takers",
      title: t("wecom.inherit.takers"),
      render: (row) => row.takers.map((one) => one.name).join("、") || "–",
    },
    {
      key: "made",
      title: t("wecom.inherit.created"),
      render: (row) => formatDateTime(row.created_at, zone),
    },
  ];
  const begin = (
    <Link to="/inheritance/new">
      <Button type="primary">{t("wecom.inherit.new")}</Button>
    </Link>
  );
  return (
    <Page title={t("nav.inheritance")} lead={t("wecom.inherit.lead")} actions={begin}>
      <Panel flush>
        <DataTable
          label={t("nav.inheritance")}
          columns={columns}
          rows={rows}
          rowKey={(row) => row.id}
          error={plans.error}
          onRetry={plans.refetch}
          testId="inheritances"
          empty={
            <EmptyState title={t("wecom.inherit.empty")} action={begin}>
              {t("wecom.inherit.empty.text")}
            </EmptyState>
          }
        />
        <LoadMore pager={plans} />
      </Panel>
    </Page>
  );
}

/** An open task leads into the wizard, everything else to its page. */
function Who({ plan }: { plan: Inheritance }) {
  const { t } = useI18n();
  if (plan.state !== "open") return <Link to={`/inheritance/${plan.id}`}>{plan.handover_name}</Link>;
  const query = new URLSearchParams({ corp: plan.corp, kind: plan.kind, handover: plan.handover });
  return (
    <Link to={`/inheritance/new?${query}`}>
      {plan.handover_name} · {t("wecom.inherit.begin")}
    </Link>
  );
}

function Done({ plan }: { plan: Inheritance }) {
  const { t } = useI18n();
  const customers = endedOf(plan.customers);
  const groups = endedOf(plan.groups);
  const total = customers.total + groups.total;
  if (total === 0) return "–";
  return (
    <div style={{ width: 140, maxWidth: "100%" }}>
      <Progress
        percent={Math.round(((customers.ended + groups.ended) / total) * 100)}
        size="small"
        aria-label={t("progress")}
      />
      <small className="muted">
        {customers.total > 0 &&
          t("wecom.inherit.progress.of", { done: customers.ended, total: customers.total })}{" "}
        {groups.total > 0 && t("wecom.inherit.groups.of", { done: groups.ended, total: groups.total })}
      </small>
    </div>
  );
}
