import { useInfiniteQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { companiesQuery } from "../../api/companies";
import { useI18n } from "../../i18n";
import { useDebounced } from "../../ui/useDebounced";

interface CompanyPickProps {
  id?: string;
  value: string;
  /** What the value is called, where it may not be among those found. */
  known?: { id: string; name: string };
  without?: string;
  onChange: (id: string) => void;
}

/** One company, found by name, domain or external id. */
export function CompanyPick({ id, value, known, without, onChange }: CompanyPickProps) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const q = useDebounced(typed.trim());
  const found = useInfiniteQuery(companiesQuery({ q: q || undefined }));
  const rows = found.data?.pages[0]?.items.filter((row) => row.id !== without) ?? [];
  const options = rows.map((row) => ({ value: row.id, label: row.name || row.external_id }));
  if (known && !q && !options.some((one) => one.value === known.id)) {
    options.unshift({ value: known.id, label: known.name });
  }
  return (
    <Select
      id={id}
      allowClear
      showSearch={{ onSearch: setTyped, filterOption: false }}
      placeholder={t("companies.parent.none")}
      value={value || undefined}
      onChange={(next: string | undefined) => onChange(next ?? "")}
      options={options}
      loading={found.isFetching}
      style={{ width: "100%" }}
    />
  );
}
