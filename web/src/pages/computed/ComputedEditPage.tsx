import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { computedDetailQuery } from "../../api/computed";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { ComputedEditor } from "./ComputedEditor";

export default function ComputedEditPage() {
  const { id = "" } = useParams();
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...computedDetailQuery(id), enabled: id !== "new" });
  if (id === "new") return <ComputedEditor key="new" computed={null} />;
  if (data) return <ComputedEditor key={data.id} computed={data} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.computed")} back={{ to: "/computed-attributes", label: t("nav.computed") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}
