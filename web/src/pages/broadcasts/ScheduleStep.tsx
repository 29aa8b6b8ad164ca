import { Checkbox, Input, InputNumber, Segmented, Select } from "antd";
import type { BroadcastPlan } from "../../api/broadcasts";
import { useI18n } from "../../i18n";
import { Field } from "../journeys/fields";
import type { StepProps } from "./AudienceStep";

type Schedule = NonNullable<BroadcastPlan["schedule"]>;
type Waves = NonNullable<BroadcastPlan["waves"]>;

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const WAVES: Required<Waves> = {
  first_bps: 500,
  wait_minutes: 60,
  failed_max_bps: 1000,
  unsubscribed_max_bps: 200,
};

/** When it goes out, how fast, and how carefully. */
export function ScheduleStep({ plan, change }: StepProps) {
  const { t } = useI18n();
  const schedule: Schedule = plan.schedule ?? { kind: "now" };
  const waves = { ...WAVES, ...plan.waves };
  return (
    <>
      <Field label={t("bct.when")}>
        <Segmented
          aria-label={t("bct.when")}
          value={schedule.kind}
          onChange={(kind) => change({ schedule: blank(kind as Schedule["kind"]) })}
          options={(["now", "at", "recurring"] as const).map((kind) => ({
            value: kind,
            label: t(`bct.when.${kind}`),
          }))}
          style={{ width: "fit-content" }}
        />
      </Field>
      <Times schedule={schedule} onChange={(next) => change({ schedule: next })} />
      <Field label={t("bct.perMinute")}>
        <InputNumber
          aria-label={t("bct.perMinute")}
          min={1}
          value={plan.per_minute ?? null}
          onChange={(per_minute) => change({ per_minute })}
        />
      </Field>
      <Field label={t("bct.window")}>
        <InputNumber
          aria-label={t("bct.window")}
          min={1}
          max={30}
          value={plan.window_days ?? 7}
          onChange={(days) => days && change({ window_days: days })}
        />
      </Field>
      <Field label={t("bct.cost")}>
        <InputNumber
          aria-label={t("bct.cost")}
          min={0}
          step={0.01}
          value={(plan.cost_minor ?? 0) / 100}
          onChange={(cost) => change({ cost_minor: Math.round((cost ?? 0) * 100) })}
        />
      </Field>
      <div>
        <Checkbox
          checked={plan.best_hour ?? false}
          onChange={(event) => change({ best_hour: event.target.checked })}
        >
          {t("bct.bestHour")}
        </Checkbox>
        <p>
          <small>{t("bct.bestHour.hint", { share: String((plan.random_hour_bps ?? 1000) / 100) })}</small>
        </p>
        <Checkbox
          checked={Boolean(plan.waves)}
          onChange={(event) => change({ waves: event.target.checked ? WAVES : null })}
        >
          {t("bct.waves")}
        </Checkbox>
        <p>
          <small>
            {t("bct.waves.hint", {
              first: String(waves.first_bps / 100),
              minutes: String(waves.wait_minutes),
              failed: String(waves.failed_max_bps / 100),
              left: String(waves.unsubscribed_max_bps / 100),
            })}
          </small>
        </p>
      </div>
    </>
  );
}

function Times({ schedule, onChange }: { schedule: Schedule; onChange: (next: Schedule) => void }) {
  const { t } = useI18n();
  if (schedule.kind === "at")
    return (
      <Field label={t("bct.at")}>
        <Input
          type="datetime-local"
          aria-label={t("bct.at")}
          value={schedule.at ? localTime(schedule.at) : ""}
          onChange={(event) =>
            onChange({ kind: "at", at: event.target.value ? new Date(event.target.value).toISOString() : "" })
          }
        />
      </Field>
    );
  if (schedule.kind !== "recurring") return null;
  return (
    <>
      <Field label={t("bct.weekdays")}>
        <Select
          mode="multiple"
          aria-label={t("bct.weekdays")}
          value={[...schedule.weekdays]}
          onChange={(weekdays: number[]) => onChange({ ...schedule, weekdays })}
          options={DAYS.map((day) => ({ value: day, label: t(`bct.weekday.${day}`) }))}
          style={{ width: "100%" }}
        />
      </Field>
      <Field label={t("bct.time")}>
        <Input
          type="time"
          aria-label={t("bct.time")}
          value={schedule.at.slice(0, 5)}
          onChange={(event) => onChange({ ...schedule, at: event.target.value })}
        />
      </Field>
      <Field label={t("bct.until")}>
        <Input
          type="date"
          aria-label={t("bct.until")}
          value={schedule.until ?? ""}
          onChange={(event) => onChange({ ...schedule, until: event.target.value || null })}
        />
      </Field>
    </>
  );
}

function blank(kind: Schedule["kind"]): Schedule {
  switch (kind) {
    case "at":
      return { kind, at: "" };
    case "recurring":
      return { kind, weekdays: [1, 2, 3, 4, 5], at: "10:00" };
    default:
      return { kind: "now" };
  }
}

/** An instant as the browser's date field wants it: in the reader's own zone. */
function localTime(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
