import { CheckCircleFilled, ClockCircleOutlined, LoadingOutlined } from "@ant-design/icons";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Progress } from "antd";
import { type RightsRequest, type RightsStep, retryErasure } from "../../api/rights";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./rights.module.css";

const ICON = { done: CheckCircleFilled, running: LoadingOutlined, waiting: ClockCircleOutlined };
const COLOR = { done: "var(--jade)", running: "var(--blue)", waiting: "var(--ink-3)" };

/** How far an erasure has come, and what stands in its way. */
export function Steps({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  return (
    <Panel title={t("rights.steps")} testId="erasure-steps">
      {request.trouble && <Trouble request={request} />}
      <ol className={styles.steps}>
        {request.steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </ol>
    </Panel>
  );
}

function Step({ step }: { step: RightsStep }) {
  const { t } = useI18n();
  const format = useFormat();
  const Icon = ICON[step.state];
  return (
    <li>
      <Icon aria-hidden style={{ color: COLOR[step.state] }} />
      <span>{t(`rights.step.${step.name}`)}</span>
      <span className="muted">
        {t(`rights.step.${step.state}`)}
        {step.rows > 0 && ` · ${t("rights.step.rows", { count: format.count(step.rows) })}`}
      </span>
      {step.state === "running" && step.of > 1 && (
        <Progress percent={Math.floor((step.done / step.of) * 100)} size="small" aria-label={t("progress")} />
      )}
    </li>
  );
}

function Trouble({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const retry = useMutation({
    mutationFn: () => retryErasure(request.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["rights-request", request.id] }),
  });
  const reason = request.trouble === "waits" ? t("rights.trouble.waits") : request.trouble;
  return (
    <div className={styles.trouble} role="status">
      <span>{t("rights.trouble", { attempts: request.attempts, reason })}</span>
      <Button size="small" loading={retry.isPending} onClick={() => retry.mutate()}>
        {t("rights.retry")}
      </Button>
      {retry.error && <ErrorNotice error={retry.error} />}
    </div>
  );
}

/** What was done in every store, with counts, and what stays by rule. */
export function Report({ request }: { request: RightsRequest }) {
  const { t } = useI18n();
  const { done, kept, again, for_a_while } = request.report as {
    done?: Counts;
    kept?: Record<string, string>;
    again?: { erased_at: string };
    for_a_while?: Record<string, { count: number; until: string }>;
  };
  const zone = useZone();
  if (!done) return null;
  return (
    <Panel title={t("rights.report")} testId="rights-report">
      {again && <p>{t("rights.report.again", { at: formatDateTime(again.erased_at, zone) })}</p>}
      <Stores rows={flat(done)} />
      {Object.entries(for_a_while ?? {}).map(([store, one]) => (
        <p key={store} className="muted" style={{ marginBlock: 8 }}>
          <code className="mono">{store}</code> {t("rights.report.forAWhile", { ...one })}
        </p>
      ))}
      <p className="muted" style={{ marginBlock: 8 }}>
        {t("rights.report.nothing")}
      </p>
      <details>
        <summary>{t("rights.report.kept")}</summary>
        <ul className={styles.kept}>
          {Object.entries(kept ?? {}).map(([store, why]) => (
            <li key={store}>
              <code className="mono">{store}</code> {why}
            </li>
          ))}
        </ul>
      </details>
    </Panel>
  );
}

interface Counts {
  [store: string]: number | Counts;
}

function flat(counts: Counts, prefix = ""): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).flatMap(([key, value]) => {
      const name = prefix ? `${prefix}.${key}` : key;
      return typeof value === "number" ? [[name, value]] : Object.entries(flat(value, name));
    }),
  );
}

/** Stores by their own names, those with nothing left out. */
export function Stores({ rows }: { rows: Record<string, number> }) {
  const format = useFormat();
  return (
    <ul className={styles.stores}>
      {Object.entries(rows)
        .filter(([, count]) => count > 0)
        .map(([store, count]) => (
          <li key={store}>
            <code>{store}</code>
            <span className="num">{format.count(count)}</span>
          </li>
        ))}
    </ul>
  );
}
