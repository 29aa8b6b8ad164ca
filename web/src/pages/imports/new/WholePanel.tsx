import { Input } from "antd";
import type { ImportPlan } from "../../../api/imports";
import { useZone } from "../../../app/session";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import { dateOf, startOfDate } from "../../segments/zones";
import styles from "./wizard.module.css";

interface WholePanelProps {
  plan: ImportPlan;
  onChange: (plan: ImportPlan) => void;
}

const SOURCE = /^[a-z0-9][a-z0-9_.-]{0,63}$/;

/** What is said once for the whole file. */
export function WholePanel({ plan, onChange }: WholePanelProps) {
  const { t } = useI18n();
  const { timeZone } = useZone();
  const isTimed = plan.columns.some((use) => use.role === "time");
  const isNamed = plan.columns.some((use) => use.role === "event_name");
  return (
    <Panel title={t("importWizard.whole")}>
      <div className={styles.options}>
        <div className={styles.option}>
          <span>{t("importWizard.source")}</span>
          <Input
            aria-label={t("importWizard.source")}
            value={plan.source}
            maxLength={64}
            status={SOURCE.test(plan.source) ? undefined : "error"}
            addonBefore="import:"
            onChange={(event) => onChange({ ...plan, source: event.target.value.toLowerCase() })}
          />
        </div>
        {plan.kind === "events" && !isNamed && (
          <div className={styles.option}>
            <span>{t("importWizard.eventName")}</span>
            <Input
              aria-label={t("importWizard.eventName")}
              value={plan.event_name}
              maxLength={200}
              placeholder="Store Visited"
              onChange={(event) => onChange({ ...plan, event_name: event.target.value })}
            />
          </div>
        )}
        {!isTimed && (
          <div className={styles.option}>
            <span>{t("importWizard.at")}</span>
            <Input
              aria-label={t("importWizard.at")}
              type="date"
              value={plan.at ? dateOf(plan.at, timeZone) : ""}
              onChange={(event) =>
                onChange({
                  ...plan,
                  at: event.target.value ? startOfDate(event.target.value, timeZone) : null,
                })
              }
            />
          </div>
        )}
        <div className={styles.option}>
          <span>{t("importWizard.zone")}</span>
          <Input
            aria-label={t("importWizard.zone")}
            value={plan.time_zone}
            onChange={(event) => onChange({ ...plan, time_zone: event.target.value.trim() })}
          />
        </div>
      </div>
      <p className="soft">{t("importWizard.source.text")}</p>
    </Panel>
  );
}
