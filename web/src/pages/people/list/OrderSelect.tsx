import { SortAscendingOutlined, SortDescendingOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Select, Space } from "antd";
import type { PeopleListing } from "../../../api/peopleLists";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { ATTRIBUTE, ORDERS } from "./listing";
import { useColumnWords } from "./useColumnWords";

interface Props {
  listing: PeopleListing;
  onChange: (part: Partial<PeopleListing>) => void;
}

/** In which order people stand: by what history can put in order, one way or the other. */
export function OrderSelect({ listing, onChange }: Props) {
  const { t } = useI18n();
  const wordOf = useColumnWords();
  const { data: catalogue } = useQuery(catalogueQuery);
  const { order, descending } = listing;
  const attributes = new Set(catalogue?.attributes.map(({ key }) => ATTRIBUTE + key));
  if (order.startsWith(ATTRIBUTE)) attributes.add(order);
  const option = (value: string) => ({ value, label: wordOf(value) });
  return (
    <Space.Compact>
      <Select
        aria-label={t("peopleList.order")}
        value={order}
        onChange={(next: string) => onChange({ order: next, descending: true })}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={220}
        options={[
          { label: t("peopleList.columns.own"), options: ORDERS.map(option) },
          { label: t("peopleList.columns.attributes"), options: [...attributes].map(option) },
        ]}
        style={{ width: 150 }}
      />
      <Button
        aria-label={t(descending ? "peopleList.descending" : "peopleList.ascending")}
        title={t(descending ? "peopleList.descending" : "peopleList.ascending")}
        icon={descending ? <SortDescendingOutlined /> : <SortAscendingOutlined />}
        onClick={() => onChange({ descending: !descending })}
      />
    </Space.Compact>
  );
}
