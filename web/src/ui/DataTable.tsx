import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import styles from "./DataTable.module.css";
import { ErrorNotice } from "./ErrorNotice";
import { Bone } from "./PageSkeleton";

export interface Column<Row> {
  key: string;
  title: string;
  /** What stands at the top instead of the title. */
  head?: ReactNode;
  render: (row: Row) => ReactNode;
  align?: "end";
  /** The cell that names the row: stands alone at the top of a card on a phone. */
  lead?: boolean;
  /** Text that wants the whole width of a card on a phone. */
  wide?: boolean;
  width?: string;
}

interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  error?: Error | null;
  onRetry?: () => void;
  empty: ReactNode;
  testId?: string;
}

const SKELETON_ROWS = [1, 2, 3, 4, 5, 6];

/** A plain table on a wide screen; the same markup reads as cards on a phone. */
export function DataTable<Row>({
  label,
  columns,
  rows,
  rowKey,
  error,
  onRetry,
  empty,
  testId,
}: DataTableProps<Row>) {
  const { t } = useI18n();
  if (error && !rows) {
    return (
      <div className={styles.notice}>
        <ErrorNotice error={error} onRetry={onRetry} />
      </div>
    );
  }
  if (rows?.length === 0) return empty;
  return (
    <table className={styles.table} aria-label={label} aria-busy={!rows} data-testid={testId}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th
              key={column.key}
              scope="col"
              className={column.align && styles.end}
              style={{ width: column.width }}
            >
              {column.head ?? column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows
          ? rows.map((row) => (
              <tr key={rowKey(row)}>
                {columns.map((column) => (
                  <td
                    key={column.key}
                    data-label={column.title}
                    className={`${column.align ? `${styles.end} num` : ""} ${column.lead ? styles.lead : ""} ${column.wide ? styles.wide : ""}`}
                  >
                    {column.render(row)}
                  </td>
                ))}
              </tr>
            ))
          : SKELETON_ROWS.map((row) => (
              <tr key={row}>
                {columns.map((column) => (
                  <td key={column.key} aria-label={t("loading")}>
                    <Bone width={column.lead ? "70%" : "45%"} />
                  </td>
                ))}
              </tr>
            ))}
      </tbody>
    </table>
  );
}
