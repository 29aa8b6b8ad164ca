import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { type BroadcastRow, broadcastsQuery } from "../../api/broadcasts";
import { useMay, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { LoadMore } from "../../ui/LoadMore";
import { Page, Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { BACK, STATUS_TONES } from "./words";

/** The brand's broadcasts, newest first. */
export default function BroadcastsPage() {
  const { t } = useI18n();
  const format = useFormat();
  const zone = useZone();
  const found = useInfiniteQuery(broadcastsQuery);
  const columns: Column<BroadcastRow>[] = [
    {
      key: "name",
      title: t("bct.name"),
      lead: true,
      render: (row) => (
        <Link to={`${BACK}/${row.id}`} style={{ color: "inherit" }}>
          <strong style={{ fontWeight: 550 }}>{row.name}</strong>
        </Link>
      ),
    },
    {
      key: "status",
      title: t("bct.status"),
      render: (row) => <Tag tone={STATUS_TONES[row.status]}>{t(`bct.status.${row.status}`)}</Tag>,
    },
    {
      key: "next",
      title: t("bct.next"),
      render: (row) => (row.next_at ? formatDateTime(row.next_at, zone) : "–"),
    },
    {
      key: "audience",
      title: t("bct.audience"),
      align: "end",
      render: (row) => format.count(row.audience),
    },
    {
      key: "created",
      title: t("bct.created"),
      align: "end",
      render: (row) => formatDateTime(row.created_at, zone),
    },
  ];
  return (
    <Page title={t("nav.broadcasts")} lead={t("bct.lead")} actions={<Create />}>
      <Panel flush>
        <DataTable
          label={t("nav.broadcasts")}
          testId="broadcasts-table"
          columns={columns}
          rows={found.data?.pages.flatMap((page) => page.items)}
          rowKey={(row) => row.id}
          error={found.error}
          onRetry={found.refetch}
          empty={
            <EmptyState title={t("bct.empty")} action={<Create />}>
              {t("bct.empty.text")}
            </EmptyState>
          }
        />
        <LoadMore pager={found} />
      </Panel>
    </Page>
  );
}

function Create() {
  const { t } = useI18n();
  const navigate = useNavigate();
  if (!useMay()("messages.send")) return null;
  return (
    <Button type="primary" onClick={() => navigate(`${BACK}/new/edit`)}>
      {t("bct.create")}
    </Button>
  );
}
