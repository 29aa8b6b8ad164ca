import { useQuery } from "@tanstack/react-query";
import { Radio, Segmented, Select } from "antd";
import { corpsQuery } from "../../../api/wecom/corps";
import { candidatesQuery, type Kind } from "../../../api/wecom/inheritance";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import type { Draft } from "./draft";
import { Field } from "./Field";

const KINDS: readonly Kind[] = ["on_job", "resigned"];

export interface StepProps {
  draft: Draft;
  onChange: (changed: Partial<Draft>) => void;
}

/** Who hands over: a member at work, or somebody who left customers behind. */
export function WhoStep({ draft, onChange }: StepProps) {
  const { t } = useI18n();
  const corps = useQuery(corpsQuery);
  const candidates = useQuery(candidatesQuery(draft.corp, draft.kind));
  const people = (candidates.data?.items ?? []).filter(
    (one) => one.customers > 0 || draft.kind === "on_job" || one.userid === draft.handover,
  );
  return (
    <>
      {(corps.data?.items.length ?? 0) > 1 && (
        <Field label={t("wecom.inherit.corp")}>
          <Select
            aria-label={t("wecom.inherit.corp")}
            value={draft.corp}
            options={corps.data?.items.map((one) => ({ value: one.id, label: one.name }))}
            onChange={(corp) => onChange({ corp, handover: "", groups: [], takers: [] })}
          />
        </Field>
      )}
      <Field label={t("wecom.inherit.kind")}>
        <Segmented
          value={draft.kind}
          options={KINDS.map((kind) => ({ value: kind, label: t(`wecom.inherit.kind.${kind}`) }))}
          onChange={(kind) => onChange({ kind, handover: "", groups: [] })}
        />
      </Field>
      {candidates.error && <ErrorNotice error={candidates.error} onRetry={candidates.refetch} />}
      {candidates.data && people.length === 0 && <p className="muted">{t("wecom.inherit.nobody")}</p>}
      <Field label={t("wecom.inherit.pickHandover")}>
        <Radio.Group
          value={draft.handover}
          onChange={(event) => onChange({ handover: event.target.value, groups: [] })}
          style={{ display: "grid", gap: 6 }}
          options={people.map((one) => ({
            value: one.userid,
            label: t("wecom.inherit.candidate", { name: one.name, count: one.customers, n: one.customers }),
          }))}
        />
      </Field>
    </>
  );
}
