import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { type Computed, computedQuery } from "../../api/computed";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./computed.module.css";
import { StateTag } from "./StateTag";

export default function ComputedPage() {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(computedQuery);
  const create = (
    <Button type="primary" onClick={() => navigate("/computed-attributes/new")}>
      {t("computed.create")}
    </Button>
  );
  const columns: Column<Computed>[] = [
    {
      key: "name",
      title: t("computed.name"),
      lead: true,
      render: (one) => (
        <Link to={`/computed-attributes/${one.id}`} className={styles.name}>
          <strong>{one.name}</strong>
          <small>{one.attribute}</small>
        </Link>
      ),
    },
    { key: "kind", title: t("computed.kind"), render: (one) => t(`computed.kind.${one.kind}`) },
    { key: "state", title: t("computed.state"), render: (one) => <StateTag computed={one} /> },
    {
      key: "coverage",
      title: t("computed.coverage"),
      align: "end",
      render: (one) => (
        <>
          {format.count(one.people)} <small>{format.share(one.people, data?.people ?? 0)}</small>
        </>
      ),
    },
    {
      key: "asOf",
      title: t("computed.asOf"),
      align: "end",
      render: (one) => (one.as_of ? ago(one.as_of) : <span className="muted">–</span>),
    },
    {
      key: "changed",
      title: t("computed.changed"),
      align: "end",
      render: (one) => format.count(one.changed),
    },
  ];
  return (
    <Page title={t("nav.computed")} lead={t("computed.lead")} actions={create}>
      <Panel flush>
        <DataTable
          label={t("nav.computed")}
          testId="computed-table"
          columns={columns}
          rows={data?.items}
          rowKey={(one) => one.id}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState title={t("computed.empty")} action={create}>
              {t("computed.empty.text")}
            </EmptyState>
          }
        />
      </Panel>
    </Page>
  );
}
