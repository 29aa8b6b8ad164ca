import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import type { ReactNode } from "react";
import { cancelStudy, runStudy, type Study, type StudyKind, studyQuery } from "../../api/studies";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { type MessageKey, useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";

interface StudyPageProps<Summary extends Study> {
  kind: StudyKind;
  /** Why nobody was judged, in words, or nothing. */
  refusal: (summary: Summary) => ReactNode;
  children: (summary: Summary) => ReactNode;
  /** Also shown where there is no figure yet. */
  foot?: (summary: Summary) => ReactNode;
}

/** What the pages of all studies share: computing with progress, and the reason where there is nothing to show. */
export function StudyPage<Summary extends Study>({ kind, refusal, children, foot }: StudyPageProps<Summary>) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(studyQuery<Summary>(kind));
  const again = () => queries.invalidateQueries({ queryKey: ["study", kind] });
  const run = useMutation({ mutationFn: () => runStudy(kind), onSuccess: again });
  const button = (
    <Button
      type="primary"
      loading={run.isPending}
      disabled={Boolean(data?.under_way)}
      onClick={() => run.mutate()}
    >
      {t("study.run")}
    </Button>
  );
  const why = data && refusal(data);
  return (
    <Page title={t(`nav.${kind}` as MessageKey)} lead={<Lead kind={kind} summary={data} />} actions={button}>
      {run.error && <ErrorNotice error={run.error} onRetry={() => run.mutate()} />}
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={8} />}
      {data?.under_way && <UnderWay kind={kind} underWay={data.under_way} onStopped={again} />}
      {data?.has_failed && <ErrorNotice error={new Error(t("study.failed"))} onRetry={() => run.mutate()} />}
      {data && !data.as_of && (
        <Panel>
          <EmptyState title={t("study.empty")}>{t(`${kind}.empty` as MessageKey)}</EmptyState>
        </Panel>
      )}
      {why && (
        <Panel testId="study-refused">
          <EmptyState title={t("study.refused")}>{why}</EmptyState>
        </Panel>
      )}
      {data?.as_of && !why && children(data)}
      {data && foot?.(data)}
    </Page>
  );
}

function Lead({ kind, summary }: { kind: StudyKind; summary: Study | undefined }) {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  if (!summary?.as_of || summary.people === 0) return t(`${kind}.lead` as MessageKey);
  return t("study.asOf", {
    at: formatDateTime(summary.as_of, zone),
    count: format.count(summary.people),
    n: summary.people,
  });
}

function UnderWay({
  kind,
  underWay,
  onStopped,
}: {
  kind: StudyKind;
  underWay: NonNullable<Study["under_way"]>;
  onStopped: () => void;
}) {
  const { t, has } = useI18n();
  const stop = useMutation({ mutationFn: () => cancelStudy(kind), onSuccess: onStopped });
  const step = `study.step.${underWay.step}`;
  return (
    <Panel testId="study-under-way">
      <p role="status">{has(step) ? t(step) : underWay.step}</p>
      <Progress percent={Math.round(underWay.share * 100)} aria-label={t("progress")} />
      <Button loading={stop.isPending} onClick={() => stop.mutate()}>
        {t("study.stop")}
      </Button>
    </Panel>
  );
}
