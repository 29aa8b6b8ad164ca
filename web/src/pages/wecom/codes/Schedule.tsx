import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, Segmented, Select } from "antd";
import type { DutyPlan } from "../../../api/wecom/codes";
import { type MessageKey, useI18n } from "../../../i18n";
import styles from "./codes.module.css";
import type { Duty } from "./draft";
import { type Person, PickPeople } from "./Members";

export const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;
const weekdayKey = (day: number) => `wecom.codes.weekday.${day}` as MessageKey;

interface ScheduleProps {
  people: readonly Person[];
  value: Duty;
  onChange: (duty: Duty) => void;
}

type Weekly = NonNullable<DutyPlan["weekly"]>[number];
type Special = NonNullable<DutyPlan["special"]>[number];
type Shift = NonNullable<Special["shifts"]>[number];

const DAY = { start: "09:00:00", end: "18:00:00" };

/** The week as a grid of shifts, dates that are not like others, and everything else. */
export function Schedule({ people, value, onChange }: ScheduleProps) {
  const { t } = useI18n();
  const everybody = people.map((one) => one.userid);
  const weekly = (at: number, part: Partial<Weekly>) =>
    onChange({
      ...value,
      weekly: value.weekly.map((one, index) => (index === at ? { ...one, ...part } : one)),
    });
  const special = (at: number, part: Partial<Special>) =>
    onChange({
      ...value,
      special: value.special.map((one, index) => (index === at ? { ...one, ...part } : one)),
    });
  return (
    <div className={styles.rows}>
      <p className="muted">{t("wecom.codes.duty.hint")}</p>
      <strong>{t("wecom.codes.weekly")}</strong>
      {value.weekly.map((shift, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shifts have no names, and are only added at the end.
        <div key={at} className={styles.special}>
          <Weekdays value={shift.weekdays} onChange={(weekdays) => weekly(at, { weekdays })} />
          <ShiftFields
            people={people}
            value={shift}
            onChange={(part) => weekly(at, part)}
            onRemove={() => onChange({ ...value, weekly: value.weekly.filter((_, index) => index !== at) })}
          />
        </div>
      ))}
      <Button
        style={{ width: "fit-content" }}
        onClick={() =>
          onChange({
            ...value,
            weekly: [...value.weekly, { ...DAY, weekdays: [0, 1, 2, 3, 4], userids: everybody }],
          })
        }
      >
        {t("wecom.codes.weekly.add")}
      </Button>
      <strong>{t("wecom.codes.special")}</strong>
      {value.special.map((day, at) => (
        <SpecialFields
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          key={at}
          people={people}
          value={day}
          onChange={(part) => special(at, part)}
          onRemove={() => onChange({ ...value, special: value.special.filter((_, index) => index !== at) })}
        />
      ))}
      <Button
        style={{ width: "fit-content" }}
        onClick={() =>
          onChange({
            ...value,
            special: [...value.special, { name: "", first: "", last: "", shifts: [], like_weekday: null }],
          })
        }
      >
        {t("wecom.codes.special.add")}
      </Button>
      <strong>{t("wecom.codes.otherwise")}</strong>
      <Segmented
        aria-label={t("wecom.codes.otherwise")}
        value={value.otherwise === null ? "all" : "some"}
        onChange={(chosen) => onChange({ ...value, otherwise: chosen === "all" ? null : [] })}
        options={(["all", "some"] as const).map((one) => ({
          value: one,
          label: t(`wecom.codes.otherwise.${one}`),
        }))}
        style={{ width: "fit-content" }}
      />
      {value.otherwise !== null && (
        <PickPeople
          label={t("wecom.codes.otherwise.some")}
          people={people}
          value={value.otherwise}
          onChange={(otherwise) => onChange({ ...value, otherwise })}
        />
      )}
    </div>
  );
}

function Weekdays({ value, onChange }: { value: readonly number[]; onChange: (days: number[]) => void }) {
  const { t } = useI18n();
  const toggle = (day: number) =>
    onChange(WEEKDAYS.filter((one) => (one === day ? !value.includes(one) : value.includes(one))));
  return (
    <div className={styles.days}>
      {WEEKDAYS.map((day) => (
        <Button
          key={day}
          size="small"
          type={value.includes(day) ? "primary" : "default"}
          aria-pressed={value.includes(day)}
          onClick={() => toggle(day)}
        >
          {t(weekdayKey(day))}
        </Button>
      ))}
    </div>
  );
}

