import { useInfiniteQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useState } from "react";
import { peopleQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { useDebounced } from "../../ui/useDebounced";
import { knownName } from "../people/knownName";

interface PeopleSelectProps {
  id: string;
  value: readonly string[];
  onChange: (ids: readonly string[]) => void;
  /** How many may be chosen. */
  max: number;
}

/** People found by name, whole phone number or id; who was chosen stays chosen while others are looked for. */
export function PeopleSelect({ id, value, onChange, max }: PeopleSelectProps) {
  const { t } = useI18n();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<ReadonlyMap<string, string>>(new Map());
  const found = useInfiniteQuery(peopleQuery({ q: useDebounced(typed.trim()) || undefined }));
  const rows = found.data?.pages.flatMap((page) => page.items) ?? [];
  const labels = new Map([
    ...chosen,
    ...rows.map(
      (row) => [row.id, knownName(row.id, row.display_name) ?? `${t("people.unnamed")} ${row.id}`] as const,
    ),
  ]);
  return (
    <Select
      id={id}
      // Of one, another takes the place; of several, nobody more can be chosen once all places are taken.
      mode={max === 1 ? undefined : "multiple"}
      maxCount={max === 1 ? undefined : max}
      value={max === 1 ? (value[0] ?? null) : [...value]}
      loading={found.isFetching}
      onChange={(picked: string | string[]) => {
        const ids = typeof picked === "string" ? [picked] : picked;
        setChosen(new Map(ids.map((each) => [each, labels.get(each) ?? each])));
        setTyped("");
        onChange(ids);
      }}
      showSearch={{ onSearch: setTyped, filterOption: false }}
      options={[...labels].map(([key, label]) => ({ value: key, label }))}
      style={{ width: "100%" }}
    />
  );
}
