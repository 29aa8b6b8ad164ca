import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import {
  type CustomerGroup,
  describeGroup,
  type GroupRecord,
  groupWelcomesQuery,
} from "../../../api/wecom/groups";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Field } from "../../channels/content/Field";
import { AXES } from "./GroupsPage";
import styles from "./groups.module.css";

/** What the brand says about a group: four axes, and what it is for. */
export function RecordForm({ group }: { group: CustomerGroup }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const welcomes = useQuery(groupWelcomesQuery);
  const [record, setRecord] = useState<GroupRecord>(group.record);
  const save = useMutation({
    mutationFn: () => describeGroup(group.id, record),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["groups"] }),
  });
  const change = (part: Partial<GroupRecord>) => {
    if (save.error || save.isSuccess) save.reset();
    setRecord({ ...record, ...part });
  };
  return (
    <Panel title={t("wecom.groups.record")} testId="group-record">
      <div className={styles.form}>
        {save.error && <ErrorNotice error={save.error} />}
        {([...AXES, "store"] as const).map((word) => (
          <Field key={word} label={t(`wecom.groups.${word}`)}>
            {(id) => (
              <Input
                id={id}
                maxLength={40}
                value={record[word]}
                onChange={(event) => change({ [word]: event.target.value })}
              />
            )}
          </Field>
        ))}
        <Field label={t("wecom.groups.purpose")}>
          {(id) => (
            <Input
              id={id}
              maxLength={200}
              value={record.purpose}
              onChange={(event) => change({ purpose: event.target.value })}
            />
          )}
        </Field>
        <Field label={t("wecom.groups.rules")}>
          {(id) => (
            <Input.TextArea
              id={id}
              rows={4}
              maxLength={2000}
              value={record.rules_text}
              onChange={(event) => change({ rules_text: event.target.value })}
            />
          )}
        </Field>
        {(["opens_on", "closes_on"] as const).map((day) => (
          <Field key={day} label={t(`wecom.groups.${day}`)}>
            {(id) => (
              <Input
                id={id}
                type="date"
                value={record[day] ?? ""}
                onChange={(event) => change({ [day]: event.target.value || null })}
              />
            )}
          </Field>
        ))}
        <Field label={t("wecom.groups.welcome")}>
          {(id) => (
            <Select
              id={id}
              allowClear
              value={record.welcome_id || undefined}
              onChange={(chosen?: string) => change({ welcome_id: chosen ?? "" })}
              options={welcomes.data?.items.map((one) => ({ value: one.id, label: one.draft.name }))}
            />
          )}
        </Field>
        <div className={styles.row}>
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
            {t("save")}
          </Button>
          {save.isSuccess && <span className="muted">{t("wecom.groups.saved")}</span>}
        </div>
      </div>
    </Panel>
  );
}
