import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Select } from "antd";
import type { BroadcastPlan } from "../../api/broadcasts";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { useFormat } from "../../ui/useFormat";
import { Field } from "../journeys/fields";

export interface StepProps {
  plan: BroadcastPlan;
  change: (part: Partial<BroadcastPlan>) => void;
}

/** Whom it goes to, whom not, and who is held out to compare with. */
export function AudienceStep({ plan, change }: StepProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery(segmentsQuery);
  const options = data?.items.map((segment) => ({
    value: segment.id,
    label: `${segment.name} · ${format.count(segment.count)}`,
  }));
  return (
    <>
      <Field label={t("bct.name")}>
        <Input
          aria-label={t("bct.name")}
          value={plan.name}
          maxLength={80}
          onChange={(event) => change({ name: event.target.value })}
        />
      </Field>
      <Field label={t("bct.segment")}>
        <Select
          aria-label={t("bct.segment")}
          value={plan.segment_id || undefined}
          onChange={(segment_id: string) => change({ segment_id })}
          options={options}
          style={{ width: "100%" }}
        />
      </Field>
      <Field label={t("bct.exclude")}>
        <Select
          allowClear
          aria-label={t("bct.exclude")}
          placeholder={t("bct.exclude.none")}
          value={plan.exclude_segment_id ?? undefined}
          onChange={(segment?: string) => change({ exclude_segment_id: segment ?? null })}
          options={options}
          style={{ width: "100%" }}
        />
      </Field>
      <Field label={t("bct.holdout")} hint={t("bct.holdout.hint")}>
        <InputNumber
          aria-label={t("bct.holdout")}
          min={0}
          max={50}
          value={(plan.holdout_bps ?? 0) / 100}
          onChange={(share) => change({ holdout_bps: Math.round((share ?? 0) * 100) })}
          style={{ width: 110, marginInlineEnd: 8 }}
        />
      </Field>
    </>
  );
}
