import { useQuery } from "@tanstack/react-query";
import { companyAttributesQuery } from "../../../api/companies";
import { useI18n } from "../../../i18n";
import { PickOrType } from "../../../ui/PickOrType";
import { ComparisonInput } from "../../segments/inputs";
import type { Comparison, Scalar } from "../../segments/tree";
import { readValue } from "../values";

export interface CompanyTest extends Comparison {
  key: string;
}

const STANDING = ["name", "domain", "external_id", "owner"] as const;
const ORDERING = new Set(["gt", "gte", "lt", "lte", "between"]);

interface CompanyTestInputProps<T extends CompanyTest> {
  test: T;
  onChange: (test: T) => void;
}

/** What a company says, compared. */
export function CompanyTestInput<T extends CompanyTest>({ test, onChange }: CompanyTestInputProps<T>) {
  const { t } = useI18n();
  const { data } = useQuery(companyAttributesQuery);
  const read = (value: Scalar) => (typeof value === "string" ? readValue(value) : value);
  const typed = (next: T): T => {
    if (next.value === undefined) return next;
    return { ...next, value: Array.isArray(next.value) ? next.value.map(read) : read(next.value) };
  };
  return (
    <>
      <PickOrType
        label={t("accounts.key")}
        value={test.key}
        options={[
          ...STANDING.map((key) => ({ value: key as string, label: t(`accounts.key.${key}`) })),
          ...(data?.items ?? []).map((key) => ({ value: key, label: key })),
        ]}
        onChange={(key) => onChange({ ...test, key })}
        style={{ minWidth: 150 }}
      />
      <ComparisonInput
        value={test}
        type={ORDERING.has(test.op) ? "number" : "text"}
        onChange={(next) => onChange(typed(next))}
      />
    </>
  );
}
