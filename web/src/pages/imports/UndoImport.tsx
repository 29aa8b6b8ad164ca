import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Modal, Progress } from "antd";
import { useState } from "react";
import {
  importUndoPreviewQuery,
  importUndoQuery,
  resumeImportUndo,
  stopImportUndo,
  type UndoPreview,
  type UndoView,
  undoImport,
} from "../../api/importUndo";
import type { ImportRun } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import styles from "./imports.module.css";

/** The way back from an import of people; nothing for what wrote nothing. */
export function UndoImport({ run }: { run: ImportRun }) {
  const { t } = useI18n();
  const [asking, setAsking] = useState(false);
  const isOver = run.status !== "running" && run.status !== "queued";
  const isPeople = run.kind === "people" && !run.dry_run && isOver && run.events_written > 0;
  const { data } = useQuery({ ...importUndoQuery(run.id), enabled: isPeople });
  if (!isPeople || !data) return null;
  if (data.undo) return <Progressing id={run.id} undo={data.undo as UndoView} />;
  if (data.refusal === "too_old" || data.refusal === "wrote_nothing") return null;
  const isStored = data.refusal === null;
  return (
    <p className={styles.way}>
      <Button size="small" disabled={!isStored} onClick={() => setAsking(true)}>
        {t("importUndo.open")}
      </Button>{" "}
      {!isStored && <span className="soft">{t("importUndo.notStored")}</span>}
      {asking && <Asking run={run} onClose={() => setAsking(false)} />}
    </p>
  );
}

function Asking({ run, onClose }: { run: ImportRun; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(importUndoPreviewQuery(run.id));
  const undo = useMutation({
    mutationFn: () => undoImport(run.id),
    onSuccess: (answer) => {
      queries.setQueryData(importUndoQuery(run.id).queryKey, answer);
      onClose();
    },
  });
  return (
    <Modal
      open
      title={t("importUndo.title", { file: run.name })}
      okText={t("importUndo.do")}
      okButtonProps={{ danger: true, disabled: !data || data.refusal !== null, loading: undo.isPending }}
      onOk={() => undo.mutate()}
      onCancel={onClose}
    >
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data && <Foreseen looked={data} />}
      {undo.error && <ErrorNotice error={undo.error} />}
    </Modal>
  );
}

function Foreseen({ looked }: { looked: UndoPreview }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <p>{t("importUndo.text")}</p>
      {!looked.is_whole && (
        <p className="soft">{t("importUndo.sample", { people: format.count(looked.people) })}</p>
      )}
      <Figures
        rows={[
          [t("importUndo.removed"), looked.removed],
          [t("importUndo.attributes"), looked.attributes],
          [t("importUndo.tags"), looked.tags],
          [t("importUndo.consents"), looked.consents],
          [t("importUndo.keptNewer"), looked.kept_newer],
        ]}
      />
    </>
  );
}

function Progressing({ id, undo }: { id: string; undo: UndoView }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const settled = () => queries.invalidateQueries({ queryKey: importUndoQuery(id).queryKey });
  const stop = useMutation({ mutationFn: () => stopImportUndo(id), onSettled: settled });
  const resume = useMutation({ mutationFn: () => resumeImportUndo(id), onSettled: settled });
  const error = stop.error ?? resume.error;
  const { counts } = undo;
  return (
    <section className={styles.undo} aria-label={t("importUndo.open")}>
      <p className={styles.title}>
        <Tag tone={undo.state === "done" ? "plain" : "amber"}>{t(`importUndo.state.${undo.state}`)}</Tag>
        <span className="soft">{t("imports.by", { actor: undo.actor })}</span>
        {undo.state === "running" && (
          <>
            <span className="soft">{t(`importUndo.phase.${undo.phase}`)}</span>
            <Button size="small" loading={stop.isPending} onClick={() => stop.mutate()}>
              {t("importUndo.stop")}
            </Button>
          </>
        )}
        {undo.state === "stopped" && (
          <Button size="small" loading={resume.isPending} onClick={() => resume.mutate()}>
            {t("importUndo.resume")}
          </Button>
        )}
      </p>
      {undo.state !== "done" && (
        <Progress
          percent={Math.min(99, Math.floor((undo.done / Math.max(1, undo.people)) * 100))}
          size="small"
          aria-label={t("importUndo.open")}
        />
      )}
      <Figures
        rows={[
          [t("importUndo.removed"), counts.removed],
          [t("importUndo.restored"), counts.restored],
          [t("importUndo.attributes"), counts.attributes],
          [t("importUndo.tags"), counts.tags],
          [t("importUndo.consents"), counts.consents],
          [t("importUndo.keptNewer"), counts.kept_newer],
        ]}
      />
      {error && <ErrorNotice error={error} />}
    </section>
  );
}

function Figures({ rows }: { rows: readonly (readonly [string, number])[] }) {
  const format = useFormat();
  return (
    <dl className={styles.counts}>
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="num">{format.count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
