import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, InputNumber, Select, Switch } from "antd";
import { useState } from "react";
import { saveMessagePolicy } from "../../../api/messageRules";
import type { MessagePolicy } from "../../../api/types";
import { useMay } from "../../../app/session";
import { type MessageKey, useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Field } from "../../journeys/fields";
import styles from "./rules.module.css";

type Quiet = NonNullable<MessagePolicy["quiet_hours"]>;

const NIGHT: Quiet = { start: "22:00", end: "08:00", mode: "hold", jitter_s: 900 };

/** Quiet hours, caps and repeats, edited and kept together. */
export function PolicyPanel({ kept }: { kept: MessagePolicy }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const may = useMay();
  const [draft, setDraft] = useState(kept);
  const save = useMutation({
    mutationFn: () => saveMessagePolicy(draft),
    onSuccess: (saved) => queries.setQueryData(["message-policy"], saved),
  });
  const change = (part: Partial<MessagePolicy>) => {
    save.reset();
    setDraft({ ...draft, ...part });
  };
  const isReadOnly = !may("messages.send");
  return (
    <Panel title={t("rules.policy")} testId="message-policy">
      <p className={styles.hint}>{t("rules.marketingOnly")}</p>
      <fieldset className={styles.fields} disabled={isReadOnly}>
        <QuietFields quiet={draft.quiet_hours ?? null} onChange={(quiet_hours) => change({ quiet_hours })} />
        <div className={styles.row}>
          <Figure
            label="rules.dailyCap"
            none
            min={1}
            max={1000}
            value={draft.daily_cap ?? null}
            onChange={(daily_cap) => change({ daily_cap })}
          />
          <Figure
            label="rules.weeklyCap"
            none
            min={1}
            max={1000}
            value={draft.weekly_cap ?? null}
            onChange={(weekly_cap) => change({ weekly_cap })}
          />
        </div>
        <p className={styles.hint}>{t("rules.capHint")}</p>
        <div className={styles.row}>
          <Figure
            label="rules.duplicate"
            min={0}
            max={43_200}
            value={(draft.duplicate_window_s ?? 600) / 60}
            onChange={(minutes) => change({ duplicate_window_s: Math.round((minutes ?? 0) * 60) })}
          />
          <Figure
            label="rules.repeat"
            min={0}
            max={10}
            value={draft.repeat_max ?? 3}
            onChange={(repeat_max) => change({ repeat_max: repeat_max ?? 0 })}
          />
        </div>
        <p className={styles.hint}>{t("rules.repeatHint")}</p>
      </fieldset>
      {save.error && <ErrorNotice error={save.error} />}
      {!isReadOnly && (
        <div className={styles.row}>
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
            {t("save")}
          </Button>
          {save.isSuccess && <span role="status">{t("rules.saved")}</span>}
        </div>
      )}
    </Panel>
  );
}

function QuietFields({ quiet, onChange }: { quiet: Quiet | null; onChange: (quiet: Quiet | null) => void }) {
  const { t } = useI18n();
  return (
    <>
      <label className={styles.switch} htmlFor="rules-quiet">
        <Switch id="rules-quiet" checked={quiet !== null} onChange={(on) => onChange(on ? NIGHT : null)} />
        {t("rules.quiet")}
      </label>
      {quiet && (
        <div className={styles.row}>
          {(["start", "end"] as const).map((edge) => (
            <Field key={edge} label={t(`rules.quiet.${edge}`)}>
              <Input
                type="time"
                aria-label={t(`rules.quiet.${edge}`)}
                value={quiet[edge].slice(0, 5)}
                onChange={({ target }) => target.value && onChange({ ...quiet, [edge]: target.value })}
                style={{ width: 130 }}
              />
            </Field>
          ))}
          <Field label={t("rules.quiet.mode")}>
            <Select
              aria-label={t("rules.quiet.mode")}
              value={quiet.mode ?? "hold"}
              onChange={(mode) => onChange({ ...quiet, mode })}
              options={(["hold", "drop"] as const).map((value) => ({
                value,
                label: t(`rules.quiet.${value}`),
              }))}
              style={{ width: 220 }}
            />
          </Field>
          {quiet.mode !== "drop" && (
            <Figure
              label="rules.quiet.jitter"
              min={0}
              max={240}
              value={(quiet.jitter_s ?? 900) / 60}
              onChange={(minutes) => onChange({ ...quiet, jitter_s: Math.round((minutes ?? 0) * 60) })}
            />
          )}
        </div>
      )}
    </>
  );
}

interface FigureProps {
  label: MessageKey;
  min: number;
  max: number;
  none?: boolean; // Left empty it means: no limit.
  value: number | null;
  onChange: (value: number | null) => void;
}

function Figure({ label, min, max, none = false, value, onChange }: FigureProps) {
  const { t } = useI18n();
  return (
    <Field label={t(label)}>
      <InputNumber
        aria-label={t(label)}
        min={min}
        max={max}
        precision={0}
        placeholder={none ? t("rules.noLimit") : undefined}
        value={value}
        onChange={onChange}
        style={{ width: 130 }}
      />
    </Field>
  );
}
