import { useQuery } from "@tanstack/react-query";
import { Checkbox, Input, Select } from "antd";
import type { BoardFilters } from "../../api/dashboards";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { Labelled, PeriodInput } from "../behaviour/inputs";
import styles from "./dashboards.module.css";

interface FilterBarProps {
  filters: BoardFilters;
  onChange: (filters: BoardFilters) => void;
}

/** What every card is narrowed to; kept in the address, so that a link shows the same board. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const { t } = useI18n();
  const { data: segments } = useQuery(segmentsQuery);
  const change = (part: Partial<BoardFilters>) => onChange({ ...filters, ...part });
  const text = (key: "source" | "app") => (
    <Labelled label={t(`board.${key}`)}>
      <Input
        key={filters[key]}
        defaultValue={filters[key]}
        allowClear
        maxLength={200}
        aria-label={t(`board.${key}`)}
        placeholder={t("board.any")}
        style={{ width: 150 }}
        onPressEnter={(event) => change({ [key]: event.currentTarget.value.trim() })}
        onBlur={(event) => {
          const value = event.target.value.trim();
          if (value !== (filters[key] ?? "")) change({ [key]: value });
        }}
      />
    </Labelled>
  );
  return (
    <div className={styles.filters}>
      <PeriodInput
        value={filters.period ?? { kind: "last_days", days: 30 }}
        onChange={(period) => change({ period })}
      />
      <Checkbox checked={filters.compare} onChange={(event) => change({ compare: event.target.checked })}>
        {t("behaviour.compare")}
      </Checkbox>
      <Labelled label={t("board.segment")}>
        <Select
          aria-label={t("board.segment")}
          value={filters.segment ?? ""}
          options={[
            { value: "", label: t("board.everybody") },
            ...(segments?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
          ]}
          onChange={(segment: string) => change({ segment: segment || null })}
          showSearch={{ optionFilterProp: "label" }}
          popupMatchSelectWidth={false}
          style={{ minWidth: 150 }}
        />
      </Labelled>
      {text("source")}
      {text("app")}
    </div>
  );
}
