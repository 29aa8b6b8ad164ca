import { HolderOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Popover, Select } from "antd";
import { listOptionsQuery } from "../../../api/peopleLists";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { ATTRIBUTE, COLUMNS_MAX, DEFAULT_COLUMNS, IDENTITY, OWN_COLUMNS } from "./listing";
import { useColumnWords } from "./useColumnWords";

/** Attributes history does not hold, because they tell who somebody is: shown, never sorted by. */
const SEALED = ["name", "nickname", "phone", "email"];

interface Props {
  columns: readonly string[];
  onChange: (columns: readonly string[]) => void;
}

/** Which columns a list has; in the order they were chosen. */
export function ColumnsButton({ columns, onChange }: Props) {
  const { t } = useI18n();
  const options = useColumnOptions();
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("peopleList.columns")}
      content={
        <div style={{ width: 300, maxWidth: "80vw" }} data-testid="people-columns">
          <Select
            mode="multiple"
            maxCount={COLUMNS_MAX}
            aria-label={t("peopleList.columns")}
            value={[...columns]}
            onChange={(next: string[]) => onChange(next.length > 0 ? next : DEFAULT_COLUMNS)}
            options={options}
            optionFilterProp="label"
            style={{ width: "100%" }}
          />
          <p className="muted">{t("peopleList.columns.hint")}</p>
          <Button type="link" size="small" onClick={() => onChange(DEFAULT_COLUMNS)}>
            {t("peopleList.columns.default")}
          </Button>
        </div>
      }
    >
      <Button icon={<HolderOutlined aria-hidden />}>{t("peopleList.columns")}</Button>
    </Popover>
  );
}

export function useColumnOptions() {
  const { t } = useI18n();
  const wordOf = useColumnWords();
  const { data: catalogue } = useQuery(catalogueQuery);
  const { data: known } = useQuery(listOptionsQuery);
  const attributes = [...SEALED, ...(catalogue?.attributes.map(({ key }) => key) ?? [])];
  const namespaces = known?.identities.map(({ namespace }) => namespace) ?? [];
  const group = (label: string, columns: readonly string[]) => ({
    label,
    options: [...new Set(columns)].map((value) => ({ value, label: wordOf(value) })),
  });
  return [
    group(t("peopleList.columns.own"), OWN_COLUMNS),
    group(
      t("peopleList.columns.attributes"),
      attributes.map((key) => ATTRIBUTE + key),
    ),
    group(
      t("peopleList.columns.identities"),
      namespaces.map((one) => IDENTITY + one),
    ),
  ];
}
