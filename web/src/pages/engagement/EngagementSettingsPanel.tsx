import { DeleteOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { eventCatalogueQuery } from "../../api/events";
import type { EngagementSettings, EngagementSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PickOrType } from "../../ui/PickOrType";
import { useEventName } from "../../ui/useEventName";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";

const NUMBERS = [
  { key: "half_life_days", label: "engagement.halfLife", min: 1, max: 180, usual: 14 },
  { key: "daily_max", label: "engagement.dailyMax", min: 1, max: 1000, usual: 5 },
  { key: "middle_from", label: "engagement.middleFrom", min: 1, max: 99, usual: 33 },
  { key: "high_from", label: "engagement.highFrom", min: 2, max: 100, usual: 67 },
  { key: "page_weight", label: "engagement.pageWeight", min: 0, max: 100, usual: 0.5 },
  { key: "other_weight", label: "engagement.otherWeight", min: 0, max: 100, usual: 1 },
] as const satisfies readonly { key: keyof EngagementSettings; label: MessageKey; [more: string]: unknown }[];

/** What events are worth, how fast they fade, and where levels begin. */
export function EngagementSettingsPanel({ summary }: { summary: EngagementSummary }) {
  const { t } = useI18n();
  const { draft, setDraft, save } = useStudySettings<EngagementSettings>("engagement", summary.settings);
  return (
    <Panel title={t("engagement.settings")} extra={t("clusters.settings.hint")} testId="engagement-settings">
      <div className={styles.form}>
        {NUMBERS.map(({ key, label, min, max, usual }) => (
          <label key={key} htmlFor={`engagement-${key}`}>
            {t(label)}
            <InputNumber
              id={`engagement-${key}`}
              min={min}
              max={max}
              value={draft[key] ?? usual}
              onChange={(value) => setDraft({ ...draft, [key]: value ?? usual })}
            />
          </label>
        ))}
        <label htmlFor="engagement-middle">
          {t("engagement.middle")}
          <InputNumber
            id="engagement-middle"
            style={{ width: 140 }}
            min={0.01}
            max={100000}
            placeholder={t("engagement.middle.auto")}
            value={draft.middle ?? null}
            onChange={(middle) => setDraft({ ...draft, middle })}
          />
        </label>
      </div>
      <Weights draft={draft} onChange={setDraft} />
      <div className={styles.form}>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}

interface WeightsProps {
  draft: EngagementSettings;
  onChange: (draft: EngagementSettings) => void;
}

function Weights({ draft, onChange }: WeightsProps) {
  const { t } = useI18n();
  const eventName = useEventName();
  const { data } = useQuery(eventCatalogueQuery);
  const weights = draft.weights ?? [];
  const known = new Set(weights.map((one) => one.name));
  return (
    <div className={styles.form} style={{ marginBlock: 14 }}>
      <span className={styles.why}>{t("engagement.points")}</span>
      {weights.map((one, at) => (
        <label key={one.name} htmlFor={`engagement-event-${at}`}>
          {eventName(one.name)}
          <InputNumber
            id={`engagement-event-${at}`}
            style={{ width: 80 }}
            min={0}
            max={100}
            value={one.weight}
            onChange={(weight) =>
              onChange({
                ...draft,
                weights: weights.map((other) => (other === one ? { ...one, weight: weight ?? 0 } : other)),
              })
            }
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("interests.remove", { name: eventName(one.name) })}
            onClick={() => onChange({ ...draft, weights: weights.filter((other) => other !== one) })}
          />
        </label>
      ))}
      <PickOrType
        label={t("interests.weight.add")}
        value=""
        options={(data?.items ?? [])
          .filter((one) => !known.has(one.name))
          .map((one) => ({ value: one.name, label: eventName(one.name) }))}
        onChange={(name) =>
          name && !known.has(name) && onChange({ ...draft, weights: [...weights, { name, weight: 1 }] })
        }
        style={{ minWidth: 180 }}
      />
    </div>
  );
}
