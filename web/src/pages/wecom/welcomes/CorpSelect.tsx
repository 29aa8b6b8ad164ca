import { Select } from "antd";
import { useState } from "react";
import type { Corp } from "../../../api/wecom/corps";
import { useI18n } from "../../../i18n";

/** The company chosen, the first one until somebody chooses. */
export function useCorpChoice(corps: readonly Corp[] | undefined): [string, (corp: string) => void] {
  const [chosen, choose] = useState("");
  return [chosen || (corps?.[0]?.id ?? ""), choose];
}

interface CorpSelectProps {
  corps: readonly Corp[] | undefined;
  value: string;
  onChange: (corp: string) => void;
  disabled?: boolean;
  id?: string;
}

export function CorpSelect({ corps, value, onChange, disabled, id }: CorpSelectProps) {
  const { t } = useI18n();
  return (
    <Select
      id={id}
      aria-label={t("wecom.welcomes.corp")}
      value={value || undefined}
      disabled={disabled}
      onChange={onChange}
      options={corps?.map((corp) => ({ value: corp.id, label: corp.name || corp.corp_id }))}
      style={{ minWidth: 180 }}
    />
  );
}
