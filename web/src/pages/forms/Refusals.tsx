import { useQuery } from "@tanstack/react-query";
import { formRefusalsQuery, type Narrowing } from "../../api/forms";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import { Bars } from "./Bars";

/** Answers that were not taken, by reason: a form that is too strict, or somebody who tries too much. */
export function Refusals({ id, narrowing }: { id: string; narrowing: Narrowing }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(formRefusalsQuery(id, narrowing));
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data?.total) return null;
  const last = data.days[data.days.length - 1]?.day;
  const said = [
    t("forms.refusals.total", { n: format.count(data.total) }),
    last && t("forms.refusals.last", { day: last }),
  ].filter(Boolean);
  return (
    <Panel title={t("forms.refusals")} extra={said.join(" · ")} testId="form-refusals">
      <p className="muted">{t("forms.refusals.hint")}</p>
      <Bars
        bars={data.reasons.map(({ reason, count }) => ({
          key: reason,
          label: t(`forms.refused.${reason}`),
          count,
        }))}
        whole={data.total}
      />
    </Panel>
  );
}
