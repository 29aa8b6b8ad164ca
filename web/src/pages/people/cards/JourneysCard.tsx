import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { type Passage, personJourneysQuery } from "../../../api/profiles";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "journeys", order: 10, Card: Journeys };

function Journeys({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const zone = useZone();
  const { data, error, refetch } = useQuery(personJourneysQuery(personId));
  const columns: Column<Passage>[] = [
    {
      key: "journey",
      title: t("nav.journeys"),
      lead: true,
      render: (row) => <Link to={`/journeys/${row.journey_id}`}>{row.journey}</Link>,
    },
    { key: "state", title: t("messages.state"), render: (row) => <Stand passage={row} /> },
    { key: "node", title: t("passage.node"), render: (row) => row.node_label || row.node },
    { key: "entered", title: t("passage.entered"), render: (row) => formatDateTime(row.entered_at, zone) },
    {
      key: "wakes",
      title: t("passage.wakes"),
      render: (row) => (row.wakes_at ? formatDateTime(row.wakes_at, zone) : "–"),
    },
  ];
  return (
    <Panel flush title={t("nav.journeys")} testId="person-journeys">
      <DataTable
        label={t("nav.journeys")}
        columns={columns}
        rows={data?.items}
        rowKey={(row) => row.id}
        error={error}
        onRetry={refetch}
        empty={<EmptyState title={t("passage.empty")}>{t("passage.empty.text")}</EmptyState>}
      />
    </Panel>
  );
}

function Stand({ passage }: { passage: Passage }) {
  const { t } = useI18n();
  if (passage.status === "active") return <Tag tone="jade">{t("passage.active")}</Tag>;
  if (passage.status === "completed") return <Tag tone="blue">{t("passage.completed")}</Tag>;
  return (
    <span title={passage.exit_reason ?? undefined}>
      <Tag tone="plain">{t("passage.exited")}</Tag>
    </span>
  );
}
