import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { type Passage, personJourneysQuery } from "../../../api/profiles";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { Panel } from "../../../ui/Page";
import { EnrolButton } from "../../journeys/EnrolButton";
import { PassageTag } from "../../journeys/PassageTag";
import { type PassageOf, StepsDrawer } from "../../journeys/StepsDrawer";
import type { PersonCard, PersonCardProps } from "./card";

export const card: PersonCard = { place: "journeys", order: 10, Card: Journeys };

function Journeys({ personId }: PersonCardProps) {
  const { t } = useI18n();
  const zone = useZone();
  const [shown, setShown] = useState<PassageOf | null>(null);
  const { data, error, refetch } = useQuery(personJourneysQuery(personId));
  const columns: Column<Passage>[] = [
    {
      key: "journey",
      title: t("nav.journeys"),
      lead: true,
      render: (row) => <Link to={`/journeys/${row.journey_id}`}>{row.journey}</Link>,
    },
    { key: "state", title: t("messages.state"), render: (row) => <PassageTag passage={row} /> },
    { key: "node", title: t("passage.node"), render: (row) => row.node_label || row.node },
    { key: "entered", title: t("passage.entered"), render: (row) => formatDateTime(row.entered_at, zone) },
    {
      key: "wakes",
      title: t("passage.wakes"),
      render: (row) => (row.wakes_at ? formatDateTime(row.wakes_at, zone) : "–"),
    },
    {
      key: "steps",
      title: t("steps.title"),
      render: (row) => (
        <Button
          type="link"
          size="small"
          style={{ padding: 0 }}
          onClick={() => setShown({ person: personId, passage: row.id })}
        >
          {t("steps.open")}
        </Button>
      ),
    },
  ];
  return (
    <Panel
      flush
      title={t("nav.journeys")}
      testId="person-journeys"
      extra={<EnrolButton personId={personId} />}
    >
      <DataTable
        label={t("nav.journeys")}
        columns={columns}
        rows={data?.items}
        rowKey={(row) => row.id}
        error={error}
        onRetry={refetch}
        empty={<EmptyState title={t("passage.empty")}>{t("passage.empty.text")}</EmptyState>}
      />
      <StepsDrawer of={shown} onClose={() => setShown(null)} />
    </Panel>
  );
}
