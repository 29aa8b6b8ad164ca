import type { QualityCard, SourceQuality } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Panel } from "../../ui/Page";
import { useFormat } from "../../ui/useFormat";
import styles from "./quality.module.css";
import { Score } from "./Score";

/** Every source, the worst first. */
export function SourcesPanel({ card }: { card: QualityCard }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <Panel title={t("quality.sources")} extra={t("quality.sources.hint")} flush testId="quality-sources">
      <DataTable<SourceQuality>
        label={t("quality.sources")}
        rows={card.sources}
        rowKey={(row) => row.source}
        empty={<EmptyState title={t("quality.nobody")} />}
        columns={[
          {
            key: "source",
            title: t("quality.source"),
            lead: true,
            width: "20%",
            render: (row) => <strong className={styles.name}>{row.source}</strong>,
          },
          {
            key: "score",
            title: t("quality.column.score"),
            width: "16%",
            render: (row) => <Score score={row.score} history={row.history ?? []} />,
          },
          {
            key: "brought",
            title: `${t("quality.events")} / ${t("quality.values")}`,
            align: "end",
            width: "12%",
            render: (row) => `${format.count(row.events)} / ${format.count(row.values)}`,
          },
          {
            key: "findings",
            title: t("quality.findings"),
            wide: true,
            render: (row) => <Findings row={row} />,
          },
        ]}
      />
    </Panel>
  );
}

function Findings({ row }: { row: SourceQuality }) {
  const { t } = useI18n();
  const format = useFormat();
  if (row.findings.length === 0) return <span className="muted">{t("quality.fine")}</span>;
  return (
    <ul className={styles.findings}>
      {row.findings.map((one) => (
        <li key={one.finding}>
          <span className="num">
            {t(`quality.source.${one.finding}` as MessageKey)} {format.count(one.count)} (
            {format.share(one.share, 1)})
          </span>
          <span className={styles.costs}>{t("quality.costs", { points: format.decimal(one.costs, 1) })}</span>
          <span className={styles.todo}>{t(`quality.sourceTodo.${one.finding}` as MessageKey)}</span>
        </li>
      ))}
    </ul>
  );
}
