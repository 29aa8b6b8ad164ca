import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Segmented, Select } from "antd";
import { useState } from "react";
import { snapshotList } from "../../api/lists";
import { overlapQuery, saveSegment, segmentsQuery } from "../../api/queries";
import type { Segment, SegmentOverlap } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Bone } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import styles from "./segments.module.css";
import { type Condition, toJson } from "./tree";
import { useSegmentName } from "./useSegmentName";

const OTHERS_MAX = 4;

/** What this segment shares with others, and unions, intersections and differences to keep. */
export function OverlapPanel({ segment }: { segment: Segment }) {
  const { t } = useI18n();
  const [others, setOthers] = useState<string[]>([]);
  const { data: all } = useQuery(segmentsQuery);
  const asked = [segment.id, ...others];
  const { data, error, refetch } = useQuery({ ...overlapQuery(asked), enabled: others.length > 0 });
  return (
    <div className={styles.explanation}>
      <p className="soft">{t("overlap.lead")}</p>
      <Select
        mode="multiple"
        maxCount={OTHERS_MAX}
        aria-label={t("overlap.choose")}
        placeholder={t("overlap.choose")}
        value={others}
        onChange={setOthers}
        options={all?.items
          .filter((one) => one.id !== segment.id)
          .map((one) => ({ value: one.id, label: one.name }))}
        showSearch={{ optionFilterProp: "label" }}
        style={{ width: "100%" }}
      />
      {others.length > 0 && error && <ErrorNotice error={error} onRetry={refetch} />}
      {others.length > 0 && !error && !data && <Bone height={120} />}
      {others.length > 0 && data && <Parts overlap={data} asked={asked} />}
      {others.length > 0 && data && <Keep asked={asked} />}
    </div>
  );
}

function Parts({ overlap, asked }: { overlap: SegmentOverlap; asked: string[] }) {
  const { t } = useI18n();
  const format = useFormat();
  const name = useSegmentName();
  const rows = [
    ...overlap.parts.map((part) => ({
      label: `${t(part.segments.length === 1 ? "overlap.only" : "overlap.in")} ${part.segments.map(name).join(" ∩ ")}`,
      count: part.count,
    })),
    { label: `${t("overlap.union")} (${asked.map(name).join(" ∪ ")})`, count: overlap.union },
  ];
  return (
    <ul className={styles.bars} data-testid="overlap">
      {rows.map(({ label, count }) => (
        <li key={label}>
          <span>{label}</span>
          <strong className="num">{format.count(count)}</strong>
          <i style={{ width: `${overlap.union === 0 ? 0 : (100 * count) / overlap.union}%` }} />
        </li>
      ))}
    </ul>
  );
}

const KEPT_AS = ["rule", "list"] as const;
const KEPT = ["union", "common", "rest"] as const;

function definitionOf(kept: (typeof KEPT)[number], asked: string[]): Condition {
  const [first, ...others] = asked.map((segment) => ({ kind: "segment" as const, segment }));
  const members = first ? [first, ...others] : others;
  if (kept === "union") return { kind: "any", of: members };
  if (kept === "common") return { kind: "all", of: members };
  return { kind: "all", of: [...(first ? [first] : []), { kind: "not", of: { kind: "any", of: others } }] };
}

function Keep({ asked }: { asked: string[] }) {
  const { t } = useI18n();
  const name = useSegmentName();
  const queries = useQueryClient();
  const [as, setAs] = useState<(typeof KEPT_AS)[number]>("rule");
  const named = (kept: (typeof KEPT)[number]) =>
    t(`overlap.name.${kept}`, { names: asked.map(name).join(", ") }).slice(0, 100);
  const save = useMutation({
    mutationFn: (kept: (typeof KEPT)[number]) =>
      as === "list"
        ? snapshotList(named(kept), toJson(definitionOf(kept, asked))).then((made) => made.segment)
        : saveSegment(null, {
            name: named(kept),
            description: "",
            definition: toJson(definitionOf(kept, asked)),
          }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["segments"] }),
  });
  return (
    <>
      {save.error && <ErrorNotice error={save.error} />}
      {save.data && <p role="status">{t("overlap.saved", { name: save.data.name })}</p>}
      <div className={styles.row}>
        <Segmented
          value={as}
          onChange={setAs}
          aria-label={t("overlap.as")}
          options={KEPT_AS.map((value) => ({ value, label: t(`overlap.as.${value}`) }))}
        />
        {KEPT.map((kept) => (
          <Button
            key={kept}
            loading={save.isPending && save.variables === kept}
            onClick={() => save.mutate(kept)}
          >
            {t(`overlap.save.${kept}`)}
          </Button>
        ))}
      </div>
    </>
  );
}
