import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { type MetricDetail, type MetricDraft, metricQuery } from "../../api/metrics";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useSearchState } from "../../ui/useSearchState";
import { MetricEditor } from "./MetricEditor";

const EMPTY: MetricDraft = {
  name: "",
  name_en: "",
  description: "",
  owner: "",
  unit: "times",
  formula: { kind: "events", event: { name: "", where: [], label: "" }, measure: "events" },
};

/** A new metric, one made from another, or the next version of one. */
export default function MetricEditPage() {
  const { id = "new" } = useParams();
  const { t } = useI18n();
  const [from] = useSearchState("from");
  const source = id === "new" ? from : id;
  const { data, error, refetch } = useQuery({ ...metricQuery(source), enabled: source !== "" });
  if (source === "") return <MetricEditor key="new" kept={null} start={EMPTY} />;
  if (data) {
    const start = draftOf(data);
    if (id !== "new") return <MetricEditor key={id} kept={data} start={start} />;
    const copy = { ...start, name: t("metric.copyOf", { name: data.name }), name_en: "", owner: "" };
    return <MetricEditor key={`from-${source}`} kept={null} start={copy} />;
  }
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.metrics")} back={{ to: "/figures", label: t("nav.metrics") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}

function draftOf({ name, name_en, description, owner, unit, formula }: MetricDetail): MetricDraft {
  return { name, name_en, description, owner, unit, formula };
}
