import { useQuery } from "@tanstack/react-query";
import { Checkbox, Input, InputNumber, Segmented, Select } from "antd";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { PickOrType } from "../../../ui/PickOrType";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { Field } from "../fields";
import styles from "../journeys.module.css";
import type { FieldsProps } from "./looks";
import { UNTIL_KINDS, type Until, type UntilUnit, type WaitUntilNode, waitFor } from "./waitUntil";

type Of<K extends Until["kind"]> = Extract<Until, { kind: K }>;

interface PartProps<K extends Until["kind"]> {
  until: Of<K>;
  onChange: (until: Of<K>) => void;
}

const UNITS: readonly UntilUnit[] = ["minutes", "hours", "days", "months"];
const OFFSET_MAX = 1_000;

export function WaitUntilFields({ id, node, definition, onChange, onReshape }: FieldsProps<WaitUntilNode>) {
  const { t } = useI18n();
  const { until } = node;
  const set = (next: Until) => onChange({ ...node, until: next });
  return (
    <>
      <Field label={t("until.what")} hint={t("until.zone")}>
        <Segmented<Until["kind"]>
          className={styles.choices}
          value={until.kind}
          onChange={(kind) => onReshape(waitFor(definition, id, node, kind))}
          options={UNTIL_KINDS.map((kind) => ({ value: kind, label: t(`until.${kind}`) }))}
        />
      </Field>
      {until.kind === "window" && <WindowFields until={until} onChange={set} />}
      {until.kind === "day" && <DayFields until={until} onChange={set} />}
      {until.kind === "date" && <DateFields until={until} onChange={set} />}
    </>
  );
}

function WallTime({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (at: string) => void;
}) {
  return (
    <Input
      type="time"
      aria-label={label}
      value={value}
      onChange={(event) => event.target.value && onChange(event.target.value.slice(0, 5))}
      style={{ width: 130 }}
    />
  );
}

function WindowFields({ until, onChange }: PartProps<"window">) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("until.weekdays")}>
        <Checkbox.Group
          value={until.weekdays}
          onChange={(days: number[]) => onChange({ ...until, weekdays: days.toSorted((a, b) => a - b) })}
          options={([1, 2, 3, 4, 5, 6, 7] as const).map((day) => ({
            value: day,
            label: t(`bct.weekday.${day}`),
          }))}
        />
      </Field>
      <Field label={t("until.hours")} hint={t("until.hours.hint")}>
        <span className={styles.pair}>
          <WallTime
            label={t("until.opens")}
            value={until.opens}
            onChange={(opens) => onChange({ ...until, opens })}
          />
          <WallTime
            label={t("until.closes")}
            value={until.closes}
            onChange={(closes) => onChange({ ...until, closes })}
          />
        </span>
      </Field>
    </>
  );
}

function DayFields({ until, onChange }: PartProps<"day">) {
  const { t } = useI18n();
  return (
    <Field label={t("until.day")}>
      <span className={styles.pair}>
        <Input
          type="date"
          aria-label={t("until.day")}
          value={until.day}
          onChange={(event) => onChange({ ...until, day: event.target.value })}
          style={{ width: 160 }}
        />
        <WallTime
          label={t("until.at")}
          value={until.at ?? "09:00"}
          onChange={(at) => onChange({ ...until, at })}
        />
      </span>
    </Field>
  );
}

function DateFields({ until, onChange }: PartProps<"date">) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const { data: catalogue } = useQuery(catalogueQuery);
  const unit = until.unit ?? "days";
  const isByDay = unit === "days" || unit === "months";
  return (
    <>
      <Field label={t("until.attribute")}>
        <PickOrType
          label={t("until.attribute")}
          value={until.attribute}
          options={catalogue?.attributes.map(({ key, name }) => ({
            value: key,
            label: name ?? words.name(key),
          }))}
          onChange={(attribute) => onChange({ ...until, attribute })}
        />
      </Field>
      <Field label={t("until.offset")} hint={t("until.offset.hint")}>
        <span className={styles.pair}>
          <InputNumber
            aria-label={t("until.offset")}
            min={-OFFSET_MAX}
            max={OFFSET_MAX}
            precision={0}
            value={until.offset ?? 0}
            onChange={(offset) => offset !== null && onChange({ ...until, offset })}
            style={{ width: 110 }}
          />
          <Select<UntilUnit>
            aria-label={t("segment.unit")}
            value={unit}
            onChange={(next) => onChange({ ...until, unit: next })}
            options={UNITS.map((each) => ({ value: each, label: t(`until.unit.${each}`) }))}
            style={{ width: 96 }}
          />
          {isByDay && (
            <WallTime
              label={t("until.at")}
              value={until.at ?? "09:00"}
              onChange={(at) => onChange({ ...until, at })}
            />
          )}
        </span>
      </Field>
      <Checkbox
        checked={until.yearly ?? false}
        onChange={(event) => onChange({ ...until, yearly: event.target.checked })}
      >
        {t("until.yearly")}
      </Checkbox>
    </>
  );
}
