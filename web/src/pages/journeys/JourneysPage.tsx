import { useQuery } from "@tanstack/react-query";
import { Button, Dropdown } from "antd";
import { Link, useNavigate } from "react-router";
import { templatesQuery } from "../../api/journeys";
import { journeysQuery } from "../../api/queries";
import type { JourneyRow } from "../../api/types";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { JourneyStatusTag } from "./JourneyStatusTag";

export default function JourneysPage() {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(journeysQuery);
  const columns: Column<JourneyRow>[] = [
    {
      key: "name",
      title: t("journeys.name"),
      lead: true,
      render: (journey) => (
        <Link to={`/journeys/${journey.id}`} style={{ color: "inherit" }}>
          <strong style={{ fontWeight: 550 }}>{journey.name}</strong>
        </Link>
      ),
    },
    {
      key: "status",
      title: t("journeys.status"),
      render: (journey) => <JourneyStatusTag status={journey.status} />,
    },
    {
      key: "entered",
      title: t("journeys.entered"),
      align: "end",
      render: (journey) => format.count(journey.entered),
    },
    {
      key: "active",
      title: t("journeys.active"),
      align: "end",
      render: (journey) => format.count(journey.active),
    },
    {
      key: "completed",
      title: t("journeys.completed"),
      align: "end",
      render: (journey) => format.count(journey.completed),
    },
  ];
  return (
    <Page title={t("nav.journeys")} lead={t("journeys.lead")} actions={<CreateJourney />}>
      <Panel flush>
        <DataTable
          label={t("nav.journeys")}
          testId="journeys-table"
          columns={columns}
          rows={data?.items}
          rowKey={(journey) => journey.id}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState title={t("journeys.empty")} action={<CreateJourney />}>
              {t("journeys.empty.text")}
            </EmptyState>
          }
        />
      </Panel>
    </Page>
  );
}

function CreateJourney() {
  const { t, locale } = useI18n();
  const { data } = useQuery(templatesQuery);
  const navigate = useNavigate();
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: data?.items.map(({ key, name, lead }) => ({
          key,
          label: t("templates.item", { name: name[locale], lead: lead[locale] }),
        })),
        onClick: ({ key }) => navigate(`/journeys/new/edit?template=${key}`),
      }}
    >
      <Button type="primary">{t("journeys.create")}</Button>
    </Dropdown>
  );
}
