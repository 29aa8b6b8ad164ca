import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "react-router";
import { analysisQuery } from "../../api/dashboards";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { pathOf } from "./KeepActions";

/** A kept analysis by its link: its question, asked on today's data. */
export default function SavedPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(analysisQuery(id));
  if (data) return <Navigate replace to={pathOf(data)} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.behaviour")} back={{ to: "/behaviour", label: t("nav.behaviour") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}
