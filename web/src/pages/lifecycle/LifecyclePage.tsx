import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { type LifecycleFlow, type LifecycleSummary, lifecycleFlowQuery } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Groups, Matrix } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { DefinitionsPanel } from "./DefinitionsPanel";
import { STAGES, useStageName } from "./stages";

const PERIODS = [7, 30, 90, 180];

export default function LifecyclePage() {
  const { t } = useI18n();
  return (
    <StudyPage<LifecycleSummary>
      kind="lifecycle"
      refusal={(summary) => summary.as_of && summary.people === 0 && t("lifecycle.nobody")}
      foot={(summary) => <DefinitionsPanel summary={summary} />}
    >
      {(summary) => <Board summary={summary} />}
    </StudyPage>
  );
}

function Board({ summary }: { summary: LifecycleSummary }) {
  const { t } = useI18n();
  const [shown, setShown] = useState<Shown | null>(null);
  const name = useStageName();
  return (
    <>
      <Groups
        path="lifecycle"
        summary={summary}
        labels={STAGES}
        name={name}
        about={(label) => <span className={styles.why}>{t(`lifecycle.about.${label}` as MessageKey)}</span>}
        onShow={setShown}
      />
      <Flow onShow={setShown} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

function Flow({ onShow }: { onShow: (shown: Shown) => void }) {
  const { t } = useI18n();
  const name = useStageName();
  const [days, setDays] = useState(30);
  const { data, error, refetch } = useQuery(lifecycleFlowQuery(days));
  const came = data?.moves.some((move) => move.before === "");
  return (
    <>
      <div className={styles.form}>
        <label htmlFor="flow-days">
          {t("lifecycle.period")}
          <Select
            id="flow-days"
            value={days}
            onChange={setDays}
            options={PERIODS.map((value) => ({ value, label: t("lifecycle.lastDays", { days: value }) }))}
          />
        </label>
      </div>
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton rows={7} />}
      {data && (
        <Matrix
          title={t("lifecycle.flow")}
          hint={t("lifecycle.flow.hint")}
          labels={STAGES}
          rows={came ? [...STAGES, ""] : STAGES}
          moves={data.moves}
          name={name}
          figure={(before, label) => ({
            of: "lifecycle/flow",
            body: { days, before: before || null, label },
          })}
          onShow={onShow}
          testId="lifecycle-flow"
        />
      )}
      {data && <Forecast forecast={data.forecast} moves={data.moves} />}
    </>
  );
}

function Forecast({ forecast, moves }: Pick<LifecycleFlow, "forecast" | "moves">) {
  const { t } = useI18n();
  const format = useFormat();
  const name = useStageName();
  const now = (stage: string) =>
    moves.filter((move) => move.label === stage).reduce((sum, move) => sum + move.people, 0);
  return (
    <Panel title={t("lifecycle.forecast")} extra={t("lifecycle.forecast.hint")} flush>
      <div className={styles.scroll}>
        <table className={styles.facts}>
          <thead>
            <tr>
              <th scope="col">{t("study.group")}</th>
              <th scope="col">{t("lifecycle.now")}</th>
              {forecast.map((one) => (
                <th key={one.in_days} scope="col">
                  {t("lifecycle.inDays", { days: one.in_days })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {STAGES.map((stage) => (
              <tr key={stage}>
                <th scope="row">{name(stage)}</th>
                <td className="num">{format.count(now(stage))}</td>
                {forecast.map((one) => (
                  <td key={one.in_days} className="num">
                    {format.count(Math.round((one.stages as Record<string, number>)[stage] ?? 0))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
