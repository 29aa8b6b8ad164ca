import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Segmented, Select } from "antd";
import { candidatesQuery, type Method } from "../../../api/wecom/inheritance";
import { useI18n } from "../../../i18n";
import { Field } from "./Field";
import type { StepProps } from "./WhoStep";

const METHODS: readonly Method[] = ["evenly", "weight", "capacity"];
const DEFAULT_LIMIT = 20_000;
const MESSAGE_MAX = 200;

/** Who takes over, and how much. */
export function TakersStep({ draft, onChange }: StepProps) {
  const { t } = useI18n();
  const staff = useQuery(candidatesQuery(draft.corp, "on_job"));
  const people = (staff.data?.items ?? []).filter((one) => one.userid !== draft.handover);
  const names = new Map(people.map((one) => [one.userid, one.name]));
  const choose = (userids: string[]) =>
    onChange({
      takers: userids.map(
        (userid) =>
          draft.takers.find((one) => one.userid === userid) ?? { userid, weight: 1, limit: DEFAULT_LIMIT },
      ),
    });
  const edit = (userid: string, changed: { weight?: number; limit?: number }) =>
    onChange({
      takers: draft.takers.map((one) => (one.userid === userid ? { ...one, ...changed } : one)),
    });
  return (
    <>
      <Field label={t("wecom.inherit.takers")}>
        <Select
          mode="multiple"
          aria-label={t("wecom.inherit.takers")}
          value={draft.takers.map((one) => one.userid)}
          onChange={choose}
          optionFilterProp="label"
          options={people.map((one) => ({
            value: one.userid,
            label: t("wecom.inherit.candidate", { name: one.name, count: one.customers, n: one.customers }),
          }))}
          style={{ minWidth: 320 }}
        />
      </Field>
      <Field label={t("wecom.inherit.method")}>
        <Segmented
          value={draft.method}
          options={METHODS.map((method) => ({ value: method, label: t(`wecom.inherit.method.${method}`) }))}
          onChange={(method) => onChange({ method })}
        />
      </Field>
      {draft.takers.map((one) => (
        <p key={one.userid} style={{ display: "flex", gap: 8, alignItems: "center" }}>
          <span style={{ minWidth: 120 }}>{names.get(one.userid) ?? one.userid}</span>
          {draft.method === "weight" && (
            <InputNumber
              aria-label={`${names.get(one.userid)} ${t("wecom.inherit.weight")}`}
              prefix={t("wecom.inherit.weight")}
              min={1}
              max={1000}
              value={one.weight}
              onChange={(weight) => edit(one.userid, { weight: weight ?? 1 })}
            />
          )}
          <InputNumber
            aria-label={`${names.get(one.userid)} ${t("wecom.inherit.limit")}`}
            prefix={t("wecom.inherit.limit")}
            min={1}
            max={100_000}
            value={one.limit}
            onChange={(limit) => edit(one.userid, { limit: limit ?? DEFAULT_LIMIT })}
          />
        </p>
      ))}
      {draft.kind === "on_job" && draft.scope !== "none" && (
        <Field label={t("wecom.inherit.message")}>
          <Input.TextArea
            aria-label={t("wecom.inherit.message")}
            maxLength={MESSAGE_MAX}
            value={draft.message}
            onChange={(event) => onChange({ message: event.target.value })}
          />
        </Field>
      )}
    </>
  );
}
