import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ImportPlan, type PreviewRow, previewQuery } from "../../../api/imports";
import { useZone } from "../../../app/session";
import { formatDateTime } from "../../../format/times";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { PanelSkeleton } from "../../../ui/PageSkeleton";
import { Tag } from "../../../ui/Tag";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { useDebounced } from "../../../ui/useDebounced";
import styles from "./wizard.module.css";

const CALM_MS = 600;

/** The first rows as they would become; nothing is written. */
export function PreviewPanel({ fileId, plan }: { fileId: string; plan: ImportPlan }) {
  const { t } = useI18n();
  const settled = useDebounced(plan, CALM_MS);
  const { data, error, refetch } = useQuery({
    ...previewQuery(fileId, settled),
    placeholderData: keepPreviousData,
  });
  if (!data && !error) return <PanelSkeleton />;
  return (
    <Panel title={t("importWizard.preview")} testId="import-preview">
      {error && <ErrorNotice error={error} onRetry={refetch} />}
      {data && !error && (
        <ul className={styles.rows}>
          {data.rows.map((row) => (
            <Row key={row.row} row={row} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Row({ row }: { row: PreviewRow }) {
  const { t, locale } = useI18n();
  const zone = useZone();
  const words = useAttributeWords();
  const problem = locale === "zh" ? row.problem_zh || row.problem : row.problem;
  const values = Object.entries({ ...row.attributes, ...row.properties });
  return (
    <li className={styles.row}>
      <span className="soft num">{row.row}</span>
      {problem ? (
        <Tag tone="red">{problem}</Tag>
      ) : (
        <span className={styles.becomes}>
          {row.event && <strong>{row.event}</strong>}
          {row.identifiers.map(([kind, value]) => (
            <Tag key={kind} tone="blue">
              {t(`importId.${kind as "phone"}`)} {value}
            </Tag>
          ))}
          {values.map(([key, value]) => (
            <span key={key}>
              <small className="soft">{words.name(key)}</small> {words.value(key, value)}
            </span>
          ))}
          {Object.entries(row.tags).flatMap(([group, tags]) =>
            tags.map((tag) => (
              <Tag key={`${group} ${tag}`} tone="jade">
                {group} · {tag}
              </Tag>
            )),
          )}
          {Object.entries(row.consents).map(([purpose, agreed]) => (
            <Tag key={purpose} tone={agreed ? "jade" : "amber"}>
              {t(agreed ? "importWizard.agreed" : "importWizard.refused", { purpose })}
            </Tag>
          ))}
          {row.occurred_at && <small className="soft num">{formatDateTime(row.occurred_at, zone)}</small>}
        </span>
      )}
    </li>
  );
}
