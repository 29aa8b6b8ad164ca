import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, InputNumber } from "antd";
import { useState } from "react";
import { type LifecycleSettings, type LifecycleSummary, saveStudy } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";

const FIELDS = [
  "new_days",
  "sleeping_days",
  "lost_days",
  "won_back_days",
  "loyal_orders",
  "loyal_days",
] as const;

/** Where stages begin and end. */
export function DefinitionsPanel({ summary }: { summary: LifecycleSummary }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<LifecycleSettings>(summary.settings);
  const save = useMutation({
    mutationFn: () => saveStudy("lifecycle", draft),
    onSuccess: () =>
      Promise.all(
        [["study", "lifecycle"], ["lifecycle-flow"]].map((queryKey) =>
          queries.invalidateQueries({ queryKey }),
        ),
      ),
  });
  return (
    <Panel title={t("lifecycle.settings")} extra={t("clusters.settings.hint")} testId="lifecycle-settings">
      <div className={styles.form}>
        {FIELDS.map((field) => (
          <label key={field} htmlFor={`lifecycle-${field}`}>
            {t(`lifecycle.setting.${field}` as MessageKey)}
            <InputNumber
              id={`lifecycle-${field}`}
              min={field === "loyal_orders" ? 2 : 1}
              max={3650}
              precision={0}
              value={draft[field]}
              onChange={(value) => value && setDraft({ ...draft, [field]: value })}
            />
          </label>
        ))}
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
