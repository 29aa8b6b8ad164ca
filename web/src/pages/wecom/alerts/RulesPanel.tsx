import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Checkbox, Form, InputNumber, Select } from "antd";
import { useState } from "react";
import {
  type AlertRules,
  alertRulesQuery,
  type StaffRow,
  saveAlertRules,
  staffQuery,
} from "../../../api/wecom/staff";
import { type MessageKey, useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";

const KINDS = ["lost_by_customer", "lost_by_staff", "conspicuous"] as const;
const NUMBERS = [
  ["deletions_per_day", 1, 10_000],
  ["leaving_days", 1, 90],
  ["leaving_deletions", 1, 10_000],
  ["digest_hour", 0, 23],
] as const;

/** Who is told of lost customers, and from when on deletions are suspicious. */
export function RulesPanel({ corp, name }: { corp: string; name: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(alertRulesQuery(corp));
  if (!data && !error) return <PanelSkeleton />;
  return (
    <Panel title={`${t("wecom.rules")} · ${name}`} testId="alert-rules">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data && <RulesForm corp={corp} rules={data} />}
    </Panel>
  );
}

function RulesForm({ corp, rules }: { corp: string; rules: AlertRules }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [form] = Form.useForm<AlertRules>();
  const [wasSaved, setWasSaved] = useState(false);
  const save = useMutation({
    mutationFn: (changed: AlertRules) => saveAlertRules(corp, changed),
    onSuccess: (kept) => {
      queries.setQueryData(alertRulesQuery(corp).queryKey, kept);
      setWasSaved(true);
    },
  });
  const members = useInfiniteQuery(staffQuery({ corp }));
  const colleagues = members.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Form
      name={`rules-${corp}`} // Several companies stand on one page: the fields of each need ids of their own.
      form={form}
      layout="vertical"
      initialValues={rules}
      onValuesChange={() => setWasSaved(false)}
      onFinish={(changed) => save.mutate(changed)}
    >
      {KINDS.map((kind) => (
        <Telling key={kind} kind={kind} colleagues={colleagues} />
      ))}
      <div style={{ display: "flex", flexWrap: "wrap", gap: "0 24px" }}>
        {NUMBERS.map(([field, min, max]) => (
          <Form.Item key={field} name={field} label={t(`wecom.rules.${field}`)}>
            <InputNumber min={min} max={max} precision={0} />
          </Form.Item>
        ))}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t(wasSaved ? "saved" : "save")}
      </Button>
    </Form>
  );
}

function Telling({ kind, colleagues }: { kind: (typeof KINDS)[number]; colleagues: readonly StaffRow[] }) {
  const { t } = useI18n();
  const modes = (["immediate", "digest", "silent"] as const).map((value) => ({
    value,
    label: t(`wecom.rules.mode.${value}` as MessageKey),
  }));
  return (
    <fieldset style={{ border: 0, padding: 0, margin: "0 0 8px" }}>
      <legend style={{ fontWeight: 550 }}>{t(`wecom.rules.${kind}`)}</legend>
      <div style={{ display: "flex", flexWrap: "wrap", gap: "0 24px" }}>
        <Form.Item name={[kind, "mode"]} label={t("wecom.rules.mode")}>
          <Select options={modes} style={{ width: 150 }} />
        </Form.Item>
        {kind === "lost_by_customer" && (
          <Form.Item name={[kind, "staff"]} valuePropName="checked" label=" ">
            <Checkbox>{t("wecom.rules.staff")}</Checkbox>
          </Form.Item>
        )}
        <Form.Item name={[kind, "leaders"]} valuePropName="checked" label=" ">
          <Checkbox>{t("wecom.rules.leaders")}</Checkbox>
        </Form.Item>
        <Form.Item name={[kind, "members"]} label={t("wecom.rules.members")}>
          <Select
            mode="multiple"
            optionFilterProp="label"
            options={colleagues.map((each) => ({ value: each.userid, label: each.name }))}
            style={{ minWidth: 220 }}
          />
        </Form.Item>
      </div>
    </fieldset>
  );
}
