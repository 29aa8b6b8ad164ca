import { ArrowDownOutlined, ArrowUpOutlined, CloseOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useI18n } from "../../../i18n";
import { useColumnOptions } from "./ColumnsButton";
import styles from "./list.module.css";
import { COLUMNS_MAX } from "./listing";
import { useColumnWords } from "./useColumnWords";

interface Props {
  columns: readonly string[];
  onChange: (columns: readonly string[]) => void;
}

/** The columns of a file, in its order: added at the end, moved, taken away. */
export function ExportColumns({ columns, onChange }: Props) {
  const { t } = useI18n();
  const words = useColumnWords();
  const options = useColumnOptions();
  const left = options.map((group) => ({
    ...group,
    options: group.options.filter(({ value }) => !columns.includes(value)),
  }));
  return (
    <div>
      <ol className={styles.order} data-testid="export-columns">
        <li className="muted">
          <span>{t("peopleExports.always")}</span>
        </li>
        {columns.map((column, place) => (
          <li key={column}>
            <span>{words(column)}</span>
            <Button
              size="small"
              type="text"
              icon={<ArrowUpOutlined aria-hidden />}
              aria-label={t("peopleExports.up", { column: words(column) })}
              disabled={place === 0}
              onClick={() => onChange(swapped(columns, place - 1))}
            />
            <Button
              size="small"
              type="text"
              icon={<ArrowDownOutlined aria-hidden />}
              aria-label={t("peopleExports.down", { column: words(column) })}
              disabled={place === columns.length - 1}
              onClick={() => onChange(swapped(columns, place))}
            />
            <Button
              size="small"
              type="text"
              icon={<CloseOutlined aria-hidden />}
              aria-label={t("peopleExports.without", { column: words(column) })}
              onClick={() => onChange(columns.filter((one) => one !== column))}
            />
          </li>
        ))}
      </ol>
      {columns.length < COLUMNS_MAX && (
        <Select
          showSearch
          value={null}
          aria-label={t("peopleExports.addColumn")}
          placeholder={t("peopleExports.addColumn")}
          options={left}
          optionFilterProp="label"
          onChange={(column: string | null) => column && onChange([...columns, column])}
          style={{ width: "100%" }}
        />
      )}
    </div>
  );
}

/** Return the columns with one and its next in each other's place. */
export function swapped(columns: readonly string[], place: number): readonly string[] {
  const [one, next] = columns.slice(place, place + 2);
  if (one === undefined || next === undefined) return columns;
  return [...columns.slice(0, place), next, one, ...columns.slice(place + 2)];
}
