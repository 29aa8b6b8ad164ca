import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useParams } from "react-router";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { Row } from "./FactsEditor";
import { WindowInput } from "./inputs";
import type { LeafProps } from "./LeafEditor";
import styles from "./segments.module.css";
import { BONDS, type RelationCondition, type SegmentCondition } from "./tree";
import { useTies } from "./useTies";

export function SegmentLeafEditor({ leaf, onChange }: LeafProps<SegmentCondition>) {
  const { t } = useI18n();
  const { id } = useParams();
  const { data } = useQuery(segmentsQuery);
  // A segment cannot ask about itself; longer circles the server finds.
  const others = data?.items.filter((segment) => segment.id !== id) ?? [];
  return (
    <Row label={t("leaf.segment")}>
      <Select
        aria-label={t("segment.choose")}
        placeholder={t("segment.choose")}
        value={leaf.segment || undefined}
        onChange={(segment) => onChange({ ...leaf, segment })}
        options={others.map((segment) => ({ value: segment.id, label: segment.name }))}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={280}
        className={styles.name}
      />
      <span className="muted">{t("segment.chooseHint")}</span>
    </Row>
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
