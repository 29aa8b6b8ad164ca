import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import type { SyncSource } from "../../api/syncs";
import type { Sync, SyncKind } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime, formatTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag, type Tone } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "../channels/channels.module.css";
import { percentOf } from "./progress";

interface SourceProps {
  source: SyncSource;
}

interface SyncPanelProps extends SourceProps {
  kind: SyncKind;
}

/** Bringing over what the platform knows: the latest run with its progress, and the ones before it. */
export function SyncPanel({ source, kind }: SyncPanelProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(source.query);
  const start = useMutation({
    mutationFn: () => source.start(kind),
    onSettled: () => queries.invalidateQueries({ queryKey: source.query.queryKey }),
  });
  if (!data && !error) return <PanelSkeleton />;
  const runs = data?.items.filter((sync) => sync.kind === kind) ?? [];
  const [latest, ...earlier] = runs;
  const isRunning = latest?.state === "running";
  return (
    <Panel
      testId={`sync-${kind}`}
      title={t(`sync.${kind}`)}
      extra={
        !isRunning && (
          <Button size="small" type="primary" loading={start.isPending} onClick={() => start.mutate()}>
            {t(latest ? "sync.again" : "sync.start")}
          </Button>
        )
      }
    >
      <p className="soft">{t(`sync.${kind}.text`)}</p>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {start.error && <ErrorNotice error={start.error} />}
      {latest && <Run source={source} sync={latest} />}
      {earlier.length > 0 && <Earlier runs={earlier} />}
    </Panel>
  );
}

const TONES: Record<Sync["state"], Tone> = {
  running: "blue",
  done: "jade",
  failed: "red",
  cancelled: "plain",
};

function Run({ source, sync }: SourceProps & { sync: Sync }) {
  const { t } = useI18n();
  const zone = useZone();
  const isRunning = sync.state === "running";
  return (
    <div className={styles.run} data-testid="sync-run">
      <p className={styles.runHead} aria-live="polite">
        <Tag tone={TONES[sync.state]}>{t(`syncState.${sync.state}`)}</Tag>
        {isRunning && <span>{t(`syncStage.${sync.stage}`)}</span>}
        <span className="muted num">{formatDateTime(sync.finished_at ?? sync.started_at, zone)}</span>
        {isRunning && <Cancel source={source} sync={sync} />}
      </p>
      <Progress
        percent={percentOf(sync)}
        status={sync.state === "failed" ? "exception" : isRunning ? "active" : "normal"}
        size="small"
        strokeColor={sync.state === "failed" ? undefined : "var(--jade)"}
        aria-label={t(`sync.${sync.kind}`)}
      />
      <Counts sync={sync} />
      {isRunning && sync.waits_until && (
        <p role="status" className={styles.waiting}>
          {t("sync.waits", { at: formatTime(sync.waits_until, zone) })} <Reason sync={sync} />
        </p>
      )}
      {sync.state === "failed" && (
        <p role="alert" className={styles.bad}>
          {t("sync.failed")} <Reason sync={sync} />
        </p>
      )}
    </div>
  );
}

function Reason({ sync }: { sync: Sync }) {
  const { locale } = useI18n();
  return <>{locale === "zh" ? sync.reason_zh : sync.reason_en}</>;
}

function Counts({ sync }: { sync: Sync }) {
  const { t } = useI18n();
  const format = useFormat();
  const figures = [
    [t(`sync.${sync.kind}.total`), sync.total],
    [t(`sync.${sync.kind}.listed`), sync.listed],
    ...(sync.kind === "followers" ? [[t("sync.toAsk"), sync.to_ask] as const] : []),
  ] as const;
  return (
    <dl className={styles.facts}>
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{format.count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Cancel({ source, sync }: SourceProps & { sync: Sync }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => source.cancel(sync.id),
    onSettled: () => queries.invalidateQueries({ queryKey: source.query.queryKey }),
  });
  return (
    <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
      {t("sync.cancel")}
    </Button>
  );
}

function Earlier({ runs }: { runs: readonly Sync[] }) {
  const { t } = useI18n();
  const zone = useZone();
  const format = useFormat();
  return (
    <details className={styles.earlier}>
      <summary>{t("sync.earlier", { count: runs.length, n: runs.length })}</summary>
      <ul>
        {runs.map((sync) => (
          <li key={sync.id}>
            <Tag tone={TONES[sync.state]}>{t(`syncState.${sync.state}`)}</Tag>
            <span className="num">{formatDateTime(sync.started_at, zone)}</span>
            <span className="muted num">
              {format.count(sync.listed)} / {format.count(sync.total)}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
