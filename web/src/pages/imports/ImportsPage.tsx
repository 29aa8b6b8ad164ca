import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { Link } from "react-router";
import { rejectsUrl } from "../../api/imports";
import { cancelImport, importsQuery } from "../../api/queries";
import type { ImportRun } from "../../api/types";
import { useZone } from "../../app/session";
import { formatDateTime, formatDuration } from "../../format/times";
import { useI18n } from "../../i18n";
import { Code } from "../../ui/Code";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag, type Tone } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./imports.module.css";
import { isRunning, percentOf } from "./progress";
import { UndoImport } from "./UndoImport";

const TONES: Record<string, Tone> = {
  queued: "plain",
  running: "blue",
  completed: "jade",
  failed: "red",
  cancelled: "plain",
};

const COMMANDS = `quanyu import people customers.csv --map people.toml --dry-run
quanyu import orders orders.xlsx --map orders.toml
quanyu import events history.parquet --map events.toml`;

export default function ImportsPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(importsQuery);
  return (
    <Page
      title={t("nav.imports")}
      lead={t("imports.lead")}
      actions={
        <Link to="/imports/new">
          <Button type="primary">{t("importWizard.open")}</Button>
        </Link>
      }
    >
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data?.items.length === 0 && (
        <Panel>
          <EmptyState title={t("imports.empty")}>{t("imports.empty.text")}</EmptyState>
        </Panel>
      )}
      {data?.items.map((run) => (
        <Run key={run.id} run={run} />
      ))}
      <Panel title={t("imports.how")}>
        <p className="soft">{t("imports.how.text")}</p>
        <Code className={styles.commands} text={COMMANDS} />
      </Panel>
    </Page>
  );
}

function Run({ run }: { run: ImportRun }) {
  const { t, has, locale } = useI18n();
  const kind = `importKind.${run.kind}`;
  const status = `importStatus.${run.status}`;
  return (
    <Panel
      testId="import-run"
      title={
        <span className={styles.title}>
          <span className={styles.file}>{run.name}</span>
          <Tag>{has(kind) ? t(kind) : run.kind}</Tag>
          {run.dry_run && <Tag tone="amber">{t("imports.dryRun")}</Tag>}
          {run.actor && <span className="soft">{t("imports.by", { actor: run.actor })}</span>}
          <Tag tone={TONES[run.status] ?? "plain"}>{has(status) ? t(status) : run.status}</Tag>
        </span>
      }
      extra={isRunning(run) ? <Cancel run={run} /> : <Times run={run} />}
    >
      <Bar run={run} />
      <Counts run={run} />
      {run.error && (
        <p className={styles.error} role="alert">
          {locale === "zh" ? run.error.message_zh || run.error.message : run.error.message}
        </p>
      )}
      <Rejects reasons={run.reject_reasons} />
      {run.has_rejects && (
        <p>
          <a href={rejectsUrl(run.id)} download>
            {t("imports.rejectsFile")}
          </a>
        </p>
      )}
      <UndoImport run={run} />
    </Panel>
  );
}

function Rejects({ reasons }: { reasons: ImportRun["reject_reasons"] }) {
  const { t } = useI18n();
  const format = useFormat();
  const rows = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  if (rows.length === 0) return null;
  return (
    <p className={styles.reasons}>
      {t("imports.reasons")}{" "}
      {rows.map(([reason, count]) => (
        <span key={reason} className="num">
          <code className="mono">{reason}</code> × {format.count(count)}
        </span>
      ))}
    </p>
  );
}

function Bar({ run }: { run: ImportRun }) {
  const { t } = useI18n();
  const percent = percentOf(run);
  const status = run.status === "failed" ? "exception" : isRunning(run) ? "active" : "normal";
  return (
    <>
      {isRunning(run) && <p className="soft">{t(`importPhase.${run.phase}`)}</p>}
      <Progress percent={percent} status={status} size="small" aria-label={run.file} />
    </>
  );
}

function Counts({ run }: { run: ImportRun }) {
  const { t } = useI18n();
  const format = useFormat();
  const figures = [
    [
      t("imports.rows"),
      run.rows_total == null
        ? format.count(run.rows_read)
        : `${format.count(run.rows_read)} / ${format.count(run.rows_total)}`,
    ],
    [t("imports.rejected"), format.count(run.rows_rejected)],
    [t("imports.written"), format.count(run.events_written)],
    [t("imports.duplicate"), format.count(run.events_duplicate)],
    [t("imports.nobody"), format.count(run.events_of_nobody)],
  ];
  return (
    <dl className={styles.counts}>
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Times({ run }: { run: ImportRun }) {
  const { tag } = useI18n();
  const zone = useZone();
  if (!run.started_at) return null;
  return (
    <span className="num">
      {formatDateTime(run.started_at, zone)} · {formatDuration(run.took_s ?? 0, tag)}
    </span>
  );
}

function Cancel({ run }: { run: ImportRun }) {
  const { t, tag } = useI18n();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelImport(run.id),
    onSettled: () => queries.invalidateQueries({ queryKey: importsQuery.queryKey }),
  });
  const seconds = run.took_s ?? 0;
  return (
    <span className={styles.cancel}>
      {seconds > 1 && <span className="num">{formatDuration(seconds, tag)}</span>}
      <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate()}>
        {t("imports.cancel")}
      </Button>
    </span>
  );
}
