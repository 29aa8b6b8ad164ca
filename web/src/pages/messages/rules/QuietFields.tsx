import { Button, Checkbox, Input, Select } from "antd";
import type { MessagePolicy, QuietHours } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { Field } from "../../journeys/fields";
import { Figure } from "./Figure";
import styles from "./rules.module.css";

const NIGHT: QuietHours = { start: "22:00", end: "08:00", mode: "hold", jitter_s: 900, all_day: false };
const ALL = "all" as const;
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

interface QuietFieldsProps {
  policy: MessagePolicy;
  onChange: (part: Partial<MessagePolicy>) => void;
}

/** When nothing goes out: any number of quiet times, and what counts as a day off. */
export function QuietFields({ policy, onChange }: QuietFieldsProps) {
  const { t } = useI18n();
  const all = policy.quiet_hours ?? [];
  const replace = (at: number, hours?: QuietHours) =>
    onChange({ quiet_hours: all.flatMap((one, index) => (index === at ? (hours ?? []) : one)) });
  return (
    <section className={styles.section} data-testid="rules-quiet">
      <h3>{t("rules.quiet")}</h3>
      {all.map((hours, at) => (
        <QuietRow
          // biome-ignore lint/suspicious/noArrayIndexKey: quiet times have no name of their own.
          key={at}
          hours={hours}
          onChange={(changed) => replace(at, changed)}
          onRemove={() => replace(at)}
        />
      ))}
      <div className={styles.row}>
        <Button disabled={all.length >= 10} onClick={() => onChange({ quiet_hours: [...all, NIGHT] })}>
          {t("rules.quiet.add")}
        </Button>
        <Field label={t("rules.holidays")}>
          <Select
            aria-label={t("rules.holidays")}
            value={policy.holidays ?? "none"}
            onChange={(holidays) => onChange({ holidays })}
            options={(["none", "china"] as const).map((value) => ({
              value,
              label: t(`rules.holidays.${value}`),
            }))}
            style={{ width: 220 }}
          />
        </Field>
        <Field label={t("rules.zone")} hint={t("rules.zone.hint")}>
          <Input
            aria-label={t("rules.zone")}
            maxLength={64}
            placeholder={t("rules.zone.brand")}
            value={policy.zone_attribute ?? ""}
            onChange={({ target }) => onChange({ zone_attribute: target.value.trim() || null })}
            style={{ width: 180 }}
          />
        </Field>
      </div>
    </section>
  );
}

interface QuietRowProps {
  hours: QuietHours;
  onChange: (hours: QuietHours) => void;
  onRemove: () => void;
}

function QuietRow({ hours, onChange, onRemove }: QuietRowProps) {
  const { t } = useI18n();
  return (
    <div className={styles.rule}>
      <Checkbox
        checked={hours.all_day ?? false}
        onChange={({ target }) => onChange({ ...hours, all_day: target.checked })}
      >
        {t("rules.quiet.allDay")}
      </Checkbox>
      {!hours.all_day &&
        (["start", "end"] as const).map((edge) => (
          <Field key={edge} label={t(`rules.quiet.${edge}`)}>
            <Input
              type="time"
              aria-label={t(`rules.quiet.${edge}`)}
              value={hours[edge].slice(0, 5)}
              onChange={({ target }) => target.value && onChange({ ...hours, [edge]: target.value })}
              style={{ width: 120 }}
            />
          </Field>
        ))}
      <Field label={t("rules.quiet.weekdays")}>
        <Select
          mode="multiple"
          aria-label={t("rules.quiet.weekdays")}
          placeholder={t("rules.quiet.everyDay")}
          maxTagCount={3}
          value={(hours.weekdays?.length ?? 7) === 7 ? [] : hours.weekdays}
          onChange={(days: number[]) =>
            onChange({ ...hours, weekdays: days.length > 0 ? days.sort() : [...WEEKDAYS] })
          }
          options={WEEKDAYS.map((value) => ({ value, label: t(`rules.weekday.${value}`) }))}
          style={{ width: 200 }}
        />
      </Field>
      <Field label={t("rules.quiet.days")}>
        <Select
          aria-label={t("rules.quiet.days")}
          value={hours.days ?? ALL}
          onChange={(days) => onChange({ ...hours, days: days === ALL ? null : days })}
          options={([ALL, "workday", "day_off"] as const).map((value) => ({
            value,
            label: t(`rules.quiet.days.${value}`),
          }))}
          style={{ width: 150 }}
        />
      </Field>
      <Field label={t("rules.quiet.mode")}>
        <Select
          aria-label={t("rules.quiet.mode")}
          value={hours.mode ?? "hold"}
          onChange={(mode) => onChange({ ...hours, mode })}
          options={(["hold", "drop"] as const).map((value) => ({ value, label: t(`rules.quiet.${value}`) }))}
          style={{ width: 200 }}
        />
      </Field>
      {hours.mode !== "drop" && (
        <Figure
          label="rules.quiet.jitter"
          min={0}
          max={240}
          value={(hours.jitter_s ?? 900) / 60}
          onChange={(minutes) => onChange({ ...hours, jitter_s: Math.round((minutes ?? 0) * 60) })}
        />
      )}
      <Button type="text" danger onClick={onRemove}>
        {t("rules.remove")}
      </Button>
    </div>
  );
}
