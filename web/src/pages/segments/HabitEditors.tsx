import { Input, InputNumber, Select, Slider } from "antd";
import { useI18n } from "../../i18n";
import { FactsEditor, Row } from "./FactsEditor";
import { SpanInput } from "./inputs";
import type { LeafProps } from "./LeafEditor";
import styles from "./segments.module.css";
import {
  type BucketCondition,
  type Leaf,
  REGULAR_PERIODS,
  type RegularCondition,
  type TurnCondition,
} from "./tree";

/** Stopped and taken up again: two spans back from now. */
export function HabitEditor({ leaf, catalogue, onChange }: LeafProps<TurnCondition>) {
  const { t } = useI18n();
  return (
    <FactsEditor leaf={leaf} catalogue={catalogue} onChange={onChange}>
      {(["earlier", "recent"] as const).map((which) => (
        <Row key={which} label={t(`turn.${which}`)}>
          <SpanInput
            amount={leaf[which].amount}
            unit={leaf[which].unit}
            onChange={(amount, unit) => onChange({ ...leaf, [which]: { amount, unit } })}
          />
          <span className="muted">{t(`turn.${leaf.kind}.${which}`)}</span>
        </Row>
      ))}
    </FactsEditor>
  );
}

export function RegularEditor({ leaf, catalogue, onChange }: LeafProps<RegularCondition>) {
  const { t } = useI18n();
  return (
    <FactsEditor leaf={leaf} catalogue={catalogue} onChange={onChange}>
      <Row label={t("regular.label")}>
        <span className={styles.pair}>
          {t("regular.last")}
          <InputNumber
            aria-label={t("regular.of")}
            min={1}
            max={120}
            precision={0}
            value={leaf.of}
            style={{ width: 76 }}
            onChange={(of) => of !== null && onChange({ ...leaf, of, at_least: Math.min(leaf.at_least, of) })}
          />
          <Select
            aria-label={t("segment.period")}
            value={leaf.period}
            onChange={(period) => onChange({ ...leaf, period })}
            options={REGULAR_PERIODS.map((period) => ({ value: period, label: t(`regular.${period}`) }))}
            popupMatchSelectWidth={false}
          />
        </span>
        <span className={styles.pair}>
          {t("regular.atLeast")}
          <InputNumber
            aria-label={t("regular.atLeast")}
            min={1}
            max={leaf.of}
            precision={0}
            value={leaf.at_least}
            style={{ width: 76 }}
            onChange={(atLeast) => atLeast !== null && onChange({ ...leaf, at_least: atLeast })}
          />
          {t("regular.ofThem")}
        </span>
      </Row>
    </FactsEditor>
  );
}

interface BucketProps {
  leaf: BucketCondition;
  onChange: (leaf: Leaf) => void;
}

/** A share of everybody that stays the same; two conditions with one name share the same dice. */
export function BucketEditor({ leaf, onChange }: BucketProps) {
  const { t } = useI18n();
  const range = [leaf.from ?? 0, leaf.to];
  return (
    <>
      <Row label={t("leaf.bucket")}>
        <Input
          aria-label={t("bucket.salt")}
          placeholder={t("bucket.salt")}
          maxLength={100}
          value={leaf.salt}
          onChange={(event) => onChange({ ...leaf, salt: event.target.value })}
          className={styles.name}
        />
        <span className="muted">{t("bucket.hint")}</span>
      </Row>
      <Row label={t("bucket.share")}>
        <Slider
          range
          min={0}
          max={10_000}
          step={100}
          value={range}
          tooltip={{ formatter: (value) => `${(value ?? 0) / 100}%` }}
          onChange={([from = 0, to = 0]) => from < to && onChange({ ...leaf, from, to })}
          className={styles.share}
        />
        <span className="num">{range.map((edge) => `${edge / 100}%`).join(" – ")}</span>
      </Row>
    </>
  );
}
