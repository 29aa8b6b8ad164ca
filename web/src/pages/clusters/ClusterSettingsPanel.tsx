import { Button, Input, Select } from "antd";
import type { ClusterSettings, ClusterSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import styles from "../studies/studies.module.css";
import { useStudySettings } from "../studies/useStudySettings";
import { FEATURES, K_CHOICES } from "./features";

/** By what people are compared, into how many groups, and what groups are called. */
export function ClusterSettingsPanel({ summary }: { summary: ClusterSummary }) {
  const { t, locale } = useI18n();
  const { draft, setDraft, save } = useStudySettings<ClusterSettings>("clusters", summary.settings);
  const rename = (id: string, name: string) => {
    const { [id]: _, ...others } = draft.names ?? {};
    setDraft({ ...draft, names: name === "" ? others : { ...others, [id]: name } });
  };
  return (
    <Panel title={t("clusters.settings")} extra={t("clusters.settings.hint")} testId="cluster-settings">
      <div className={styles.form}>
        <label htmlFor="cluster-features">
          {t("clusters.features")}
          <Select
            id="cluster-features"
            mode="multiple"
            className={styles.wide}
            value={[...(draft.features ?? [])]}
            onChange={(features) => setDraft({ ...draft, features })}
            options={FEATURES.map((value) => ({
              value,
              label: t(`clusters.feature.${value}` as MessageKey),
            }))}
          />
        </label>
        <label htmlFor="cluster-k">
          {t("clusters.k")}
          <Select
            id="cluster-k"
            value={draft.k ?? 0}
            onChange={(k) => setDraft({ ...draft, k: k || null })}
            options={[
              { value: 0, label: t("clusters.k.chosen") },
              ...K_CHOICES.map((value) => ({ value, label: String(value) })),
            ]}
          />
        </label>
        {summary.card?.clusters?.map((one) => (
          <Input
            key={one.id}
            style={{ width: 200 }}
            maxLength={40}
            aria-label={t("clusters.rename", { name: one.name[locale] })}
            placeholder={one.name[locale]}
            value={draft.names?.[one.id] ?? ""}
            onChange={(event) => rename(one.id, event.target.value)}
          />
        ))}
        <Button
          disabled={(draft.features ?? []).length < 2}
          loading={save.isPending}
          onClick={() => save.mutate()}
        >
          {t("save")}
        </Button>
        {save.isSuccess && <span role="status">{t("study.saved")}</span>}
      </div>
      {save.error && <ErrorNotice error={save.error} />}
    </Panel>
  );
}
