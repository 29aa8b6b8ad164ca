import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Progress } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import {
  type AttributeOutcome,
  type ImportDetail,
  type ImportFindings,
  type ImportPlan,
  importQuery,
  rejectsUrl,
  startImport,
} from "../../../api/imports";
import { importsQuery } from "../../../api/queries";
import type { ImportRun } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { type Column, DataTable } from "../../../ui/DataTable";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { useFormat } from "../../../ui/useFormat";
import { isRunning, percentOf } from "../progress";
import styles from "./wizard.module.css";

/** The whole file tried first, then imported; both go on when this page is closed. */
export function RunPanel({ fileId, plan }: { fileId: string; plan: ImportPlan }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [tried, setTried] = useState<{ id: string; plan: ImportPlan } | null>(null);
  const [run, setRun] = useState<string | null>(null);
  const start = useMutation({
    mutationFn: (dryRun: boolean) => startImport(fileId, plan, dryRun),
    onSuccess: (started) => {
      if (started.dry_run) setTried({ id: started.id, plan });
      else setRun(started.id);
      return queries.invalidateQueries({ queryKey: importsQuery.queryKey, exact: true });
    },
  });
  const isTried = tried?.plan === plan;
  return (
    <Panel
      title={t("importWizard.run")}
      testId="import-run-panel"
      extra={
        <span className={styles.mappings}>
          <Button
            type={isTried ? "default" : "primary"}
            loading={start.isPending && start.variables}
            onClick={() => start.mutate(true)}
          >
            {t("importWizard.try")}
          </Button>
          <Popconfirm
            title={t("importWizard.confirm")}
            okText={t("importWizard.start")}
            description={isTried ? undefined : t("importWizard.untried")}
            onConfirm={() => start.mutate(false)}
          >
            <Button type={isTried ? "primary" : "default"} loading={start.isPending && !start.variables}>
              {t("importWizard.start")}
            </Button>
          </Popconfirm>
        </span>
      }
    >
      <p className="soft">{t("importWizard.run.text")}</p>
      {start.error && <ErrorNotice error={start.error} />}
      {isTried && <Progressing id={tried.id} />}
      {run && <Progressing id={run} />}
    </Panel>
  );
}

function Progressing({ id }: { id: string }) {
  const { t, locale } = useI18n();
  const { data: run } = useQuery(importQuery(id));
  if (!run) return null;
  const testId = run.dry_run ? "import-tried" : "import-done";
  return (
    <div className={styles.outcome} data-testid={testId}>
      <strong>{t(run.dry_run ? "importWizard.tried" : "importWizard.imported")}</strong>
      <Progress
        percent={percentOf(run)}
        size="small"
        status={run.status === "failed" ? "exception" : isRunning(run) ? "active" : "normal"}
        aria-label={t(`importPhase.${run.phase}`)}
      />
      {run.error && (
        <p className={styles.error} role="alert">
          {locale === "zh" ? run.error.message_zh || run.error.message : run.error.message}
        </p>
      )}
      {run.status === "completed" && <Outcome run={run} />}
      {run.findings && <Findings findings={run.findings} />}
      <PlanIssues issues={run.plan_issues ?? []} />
      <FirstRejects run={run} />
      {!run.dry_run && run.status === "completed" && <Link to="/people">{t("importWizard.toPeople")}</Link>}
    </div>
  );
}

function Outcome({ run }: { run: ImportRun }) {
  const { t } = useI18n();
  const format = useFormat();
  const figures = [
    ["importWizard.rows", run.rows_total ?? run.rows_read],
    ["imports.rejected", run.rows_rejected],
    ["importWizard.repeated.rows", run.rows_repeated],
    ...(run.dry_run
      ? []
      : ([
          ["imports.written", run.events_written],
          ["imports.duplicate", run.events_duplicate],
        ] as const)),
  ] as const;
  return (
    <dl className={styles.figures}>
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{t(label)}</dt>
          <dd className="num">{format.count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What the file would do to the people known today. */
function Findings({ findings }: { findings: ImportFindings }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useAttributeWords();
  const figures = [
    ["importWizard.people.new", findings.people_new],
    ["importWizard.people.known", findings.people_known],
    ["importWizard.rows.joining", findings.rows_joining],
  ] as const;
  const columns: readonly Column<[string, AttributeOutcome]>[] = [
    { key: "key", title: t("importWizard.attribute"), lead: true, render: ([key]) => words.name(key) },
    ...(["added", "changed", "same", "kept"] as const).map((outcome) => ({
      key: outcome,
      title: t(`importWizard.outcome.${outcome}`),
      align: "end" as const,
      render: ([, counts]: [string, AttributeOutcome]) => format.count(counts[outcome]),
    })),
  ];
  const rows = Object.entries(findings.attributes) as [string, AttributeOutcome][];
  return (
    <>
      <dl className={styles.figures}>
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd className="num">{format.count(value)}</dd>
          </div>
        ))}
      </dl>
      {rows.length > 0 && (
        <DataTable
          label={t("importWizard.attributes")}
          columns={columns}
          rows={rows}
          rowKey={([key]) => key}
          empty={null}
        />
      )}
      <p className="soft">
        {t(findings.is_whole ? "importWizard.findings" : "importWizard.findings.part", {
          rows: format.count(findings.rows_compared),
        })}
      </p>
    </>
  );
}

/** What was imported although the tracking plan has it otherwise; what it keeps out stands among the rejects. */
function PlanIssues({ issues }: { issues: NonNullable<ImportDetail["plan_issues"]> }) {
  const { t } = useI18n();
  const format = useFormat();
  const warned = issues.filter((one) => one.outcome === "warned");
  if (warned.length === 0) return null;
  return (
    <section data-testid="import-plan-issues">
      <p>{t("importWizard.unplanned")}</p>
      <ul>
        {warned.map((one) => (
          <li key={`${one.name} ${one.problem} ${one.key}`}>
            <code className="mono">{[one.name, one.key].filter(Boolean).join(" · ")}</code>{" "}
            {t(`issue.${one.problem}`)} × <span className="num">{format.count(one.count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function FirstRejects({ run }: { run: { id: string; has_rejects: boolean; rows_rejected: number } }) {
  const { t } = useI18n();
  if (!run.has_rejects) return null;
  return (
    <p>
      <a href={rejectsUrl(run.id)} download>
        {t("importWizard.rejects")}
      </a>{" "}
      <span className="soft">{t("importWizard.rejects.text")}</span>
    </p>
  );
}
