import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useParams } from "react-router";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import {
  BONDS,
  MOVES,
  type MoveCondition,
  type RelationCondition,
  type SegmentCondition,
  STAYS,
  stayOf,
  windowOf,
  withStay,
} from "./belonging";
import { Row } from "./FactsEditor";
import { SpanInput, WindowInput } from "./inputs";
import type { LeafProps } from "./LeafEditor";
import styles from "./segments.module.css";
import { useTies } from "./useTies";

interface SegmentPickProps {
  value: string;
  onChange: (segment: string) => void;
}

function SegmentPick({ value, onChange }: SegmentPickProps) {
  const { t } = useI18n();
  const { id } = useParams();
  const { data } = useQuery(segmentsQuery);
  // A segment cannot ask about itself; longer circles the server finds.
  const others = data?.items.filter((segment) => segment.id !== id) ?? [];
  return (
    <Select
      aria-label={t("segment.choose")}
      placeholder={t("segment.choose")}
      value={value || undefined}
      onChange={onChange}
      options={others.map((segment) => ({ value: segment.id, label: segment.name }))}
      showSearch={{ optionFilterProp: "label" }}
      popupMatchSelectWidth={280}
      className={styles.name}
    />
  );
}

export function SegmentLeafEditor({ leaf, onChange }: LeafProps<SegmentCondition>) {
  const { t } = useI18n();
  const { since } = leaf;
  const stay = stayOf(since);
  return (
    <>
      <Row label={t("leaf.segment")}>
        <SegmentPick value={leaf.segment} onChange={(segment) => onChange({ ...leaf, segment })} />
        <span className="muted">{t("segment.chooseHint")}</span>
      </Row>
      <Row label={t("stay.label")}>
        <Select
          aria-label={t("stay.label")}
          value={stay}
          onChange={(next) => onChange(withStay(leaf, next))}
          options={STAYS.map((one) => ({ value: one, label: t(`stay.${one}`) }))}
          popupMatchSelectWidth={false}
        />
        {since?.kind === "ago" && stay === "at_least" && (
          <>
            <SpanInput
              amount={since.amount}
              unit={since.unit}
              onChange={(amount, unit) => onChange({ ...leaf, since: { ...since, amount, unit } })}
            />
            <span className="muted">{t("stay.hint")}</span>
          </>
        )}
        {since && stay === "window" && (
          <WindowInput value={windowOf(since)} onChange={(window) => onChange({ ...leaf, since: window })} />
        )}
      </Row>
    </>
  );
}

export function MoveEditor({ leaf, onChange }: LeafProps<MoveCondition>) {
  const { t } = useI18n();
  return (
    <>
      <Row label={t("leaf.segment_move")}>
        <Select
          aria-label={t("move.label")}
          value={leaf.move}
          onChange={(move) => onChange({ ...leaf, move })}
          options={MOVES.map((move) => ({ value: move, label: t(`move.${move}`) }))}
          popupMatchSelectWidth={false}
        />
        <SegmentPick value={leaf.segment} onChange={(segment) => onChange({ ...leaf, segment })} />
        <span className="muted">{t("move.hint")}</span>
      </Row>
      <Row label={t("segment.window")}>
        <WindowInput
          value={leaf.window ?? { kind: "ever" }}
          onChange={(window) => onChange({ ...leaf, window })}
        />
      </Row>
    </>
  );
}

export function RelationEditor({ leaf, onChange }: LeafProps<RelationCondition>) {
  const { t } = useI18n();
  const ties = useTies(leaf.to);
  return (
    <>
      <Row label={t("leaf.relation")}>
        <Select
          aria-label={t("relation.to")}
          value={leaf.to}
          onChange={(to) => onChange({ ...leaf, to, ids: [] })}
          options={BONDS.map((bond) => ({ value: bond, label: t(`bond.${bond}`) }))}
          popupMatchSelectWidth={false}
        />
        <Select
          aria-label={t("segment.operator")}
          value={leaf.op ?? "any"}
          onChange={(op) => onChange({ ...leaf, op })}
          options={(["any", "none"] as const).map((op) => ({ value: op, label: t(`relationOp.${op}`) }))}
          popupMatchSelectWidth={false}
        />
        <Select
          mode="tags"
          maxCount={200}
          aria-label={t("relation.ids")}
          placeholder={t("relation.ids")}
          value={leaf.ids ?? []}
          options={ties.options}
          showSearch={{ optionFilterProp: "label", onSearch: ties.search }}
          popupMatchSelectWidth={280}
          onChange={(ids: string[]) => onChange({ ...leaf, ids })}
          className={styles.name}
        />
      </Row>
      <Row label={t("relation.since")}>
        <WindowInput
          value={leaf.since ?? { kind: "ever" }}
          onChange={(since) => onChange({ ...leaf, since })}
        />
      </Row>
    </>
  );
}
