import { Checkbox, Input } from "antd";
import type { WelcomePeriod } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { Field } from "../../channels/content/Field";
import styles from "./welcomes.module.css";

interface PeriodFieldsProps {
  period: WelcomePeriod;
  onChange: (period: WelcomePeriod) => void;
}

const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const HOURS_MINUTES = 5;

/** When a slot speaks, by the brand's own clock. */
export function PeriodFields({ period, onChange }: PeriodFieldsProps) {
  const { t } = useI18n();
  return (
    <div className={styles.row}>
      {period.kind === "special" ? (
        (["first", "last"] as const).map((end) => (
          <Field key={end} label={t(`wecom.welcomes.${end}`)}>
            {(id) => (
              <Input
                id={id}
                type="date"
                value={period[end]}
                onChange={(event) => event.target.value && onChange({ ...period, [end]: event.target.value })}
              />
            )}
          </Field>
        ))
      ) : (
        <Checkbox.Group
          aria-label={t("wecom.welcomes.weekdays")}
          value={period.weekdays}
          onChange={(weekdays) => weekdays.length > 0 && onChange({ ...period, weekdays: weekdays.sort() })}
          options={DAYS.map((day) => ({ value: day, label: t(`wecom.welcomes.weekday.${day}`) }))}
        />
      )}
      {(["begins", "ends"] as const).map((end) => (
        <Field key={end} label={t(`wecom.welcomes.${end}`)}>
          {(id) => (
            <Input
              id={id}
              type="time"
              value={period[end].slice(0, HOURS_MINUTES)}
              onChange={(event) => onChange({ ...period, [end]: `${event.target.value || "00:00"}:00` })}
            />
          )}
        </Field>
      ))}
    </div>
  );
}
