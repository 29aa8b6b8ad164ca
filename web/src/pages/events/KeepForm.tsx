import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, InputNumber } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { deleteKeep, previewKeep, retentionQuery, saveKeep } from "../../api/events";
import type { EventUse, Keep, RetentionPreview } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useFormat } from "../../ui/useFormat";
import { pathOfUse } from "../../ui/uses";
import { inUnits } from "./bytes";
import styles from "./events.module.css";

interface KeepFormProps {
  /** None: the rule of all names that have none of their own. */
  name?: string;
  saved: Keep | undefined;
}

/** How long events are kept: tried first, then saved; whoever asks further back is named. */
export function KeepForm({ name, saved }: KeepFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [keep, setKeep] = useState<Keep>(
    saved ? { warehouse_days: saved.warehouse_days, archive_days: saved.archive_days } : {},
  );
  const [despiteUses, setDespiteUses] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: retentionQuery.queryKey });
  const look = useMutation({ mutationFn: () => previewKeep(name, keep) });
  const save = useMutation({
    mutationFn: () => saveKeep(name, { ...keep, despite_uses: despiteUses }),
    onSuccess: refresh,
  });
  const forget = useMutation({ mutationFn: () => deleteKeep(name), onSuccess: refresh });
  const change = (next: Keep) => {
    setKeep(next);
    setDespiteUses(false);
    look.reset();
    save.reset();
  };
  const failed = look.error ?? save.error ?? forget.error;
  return (
    <>
      <div className={styles.tools}>
        <Days
          label={t("keep.warehouse")}
          value={keep.warehouse_days}
          onChange={(warehouse_days) => change({ ...keep, warehouse_days })}
        />
        <Days
          label={t("keep.archive")}
          value={keep.archive_days}
          onChange={(archive_days) => change({ ...keep, archive_days })}
        />
        <Button loading={look.isPending} onClick={() => look.mutate()}>
          {t("keep.preview")}
        </Button>
        <Button
          type="primary"
          disabled={!look.data || (look.data.uses.length > 0 && !despiteUses)}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
        {saved && (
          <Button danger loading={forget.isPending} onClick={() => forget.mutate()}>
            {t("keep.delete")}
          </Button>
        )}
        {save.isSuccess && <span className="muted">{t("keep.saved")}</span>}
      </div>
      {look.data && <Preview preview={look.data} keep={keep} />}
      {look.data && look.data.uses.length > 0 && (
        <Checkbox checked={despiteUses} onChange={(event) => setDespiteUses(event.target.checked)}>
          {t("keep.despite")}
        </Checkbox>
      )}
      {failed && <ErrorNotice error={failed} />}
    </>
  );
}

interface DaysProps {
  label: string;
  value: number | null | undefined;
  onChange: (days: number | null) => void;
}

function Days({ label, value, onChange }: DaysProps) {
  const { t } = useI18n();
  return (
    <span>
      {label}{" "}
      <InputNumber
        aria-label={label}
        suffix={t("keep.days")}
        placeholder={t("keep.forGood")}
        min={1}
        max={36_500}
        precision={0}
        value={value ?? null}
        onChange={onChange}
        style={{ width: 130 }}
      />
    </span>
  );
}

function Preview({ preview, keep }: { preview: RetentionPreview; keep: Keep }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <div data-testid="keep-preview" className={styles.preview}>
      <p>
        {t("keep.removes", { count: format.count(preview.events), size: inUnits(preview.size_bytes) })}
        {keep.archive_days
          ? ` ${t("keep.removesArchived", { files: format.count(preview.archive_files), count: format.count(preview.archive_events) })}`
          : ""}
      </p>
      {preview.uses.length === 0 ? (
        <p className="muted">{t("keep.nobody")}</p>
      ) : (
        <>
          <p>{t("keep.uses", { count: preview.uses.length })}</p>
          <ul className={styles.uses}>
            {preview.uses.map((one) => (
              <Use key={`${one.kind}\n${one.id}\n${one.event}`} use={one} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Use({ use }: { use: EventUse }) {
  const { t } = useI18n();
  return (
    <li>
      <span className="muted">{t(`keepUse.${use.kind as "segment"}`)}</span>{" "}
      <Link to={pathOfUse(use)}>{use.name}</Link> <code className={`mono ${styles.wrap}`}>{use.event}</code>{" "}
      <span className="muted">
        {use.days === null ? t("keep.allHistory") : t("keep.backDays", { days: use.days })}
      </span>
    </li>
  );
}
