import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { segmentQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page } from "../../ui/Page";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { ListEditor } from "./ListEditor";
import { SegmentEditor } from "./SegmentEditor";

export default function SegmentPage() {
  const { id = "new" } = useParams();
  return id === "new" ? <SegmentEditor key="new" segment={null} /> : <ExistingSegment key={id} id={id} />;
}

function ExistingSegment({ id }: { id: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery({ ...segmentQuery(id), refetchOnWindowFocus: false });
  if (data?.kind === "list") return <ListEditor segment={data} />;
  if (data) return <SegmentEditor segment={data} />;
  if (!error) return <PageSkeleton />;
  return (
    <Page title={t("nav.segments")} back={{ to: "/segments", label: t("nav.segments") }}>
      <ErrorNotice error={error} onRetry={refetch} />
    </Page>
  );
}
