import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Select } from "antd";
import { ruleSource, trackingPlanQuery } from "../../api/events";
import { trackingQuery } from "../../api/queries";
import type { PlanMode } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "./events.module.css";
import { MODES } from "./PlanPanel";

/** What becomes of events nobody planned, by the source of the write key they come with. */
export function SourceRules() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data: tracking } = useQuery(trackingQuery);
  const { data: plan } = useQuery(trackingPlanQuery);
  const save = useMutation({
    mutationFn: ruleSource,
    onSettled: () => queries.invalidateQueries({ queryKey: trackingPlanQuery.queryKey }),
  });
  const sources = [...new Set(tracking?.write_keys.map((key) => key.source))].toSorted();
  if (!plan || sources.length === 0) return null;
  return (
    <Panel title={t("sourceRule.title")} testId="source-rules">
      <p className="soft">{t("sourceRule.text")}</p>
      <ul className={styles.rules}>
        {sources.map((source) => (
          <li key={source} className={styles.tools}>
            <span className={styles.wrap}>{source}</span>
            <Select
              size="small"
              aria-label={`${t("sourceRule.title")} ${source}`}
              value={plan.sources.find((one) => one.source === source)?.unknown ?? "off"}
              onChange={(unknown: PlanMode) => save.mutate({ source, unknown })}
              options={MODES.map((mode) => ({ value: mode, label: t(`planMode.${mode}`) }))}
              style={{ minWidth: 130 }}
            />
          </li>
        ))}
      </ul>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
