import { AutoComplete, Input, InputNumber, Select } from "antd";
import { useSession } from "../../app/session";
import { useI18n } from "../../i18n";
import { PickOrType } from "../../ui/PickOrType";
import { readScalar, type ValueType } from "./fields";
import styles from "./segments.module.css";
import {
  type Comparison,
  NUMBER_OPERATORS,
  type NumberTest,
  OPERATORS,
  type Operator,
  PERIODS,
  type Scalar,
  takesNoValue,
  UNITS,
  type Unit,
  type Window,
  withNumberOperator,
  withOperator,
} from "./tree";
import { dateOf, startOfDate } from "./zones";

interface ComparisonInputProps<T extends Comparison> {
  value: T;
  type: ValueType;
  suggestions?: readonly Scalar[];
  /** How a suggestion is called; what is stored stays the value itself. */
  wordOf?: (value: Scalar) => string;
  /** Things picked by their names: `suggestions` are found by what is typed. */
  onSearch?: (text: string) => void;
  onChange: (value: T) => void;
}

export function ComparisonInput<T extends Comparison>(props: ComparisonInputProps<T>) {
  const { value, onChange } = props;
  const { t } = useI18n();
  return (
    <>
      <Select
        aria-label={t("segment.operator")}
        value={value.op}
        onChange={(op: Operator) => onChange(withOperator(value, op))}
        options={OPERATORS.map((op) => ({ value: op, label: t(`op.${op}`) }))}
        popupMatchSelectWidth={false}
        className={styles.operator}
      />
      {!takesNoValue(value.op) && <ValueInput {...props} />}
    </>
  );
}

function ValueInput<T extends Comparison>({
  value,
  type,
  suggestions = [],
  wordOf = String,
  onSearch,
  onChange,
}: ComparisonInputProps<T>) {
  const { t } = useI18n();
  const literals = (Array.isArray(value.value) ? value.value : [value.value ?? ""]) as Scalar[];
  const label = t("segment.value");
  if (value.op === "in") {
    return (
      <Select
        mode="tags"
        aria-label={label}
        placeholder={t("segment.values")}
        value={literals.map(String)}
        options={suggestions.map((each) => ({ value: String(each), label: wordOf(each) }))}
        showSearch={onSearch ? { optionFilterProp: "label", onSearch } : { optionFilterProp: "label" }}
        onChange={(texts: string[]) =>
          onChange({ ...value, value: texts.map((text) => readScalar(text, type)) })
        }
        className={styles.value}
      />
    );
  }
  if (value.op === "between") {
    const [low = 0, high = 0] = literals;
    return (
      <span className={styles.pair}>
        <Input
          aria-label={t("segment.from")}
          value={String(low)}
          onChange={(event) =>
            onChange({ ...value, value: [readScalar(event.target.value, "number"), high] })
          }
        />
        –
        <Input
          aria-label={t("segment.to")}
          value={String(high)}
          onChange={(event) => onChange({ ...value, value: [low, readScalar(event.target.value, "number")] })}
        />
      </span>
    );
  }
  if (type === "boolean") {
    return (
      <Select
        aria-label={label}
        value={literals[0] === "" ? undefined : String(literals[0])}
        options={[
          { value: "true", label: t("yes") },
          { value: "false", label: t("no") },
        ]}
        onChange={(text: string) => onChange({ ...value, value: text === "true" })}
        className={styles.value}
      />
    );
  }
  if (onSearch && (value.op === "eq" || value.op === "ne" || value.op === "ne_or_missing")) {
    return (
      <PickOrType
        label={label}
        value={String(literals[0] ?? "")}
        options={suggestions.map((each) => ({ value: String(each), label: wordOf(each) }))}
        onSearch={onSearch}
        onChange={(text) => onChange({ ...value, value: text })}
        className={styles.value}
      />
    );
  }
  return (
    <AutoComplete
      aria-label={label}
      placeholder={label}
      value={String(literals[0] ?? "")}
      options={suggestions.map((each) => ({ value: String(each), label: wordOf(each) }))}
      onChange={(text: string) => onChange({ ...value, value: readScalar(text ?? "", type) })}
      className={styles.value}
    />
  );
}

interface NumberTestInputProps {
  value: NumberTest;
  onChange: (value: NumberTest) => void;
  min?: number;
  whole?: boolean;
}

export function NumberTestInput({ value, onChange, min, whole }: NumberTestInputProps) {
  const { t } = useI18n();
  const [low, high] = Array.isArray(value.value) ? value.value : [value.value, value.value];
  const precision = whole ? 0 : undefined;
  const common = { min, precision, style: { width: 104 } };
  return (
    <>
      <Select
        aria-label={t("segment.operator")}
        value={value.op}
        onChange={(op: NumberTest["op"]) => onChange(withNumberOperator(value, op))}
        options={NUMBER_OPERATORS.map((op) => ({ value: op, label: t(`numberOp.${op}`) }))}
        popupMatchSelectWidth={false}
        className={styles.operator}
      />
      {value.op === "between" ? (
        <span className={styles.pair}>
          <InputNumber
            {...common}
            aria-label={t("segment.from")}
            value={low}
            onChange={(next) => next !== null && onChange({ op: "between", value: [next, high] })}
          />
          –
          <InputNumber
            {...common}
            aria-label={t("segment.to")}
            value={high}
            onChange={(next) => next !== null && onChange({ op: "between", value: [low, next] })}
          />
        </span>
      ) : (
        <InputNumber
          {...common}
          aria-label={t("segment.value")}
          value={low}
          onChange={(next) => next !== null && onChange({ op: value.op, value: next })}
        />
      )}
    </>
  );
}