interface TimesProps {
  value: { start: string; end: string };
  onChange: (part: { start?: string; end?: string }) => void;
}

export function Times({ value, onChange }: TimesProps) {
  const { t } = useI18n();
  return (
    <>
      <Input
        type="time"
        aria-label={t("wecom.codes.start")}
        value={value.start.slice(0, 5)}
        onChange={(event) => event.target.value && onChange({ start: `${event.target.value}:00` })}
        style={{ width: 120 }}
      />
      –
      <Input
        type="time"
        aria-label={t("wecom.codes.end")}
        value={value.end.slice(0, 5)}
        onChange={(event) => event.target.value && onChange({ end: `${event.target.value}:00` })}
        style={{ width: 120 }}
      />
    </>
  );
}

interface ShiftFieldsProps {
  people: readonly Person[];
  value: Shift;
  onChange: (part: Partial<Shift>) => void;
  onRemove: () => void;
}

function ShiftFields({ people, value, onChange, onRemove }: ShiftFieldsProps) {
  const { t } = useI18n();
  return (
    <div className={styles.row}>
      <Times value={value} onChange={onChange} />
      <div className={styles.grow}>
        <PickPeople
          label={t("wecom.codes.member")}
          people={people}
          value={value.userids}
          onChange={(userids) => onChange({ userids })}
        />
      </div>
      <Button type="text" icon={<DeleteOutlined />} aria-label={t("wecom.codes.remove")} onClick={onRemove} />
    </div>
  );
}

interface SpecialFieldsProps {
  people: readonly Person[];
  value: Special;
  onChange: (part: Partial<Special>) => void;
  onRemove: () => void;
}

function SpecialFields({ people, value, onChange, onRemove }: SpecialFieldsProps) {
  const { t } = useI18n();
  const shifts = value.shifts ?? [];
  const how = value.like_weekday != null ? `like${value.like_weekday}` : shifts.length ? "shifts" : "closed";
  const choose = (chosen: string) => {
    if (chosen === "closed") onChange({ shifts: [], like_weekday: null });
    else if (chosen === "shifts")
      onChange({ shifts: [{ ...DAY, userids: people.map((one) => one.userid) }], like_weekday: null });
    else onChange({ shifts: [], like_weekday: Number(chosen.slice(4)) });
  };
  return (
    <div className={styles.special}>
      <div className={styles.row}>
        <Input
          className={styles.grow}
          aria-label={t("wecom.codes.special.name")}
          placeholder={t("wecom.codes.special.name")}
          maxLength={60}
          value={value.name}
          onChange={(event) => onChange({ name: event.target.value })}
        />
        <Input
          type="date"
          aria-label={t("wecom.codes.start")}
          value={value.first}
          onChange={(event) =>
            onChange({ first: event.target.value, last: value.last || event.target.value })
          }
          style={{ width: 150 }}
        />
        –
        <Input
          type="date"
          aria-label={t("wecom.codes.end")}
          value={value.last}
          onChange={(event) => onChange({ last: event.target.value })}
          style={{ width: 150 }}
        />
        <Select
          aria-label={t("wecom.codes.special")}
          value={how}
          onChange={choose}
          options={[
            { value: "closed", label: t("wecom.codes.special.closed") },
            { value: "shifts", label: t("wecom.codes.special.shifts") },
            ...WEEKDAYS.map((day) => ({
              value: `like${day}`,
              label: t("wecom.codes.special.like", { weekday: t(weekdayKey(day)) }),
            })),
          ]}
          style={{ width: 150 }}
        />
        <Button
          type="text"
          icon={<DeleteOutlined />}
          aria-label={t("wecom.codes.remove")}
          onClick={onRemove}
        />
      </div>
      {shifts.map((shift, at) => (
        <ShiftFields
          // biome-ignore lint/suspicious/noArrayIndexKey: as above.
          key={at}
          people={people}
          value={shift}
          onChange={(part) =>
            onChange({ shifts: shifts.map((one, index) => (index === at ? { ...one, ...part } : one)) })
          }
          onRemove={() => onChange({ shifts: shifts.filter((_, index) => index !== at) })}
        />
      ))}
      {shifts.length > 0 && (
        <Button
          size="small"
          style={{ width: "fit-content" }}
          onClick={() => onChange({ shifts: [...shifts, { ...DAY, userids: [] }] })}
        >
          {t("wecom.codes.weekly.add")}
        </Button>
      )}
    </div>
  );
}
