import { useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { officialAccountsQuery } from "../../api/channels";
import { templateQuery } from "../../api/journeys";
import { journeyQuery, segmentsQuery } from "../../api/queries";
import type { Journey } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { readDefinition } from "./definition";
import { JourneyEditor } from "./JourneyEditor";

export default function JourneyEditPage() {
  const { id = "new" } = useParams();
  return id === "new" ? <FromTemplate /> : <Existing id={id} />;
}

/** A template is filled in with the first account and segment there are, so that it works as it stands. */
function FromTemplate() {
  const { t, locale } = useI18n();
  const [params] = useSearchParams();
  const accounts = useQuery(officialAccountsQuery);
  const segments = useQuery(segmentsQuery);
  const key = params.get("template") || "welcome";
  const { data, error, refetch } = useQuery({
    ...templateQuery(key, {
      account: accounts.data?.items[0]?.id ?? "",
      segment: segments.data?.items[0]?.id ?? "",
      language: locale,
    }),
    enabled: !accounts.isPending && !segments.isPending,
  });
  if (data) {
    return (
      <JourneyEditor
        key={key}
        id={null}
        initialName={data.name}
        initial={readDefinition(data.definition as Journey["definition"])}
      />
    );
  }
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("journeys.create")} back={{ to: "/journeys", label: t("nav.journeys") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}

function Existing({ id }: { id: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...journeyQuery(id), refetchInterval: false });
  if (data)
    return (
      <JourneyEditor
        id={id}
        initialName={data.name}
        initial={readDefinition(data.definition)}
        seen={data.updated_at}
      />
    );
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("journey.edit")} back={{ to: "/journeys", label: t("nav.journeys") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}
