import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { type OwnTemplate, templatesQuery } from "../../../api/messageTemplates";
import { useMay, useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { LoadMore } from "../../../ui/LoadMore";
import { Page, Panel } from "../../../ui/Page";
import { BACK } from "./draft";

/** The brand's message templates, newest first. */
export default function TemplatesPage() {
  const { t } = useI18n();
  const zone = useZone();
  const found = useInfiniteQuery(templatesQuery);
  const columns: Column<OwnTemplate>[] = [
    {
      key: "name",
      title: t("mtp.name"),
      lead: true,
      render: (row) => (
        <Link to={`${BACK}/${row.id}`} style={{ color: "inherit" }}>
          <strong style={{ fontWeight: 550 }}>{row.name}</strong>
          {row.note && <small className="muted"> {row.note}</small>}
        </Link>
      ),
    },
    {
      key: "kinds",
      title: t("mtp.kinds"),
      render: (row) => row.variants.map((one) => t(`messageKind.${one.message_kind}`)).join(" · "),
    },
    { key: "version", title: t("mtp.version"), align: "end", render: (row) => row.version },
    {
      key: "updated",
      title: t("mtp.updated"),
      align: "end",
      render: (row) => formatDateTime(row.updated_at, zone),
    },
  ];
  return (
    <Page title={t("nav.messageTemplates")} lead={t("mtp.lead")} actions={<Create />}>
      <Panel flush>
        <DataTable
          label={t("nav.messageTemplates")}
          testId="message-templates-table"
          columns={columns}
          rows={found.data?.pages.flatMap((page) => page.items)}
          rowKey={(row) => row.id}
          error={found.error}
          onRetry={found.refetch}
          empty={
            <EmptyState title={t("mtp.empty")} action={<Create />}>
              {t("mtp.empty.text")}
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
    <Button type="primary" onClick={() => navigate(`${BACK}/new`)}>
      {t("mtp.create")}
    </Button>
  );
}
