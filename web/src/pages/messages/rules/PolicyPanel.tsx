import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Switch } from "antd";
import { useState } from "react";
import { saveMessagePolicy } from "../../../api/messageRules";
import type { MessagePolicy } from "../../../api/types";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { CampaignFields } from "./CampaignFields";
import { CapFields } from "./CapFields";
import { Figure } from "./Figure";
import { QuietFields } from "./QuietFields";
import styles from "./rules.module.css";

/** Quiet hours, caps, priorities and repeats, edited and kept together. */
export function PolicyPanel({ kept }: { kept: MessagePolicy }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const may = useMay();
  const [draft, setDraft] = useState(kept);
  const save = useMutation({
    mutationFn: () => saveMessagePolicy(draft),
    onSuccess: (saved) => queries.setQueryData(["message-policy"], saved),
  });
  const change = (part: Partial<MessagePolicy>) => {
    save.reset();
    setDraft({ ...draft, ...part });
  };
  const isReadOnly = !may("messages.send");
  return (
    <Panel title={t("rules.policy")} testId="message-policy">
      <p className={styles.hint}>{t("rules.marketingOnly")}</p>
      <fieldset className={styles.fields} disabled={isReadOnly}>
        <QuietFields policy={draft} onChange={change} />
        <CapFields caps={draft.caps ?? []} onChange={(caps) => change({ caps })} />
        <CampaignFields policy={draft} onChange={change} />
        <section className={styles.section}>
          <h3>{t("rules.others")}</h3>
          <label className={styles.switch} htmlFor="rules-counts">
            <Switch
              id="rules-counts"
              checked={draft.transactional_counts ?? false}
              onChange={(transactional_counts) => change({ transactional_counts })}
            />
            {t("rules.transactionalCounts")}
          </label>
          <div className={styles.row}>
            <Figure
              label="rules.duplicate"
              min={0}
              max={43_200}
              value={(draft.duplicate_window_s ?? 600) / 60}
              onChange={(minutes) => change({ duplicate_window_s: Math.round((minutes ?? 0) * 60) })}
            />
            <Figure
              label="rules.repeat"
              min={0}
              max={10}
              value={draft.repeat_max ?? 3}
              onChange={(repeat_max) => change({ repeat_max: repeat_max ?? 0 })}
            />
          </div>
          <p className={styles.hint}>{t("rules.repeatHint")}</p>
        </section>
      </fieldset>
      {save.error && <ErrorNotice error={save.error} />}
      {!isReadOnly && (
        <div className={styles.row}>
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>
            {t("save")}
          </Button>
          {save.isSuccess && <span role="status">{t("rules.saved")}</span>}
        </div>
      )}
    </Panel>
  );
}
