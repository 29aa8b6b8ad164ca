import type { AttributeQuality, QualityCard } from "../../api/studies";
import { type MessageKey, useI18n } from "../../i18n";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Panel } from "../../ui/Page";
import { useAttributeWords } from "../../ui/useAttributeWords";
import { useFormat } from "../../ui/useFormat";
import type { Shown } from "../behaviour/FigureDrawer";
import styles from "./quality.module.css";
import { Score } from "./Score";

interface Props {
  card: QualityCard;
  onShow: (shown: Shown) => void;
}

/** Every attribute, the worst first, with what is wrong and what to do about it. */
export function AttributesPanel({ card, onShow }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useAttributeWords();
  return (
    <Panel
      title={t("quality.attributes")}
      extra={t("quality.attributes.hint")}
      flush
      testId="quality-attributes"
    >
      <DataTable<AttributeQuality>
        label={t("quality.attributes")}
        rows={card.attributes}
        rowKey={(row) => row.key}
        empty={<EmptyState title={t("quality.nobody")} />}
        columns={[
          {
            key: "key",
            title: t("quality.attribute"),
            lead: true,
            width: "20%",
            render: (row) => (
              <>
                <strong className={styles.name}>{words.name(row.key)}</strong>
                <span className={styles.label}>{t(`quality.kind.${row.kind}` as MessageKey)}</span>
              </>
            ),
          },
          {
            key: "score",
            title: t("quality.column.score"),
            width: "16%",
            render: (row) => <Score score={row.score} history={row.history ?? []} />,
          },
          {
            key: "filled",
            title: t("quality.filled"),
            align: "end",
            width: "12%",
            render: (row) => format.share(row.filled, card.people),
          },
          {
            key: "findings",
            title: t("quality.findings"),
            wide: true,
            render: (row) => <Findings row={row} onShow={onShow} />,
          },
        ]}
      />
    </Panel>
  );
}

function Findings({ row, onShow }: { row: AttributeQuality; onShow: Props["onShow"] }) {
  const { t } = useI18n();
  const format = useFormat();
  const words = useAttributeWords();
  if (row.findings.length === 0) return <span className="muted">{t("quality.fine")}</span>;
  return (
    <ul className={styles.findings}>
      {row.findings.map((one) => {
        const finding = t(`quality.finding.${one.finding}` as MessageKey);
        const attribute = words.name(row.key);
        const title = t("quality.show", { attribute, finding });
        const shown = `${finding} ${t("quality.people", { count: format.count(one.people), n: one.people })}`;
        return (
          <li key={one.finding}>
            <button
              type="button"
              aria-label={t("quality.show", { attribute, finding: shown })}
              onClick={() =>
                onShow({ title, figure: { of: "quality", body: { label: `${one.finding}:${row.key}` } } })
              }
            >
              {shown}
            </button>
            <span className={styles.costs}>
              {t("quality.costs", { points: format.decimal(one.costs, 1) })}
            </span>
            <span className={styles.todo}>{t(`quality.todo.${one.finding}` as MessageKey)}</span>
          </li>
        );
      })}
    </ul>
  );
}
