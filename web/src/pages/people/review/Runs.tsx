import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Modal, Progress, Select, Switch } from "antd";
import { useState } from "react";
import {
  compareEverybody,
  isRollingBack,
  type MatchRun,
  type MatchSummary,
  rollBackRun,
  rollbackPreviewQuery,
  saveMatching,
} from "../../../api/matches";
import { useAgo } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { Field } from "../../channels/content/Field";
import styles from "./review.module.css";

const THRESHOLDS = [0.9, 0.95, 0.99, 0.999];
const NEVER = "never";

/** What the brand wants of the model, how far comparing is, and what each run made. */
export function Runs({ summary }: { summary: MatchSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const refresh = useRefresh();
  const save = useMutation({ mutationFn: saveMatching, onSettled: refresh });
  const compare = useMutation({ mutationFn: compareEverybody, onSettled: refresh });
  const running = summary.runs.some((run) => run.kind === "all" && !run.finished_at);
  return (
    <>
      <Panel title={t("review.settings")} testId="match-settings">
        <div className={styles.settings}>
          <Field label={t("review.on")} hint={t("review.on.hint")}>
            {(id) => (
              <Switch
                id={id}
                checked={summary.is_on}
                loading={save.isPending}
                style={{ alignSelf: "flex-start" }}
                onChange={(is_on) => save.mutate({ is_on, auto_min: summary.auto_min })}
              />
            )}
          </Field>
          <Field label={t("review.auto")} hint={t("review.auto.hint")}>
            {(id) => (
              <Select
                id={id}
                value={summary.auto_min === null ? NEVER : String(summary.auto_min)}
                onChange={(value) =>
                  save.mutate({ is_on: summary.is_on, auto_min: value === NEVER ? null : Number(value) })
                }
                options={[
                  { value: NEVER, label: t("review.auto.never") },
                  ...thresholds(summary.auto_min).map((one) => ({
                    value: String(one),
                    label: t("review.auto.from", { share: `${format.decimal(one * 100, 1)}%` }),
                  })),
                ]}
                style={{ width: 220, maxWidth: "100%" }}
              />
            )}
          </Field>
        </div>
        {save.error && <ErrorNotice error={save.error} />}
        <p>
          {t("review.progress", {
            compared: format.count(summary.compared),
            people: format.count(summary.people),
            waiting: format.count(summary.waiting),
            model: summary.model,
          })}
        </p>
        <div className={styles.actions}>
          <Button
            disabled={!summary.is_on || running}
            loading={compare.isPending}
            onClick={() => compare.mutate()}
          >
            {t("review.compareAll")}
          </Button>
        </div>
        {compare.error && <ErrorNotice error={compare.error} />}
      </Panel>
      <Panel title={t("review.runs")} testId="match-runs">
        {summary.runs.length === 0 && <EmptyState title={t("review.runs.empty")} />}
        <ul className={styles.matches}>
          {summary.runs.map((run) => (
            <Run key={run.id} run={run} />
          ))}
        </ul>
      </Panel>
    </>
  );
}

function Run({ run }: { run: MatchRun }) {
  const { t } = useI18n();
  const ago = useAgo();
  const format = useFormat();
  const [asking, setAsking] = useState(false);
  const edges = run.joined + run.accepted;
  return (
    <li className={styles.match} data-testid="match-run">
      <div className={styles.caseHead}>
        <strong>{t(run.kind === "all" ? "review.run.all" : "review.run.changes")}</strong>
        <Tag>{run.model}</Tag>
        <small className="muted">{[run.started_by, ago(run.started_at)].filter(Boolean).join(" · ")}</small>
      </div>
      {run.kind === "all" && !run.finished_at && (
        <Progress percent={Math.floor(run.progress * 100)} aria-label={t("review.run.all")} />
      )}
      <p>
        {t("review.run.figures", {
          people: format.count(run.people),
          pairs: format.count(run.pairs),
          suggested: format.count(run.suggested),
          impossible: format.count(run.impossible),
          dropped: format.count(run.blocks_dropped),
        })}
      </p>
      <div className={styles.actions}>
        <span>
          {t("review.run.edges", { joined: format.count(run.joined), accepted: format.count(run.accepted) })}
        </span>
        {run.rolled_back > 0 && (
          <span className="muted">
            {t("review.run.rolledBack", { who: run.rollback_by, count: format.count(run.rolled_back) })}
          </span>
        )}
        {edges > 0 && (
          <Button danger size="small" loading={isRollingBack(run)} onClick={() => setAsking(true)}>
            {t("review.rollback")}
          </Button>
        )}
      </div>
      {asking && <RollbackForm run={run} onClose={() => setAsking(false)} />}
    </li>
  );
}

/** How many edges would go is shown first. */
function RollbackForm({ run, onClose }: { run: MatchRun; onClose: () => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const refresh = useRefresh();
  const [accepted, setAccepted] = useState(run.joined === 0);
  const preview = useQuery(rollbackPreviewQuery(run.id, accepted));
  const roll = useMutation({
    mutationFn: () => rollBackRun(run.id, accepted),
    onSettled: refresh,
    onSuccess: onClose,
  });
  return (
    <Modal
      open
      title={t("review.rollback")}
      okText={t("review.rollback.do")}
      okButtonProps={{ danger: true, disabled: !preview.data?.edges, loading: roll.isPending }}
      onOk={() => roll.mutate()}
      onCancel={onClose}
    >
      <p>{t("review.rollback.effect")}</p>
      <Checkbox checked={accepted} onChange={(event) => setAccepted(event.target.checked)}>
        {t("review.rollback.accepted", { count: format.count(run.accepted) })}
      </Checkbox>
      {preview.error && <ErrorNotice error={preview.error} onRetry={preview.refetch} />}
      {preview.data && (
        <p data-testid="rollback-preview">
          {t("review.rollback.preview", {
            edges: format.count(preview.data.edges),
            people: format.count(preview.data.people),
          })}
        </p>
      )}
      {roll.error && <ErrorNotice error={roll.error} />}
    </Modal>
  );
}

function thresholds(present: number | null): number[] {
  return present === null || THRESHOLDS.includes(present)
    ? THRESHOLDS
    : [...THRESHOLDS, present].toSorted((a, b) => a - b);
}

function useRefresh() {
  const queries = useQueryClient();
  return () => {
    for (const key of ["match-summary", "matches", "people"]) queries.invalidateQueries({ queryKey: [key] });
  };
}
