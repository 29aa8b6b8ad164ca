import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { evaluateSegment, segmentQuery } from "../../api/queries";
import type { Segment } from "../../api/types";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./segments.module.css";

export type Schedule = NonNullable<Segment["schedule"]>;

const KINDS = ["live", "hourly", "daily", "manual"] as const;
const LOOK_MS = 5_000;

interface ScheduleEditorProps {
  segment: Segment | null;
  schedule: Schedule;
  onChange: (schedule: Schedule) => void;
}

/** When a segment is evaluated, how old its members are now, and evaluating it at once. */
export function ScheduleEditor({ segment, schedule, onChange }: ScheduleEditorProps) {
  const { t } = useI18n();
  const choose = (kind: (typeof KINDS)[number]) =>
    onChange(kind === "daily" ? { kind, at: "08:00" } : { kind });
  return (
    <div className={styles.row}>
      <span className="soft">{t("schedule.label")}</span>
      <Select
        aria-label={t("schedule.label")}
        value={schedule.kind}
        onChange={choose}
        options={KINDS.map((kind) => ({ value: kind, label: t(`schedule.${kind}`) }))}
        style={{ minWidth: 130 }}
      />
      {schedule.kind === "daily" && (
        <Input
          type="time"
          aria-label={t("schedule.at")}
          value={schedule.at}
          onChange={(event) => event.target.value && onChange({ kind: "daily", at: event.target.value })}
          style={{ width: 120 }}
        />
      )}
      {segment && <Freshness id={segment.id} />}
    </div>
  );
}

function Freshness({ id }: { id: string }) {
  const { t } = useI18n();
  const ago = useAgo();
  const zone = useZone();
  const queries = useQueryClient();
  const { data } = useQuery({ ...segmentQuery(id), refetchInterval: LOOK_MS });
  const evaluate = useMutation({
    mutationFn: () => evaluateSegment(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["segment", id] }),
  });
  if (!data) return null;
  return (
    <>
      <span className="soft" data-testid="freshness">
        {data.as_of ? t("schedule.asOf", { ago: ago(data.as_of) }) : t("segmentStatus.building")}
        {data.next_at && ` · ${t("schedule.next", { at: formatDateTime(data.next_at, zone) })}`}
      </span>
      <Button size="small" loading={evaluate.isPending} onClick={() => evaluate.mutate()}>
        {t("schedule.now")}
      </Button>
      {evaluate.error && <ErrorNotice error={evaluate.error} />}
    </>
  );
}
