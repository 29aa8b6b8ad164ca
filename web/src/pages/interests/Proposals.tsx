import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { interestProposalsQuery } from "../../api/studies";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import styles from "../studies/studies.module.css";

interface Props {
  fields: readonly string[];
  onUse: (field: string) => void;
}

/** Observed properties that may tell categories. */
export function Proposals({ fields, onUse }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(interestProposalsQuery);
  return (
    <Panel title={t("interests.proposals")} extra={t("interests.proposals.hint")} testId="interest-proposals">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={3} />}
      {data?.length === 0 && <p className={styles.why}>{t("interests.proposals.none")}</p>}
      <dl className={styles.lines}>
        {data?.map((one) => (
          <div key={one.field}>
            <dt>
              <code>{one.field}</code>{" "}
              {t("interests.proposal", {
                events: format.count(one.events),
                different: format.count(one.different),
                examples: one.examples.join("、"),
              })}
            </dt>
            <dd>
              <Button size="small" disabled={fields.includes(one.field)} onClick={() => onUse(one.field)}>
                {t(fields.includes(one.field) ? "interests.used" : "interests.use")}
              </Button>
            </dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}
