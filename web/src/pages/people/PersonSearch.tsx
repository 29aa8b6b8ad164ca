import { useInfiniteQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { peopleQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { useDebounced } from "../../ui/useDebounced";

/** Finds somebody by phone, id or name, and tells who was picked. */
export function PersonSearch({ onPick }: { onPick: (id: string) => void }) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const found = useInfiniteQuery(peopleQuery({ q: useDebounced(typed.trim()) || undefined }));
  const rows = found.data?.pages[0]?.items ?? [];
  return (
    <Select
      showSearch={{ filterOption: false, onSearch: setTyped }}
      aria-label={t("explain.choose")}
      placeholder={t("explain.choose")}
      value={null}
      onChange={(id: string | null) => id && onPick(id)}
      loading={found.isFetching}
      options={rows.map((row) => ({ value: row.id, label: row.display_name ?? row.id }))}
      style={{ width: "100%" }}
    />
  );
}
