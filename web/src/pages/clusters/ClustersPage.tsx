import { useState } from "react";
import type { Cluster, ClusterSummary } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { Panel } from "../../ui/Page";
import { Scroll } from "../../ui/Scroll";
import { useFormat } from "../../ui/useFormat";
import { FigureDrawer, type Shown } from "../behaviour/FigureDrawer";
import { Groups, Matrix } from "../studies/Groups";
import { StudyPage } from "../studies/StudyPage";
import styles from "../studies/studies.module.css";
import { ClusterSettingsPanel } from "./ClusterSettingsPanel";

const OUTLIER = "outlier";
const PATH = "clusters";

export default function ClustersPage() {
  const { t } = useI18n();
  const format = useFormat();
  const refusal = ({ card }: ClusterSummary) =>
    card?.refusal &&
    t(`clusters.refusal.${card.refusal}` as MessageKey, {
      have: format.count(card.people),
      need: format.count(card.least_people),
    });
  return (
    <StudyPage<ClusterSummary>
      kind="clusters"
      refusal={refusal}
      foot={(summary) => <ClusterSettingsPanel summary={summary} />}
    >
      {(summary) => <Board summary={summary} />}
    </StudyPage>
  );
}

function Board({ summary }: { summary: ClusterSummary }) {
  const { t } = useI18n();
  const [shown, setShown] = useState<Shown | null>(null);
  const name = useClusterName(summary);
  const clusters = new Map(summary.card?.clusters?.map((one) => [one.id, one]));
  const labels = [...clusters.keys(), ...(summary.card?.outliers ? [OUTLIER] : [])];
  const moves = summary.moves.filter((move) => move.before !== "" && move.label !== "");
  const known = [...new Set([...labels, ...moves.flatMap((move) => [move.before, move.label])])];
  return (
    <>
      <Groups
        path={PATH}
        summary={summary}
        labels={labels}
        name={name}
        about={(label) => <Why cluster={clusters.get(label)} />}
        onShow={setShown}
      />
      {moves.length > 0 && (
        <Matrix
          title={t("study.moves")}
          hint={t("study.moves.hint")}
          labels={known}
          moves={moves}
          name={name}
          figure={(before, label) => ({ of: PATH, body: { before, label } })}
          onShow={setShown}
        />
      )}
      <Medians summary={summary} name={name} />
      <Card summary={summary} />
      <FigureDrawer shown={shown} onClose={() => setShown(null)} />
    </>
  );
}

/** Names given by hand come first, then those made of what stands out. */
export function useClusterName(summary: ClusterSummary | undefined): (label: string) => string {
  const { t, locale } = useI18n();
  return (label) => {
    if (label === OUTLIER) return t("clusters.outlier");
    const found = summary?.card?.clusters?.find((one) => one.id === label);
    return summary?.settings.names?.[label] ?? found?.name[locale] ?? label;
  };
}

function Why({ cluster }: { cluster: Cluster | undefined }) {
  const { t } = useI18n();
  if (!cluster || cluster.stand_out.length === 0) return null;
  const told = cluster.stand_out
    .slice(0, 4)
    .map((one) => `${t(`clusters.feature.${one.feature}` as MessageKey)} ${signed(one.difference)}σ`);
  return <span className={styles.why}>{told.join(" · ")}</span>;
}

function signed(value: number): string {
  return `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`;
}

function Medians({ summary, name }: { summary: ClusterSummary; name: (label: string) => string }) {
  const { t } = useI18n();
  const format = useFormat();
  const clusters = summary.card?.clusters ?? [];
  const features = clusters[0] ? Object.keys(clusters[0].medians) : [];
  const value = (cluster: Cluster, feature: string) => {
    const median = (cluster.medians as Record<string, number>)[feature] ?? 0;
    return feature.endsWith("_share") ? format.share(median, 1) : format.decimal(median, 1);
  };
  return (
    <Panel title={t("clusters.medians")} extra={t("clusters.medians.hint")} flush>
      <Scroll label={t("clusters.medians")}>
        <table className={styles.facts}>
          <thead>
            <tr>
              <th scope="col">{t("study.group")}</th>
              {features.map((feature) => (
                <th key={feature} scope="col">
                  {t(`clusters.feature.${feature}` as MessageKey)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {clusters.map((cluster) => (
              <tr key={cluster.id}>
                <th scope="row">{name(cluster.id)}</th>
                {features.map((feature) => (
                  <td key={feature} className="num">
                    {value(cluster, feature)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

function Card({ summary }: { summary: ClusterSummary }) {
  const { t } = useI18n();
  const format = useFormat();
  const card = summary.card;
  if (!card) return null;
  const lines: [MessageKey, string][] = [
    ["clusters.card.people", format.count(card.people)],
    ["clusters.card.tooLittle", format.count(card.too_little)],
    ["clusters.card.outliers", format.count(card.outliers)],
    ["clusters.card.sampled", format.count(card.sampled)],
    ["clusters.card.seed", String(card.seed)],
    ["clusters.card.library", card.library ?? ""],
  ];
  return (
    <div className={styles.two}>
      <Panel title={t("study.card")} extra={t("study.card.hint")} testId="study-card">
        <dl className={styles.lines}>
          {lines.map(([label, value]) => (
            <div key={label}>
              <dt>{t(label)}</dt>
              <dd className="num">{value}</dd>
            </div>
          ))}
        </dl>
        {(card.constant ?? []).map((feature) => (
          <p key={feature} className={styles.why}>
            {t("clusters.constant", { feature: t(`clusters.feature.${feature}` as MessageKey) })}
          </p>
        ))}
      </Panel>
      <Panel title={t("clusters.tried")} extra={t("clusters.tried.hint")} flush>
        <table className={styles.facts}>
          <thead>
            <tr>
              <th scope="col">{t("clusters.k")}</th>
              <th scope="col">{t("clusters.silhouette")}</th>
              <th scope="col">{t("clusters.stability")}</th>
            </tr>
          </thead>
          <tbody>
            {(card.tried ?? []).map((one) => (
              <tr key={one.k}>
                <th scope="row">{one.k === card.k ? <strong>{one.k} ✓</strong> : one.k}</th>
                <td className="num">{one.silhouette.toFixed(2)}</td>
                <td className="num">{one.stability.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
    </div>
  );
}
