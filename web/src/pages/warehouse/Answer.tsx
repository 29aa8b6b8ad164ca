import { Link } from "react-router";
import type { SqlAnswer } from "../../api/warehouse";
import { useI18n } from "../../i18n";
import { EmptyState } from "../../ui/EmptyState";
import { Scroll } from "../../ui/Scroll";
import { personId } from "./personId";
import styles from "./warehouse.module.css";

/** The rows of an answer; a person leads to their page. */
export function Answer({ answer }: { answer: SqlAnswer }) {
  const { t } = useI18n();
  if (answer.rows.length === 0) {
    return <EmptyState title={t("warehouse.noRows")}>{t("warehouse.noRows.text")}</EmptyState>;
  }
  return (
    <Scroll label={t("warehouse.answer")} tall>
      <table className={styles.answer} data-testid="sql-answer">
        <thead>
          <tr>
            {answer.columns.map((column, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns may share a name.
              <th key={place} scope="col">
                {column.name}
                <small>{column.type}</small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {answer.rows.map((row, number) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no key of their own.
            <tr key={number}>
              {row.map((value, place) => (
                <td
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above.
                  key={place}
                  className={isNumber(answer.columns[place]?.type) ? "num" : undefined}
                >
                  <Value name={answer.columns[place]?.name ?? ""} value={value} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (value === null) return <span className="muted">NULL</span>;
  if (name === "person" && typeof value === "number" && value > 0) {
    return <Link to={`/people/${personId(value)}`}>{value}</Link>;
  }
  return <>{typeof value === "object" ? JSON.stringify(value) : String(value)}</>;
}

function isNumber(type: string | undefined): boolean {
  return /^(Nullable\()?(U?Int|Float|Decimal)/.test(type ?? "");
}
