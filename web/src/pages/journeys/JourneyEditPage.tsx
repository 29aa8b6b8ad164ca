import { useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { officialAccountsQuery } from "../../api/channels";
import { journeyQuery, segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { readDefinition } from "./definition";
import { JourneyEditor } from "./JourneyEditor";
import { isTemplate, TEMPLATES } from "./templates";

export default function JourneyEditPage() {
  const { id = "new" } = useParams();
  return id === "new" ? <FromTemplate /> : <Existing id={id} />;
}

/** A template is filled in with the first account and segment there are, so that it works as it stands. */
function FromTemplate() {
  const { t } = useI18n();
  const [params] = useSearchParams();
  const accounts = useQuery(officialAccountsQuery);
  const segments = useQuery(segmentsQuery);
  if (accounts.isPending || segments.isPending) return <PageSkeleton />;
  const wanted = params.get("template") ?? "";
  const name = isTemplate(wanted) ? wanted : "welcome";
  const definition = TEMPLATES[name]({
    t,
    accountId: accounts.data?.items[0]?.id ?? "",
    segmentId: segments.data?.items[0]?.id ?? "",
  });
  return <JourneyEditor key={name} id={null} initialName={t(`template.${name}.name`)} initial={definition} />;
}

function Existing({ id }: { id: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...journeyQuery(id), refetchInterval: false });
  if (data)
    return <JourneyEditor id={id} initialName={data.name} initial={readDefinition(data.definition)} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("journey.edit")} back={{ to: "/journeys", label: t("nav.journeys") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}