interface SpanInputProps {
  amount: number;
  unit: Unit;
  onChange: (amount: number, unit: Unit) => void;
}

export function SpanInput({ amount, unit, onChange }: SpanInputProps) {
  const { t } = useI18n();
  return (
    <span className={styles.pair}>
      <InputNumber
        aria-label={t("segment.amount")}
        min={1}
        precision={0}
        value={amount}
        style={{ width: 76 }}
        onChange={(next) => next !== null && onChange(next, unit)}
      />
      <Select
        aria-label={t("segment.unit")}
        value={unit}
        onChange={(next: Unit) => onChange(amount, next)}
        options={UNITS.map((each) => ({ value: each, label: t(`unit.${each}`) }))}
        popupMatchSelectWidth={false}
      />
    </span>
  );
}

const WINDOW_STARTS: Record<Window["kind"], () => Window> = {
  ever: () => ({ kind: "ever" }),
  rolling: () => ({ kind: "rolling", amount: 30, unit: "days" }),
  calendar: () => ({ kind: "calendar", period: "today" }),
  absolute: () => ({ kind: "absolute", from: new Date().toISOString().slice(0, 10).concat("T00:00:00Z") }),
};

export function WindowInput({ value, onChange }: { value: Window; onChange: (value: Window) => void }) {
  const { t } = useI18n();
  return (
    <>
      <Select
        aria-label={t("segment.window")}
        value={value.kind}
        onChange={(kind: Window["kind"]) => onChange(WINDOW_STARTS[kind]())}
        options={(["rolling", "calendar", "absolute", "ever"] as const).map((kind) => ({
          value: kind,
          label: t(`window.${kind}`),
        }))}
        popupMatchSelectWidth={false}
        className={styles.operator}
      />
      {value.kind === "rolling" && (
        <SpanInput
          amount={value.amount}
          unit={value.unit}
          onChange={(amount, unit) => onChange({ kind: "rolling", amount, unit })}
        />
      )}
      {value.kind === "calendar" && <CalendarInput value={value} onChange={onChange} />}
      {value.kind === "absolute" && <DatesInput value={value} onChange={onChange} />}
    </>
  );
}

function CalendarInput({
  value,
  onChange,
}: {
  value: Extract<Window, { kind: "calendar" }>;
  onChange: (value: Window) => void;
}) {
  const { t } = useI18n();
  return (
    <span className={styles.pair}>
      <Select
        aria-label={t("segment.period")}
        value={value.period}
        onChange={(period) =>
          onChange({ kind: "calendar", period, ...(period === "last_days" ? { n: 7 } : {}) })
        }
        options={PERIODS.map((period) => ({ value: period, label: t(`period.${period}`) }))}
        popupMatchSelectWidth={false}
      />
      {value.period === "last_days" && (
        <InputNumber
          aria-label={t("segment.amount")}
          min={1}
          max={3660}
          precision={0}
          value={value.n ?? 7}
          style={{ width: 76 }}
          onChange={(n) => n !== null && onChange({ ...value, n })}
        />
      )}
    </span>
  );
}

/** Dates as people mean them: both ends belong to it, in the brand's zone. */
function DatesInput({
  value,
  onChange,
}: {
  value: Extract<Window, { kind: "absolute" }>;
  onChange: (value: Window) => void;
}) {
  const { t } = useI18n();
  const zone = useSession().session.brand.time_zone;
  const dayBefore = (iso: string) => new Date(new Date(iso).getTime() - 1).toISOString();
  const dayAfter = (date: string) => {
    const next = new Date(`${date}T12:00:00Z`);
    next.setUTCDate(next.getUTCDate() + 1);
    return next.toISOString().slice(0, 10);
  };
  const set = (key: "from" | "to", date: string) => {
    const { [key]: _, ...rest } = value;
    if (!date) return onChange(rest as Window);
    return onChange({ ...rest, [key]: startOfDate(key === "from" ? date : dayAfter(date), zone) } as Window);
  };
  return (
    <span className={styles.pair}>
      <Input
        type="date"
        aria-label={t("segment.from")}
        value={value.from ? dateOf(value.from, zone) : ""}
        onChange={(event) => set("from", event.target.value)}
      />
      –
      <Input
        type="date"
        aria-label={t("segment.to")}
        value={value.to ? dateOf(dayBefore(value.to), zone) : ""}
        onChange={(event) => set("to", event.target.value)}
      />
    </span>
  );
}
