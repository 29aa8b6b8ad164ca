import { CloseOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { accountSegmentsQuery } from "../../api/companies";
import { useI18n } from "../../i18n";
import { CompanyTestInput } from "../companies/segments/CompanyTestInput";
import type { CompanyContactCondition } from "./belonging";
import { Row } from "./FactsEditor";
import type { LeafProps } from "./LeafEditor";
import styles from "./segments.module.css";

/** A contact of a company: with which roles, in which segment of companies, of a company that says what. */
export function CompanyContactEditor({ leaf, onChange }: LeafProps<CompanyContactCondition>) {
  const { t } = useI18n();
  const { data } = useQuery(accountSegmentsQuery);
  const where = leaf.where ?? [];
  const choose = (segment: string | undefined) => {
    const { segment: _, ...rest } = leaf;
    onChange(segment ? { ...rest, segment } : rest);
  };
  return (
    <>
      <Row label={t("leaf.company_contact")}>
        <Select
          mode="tags"
          maxCount={10}
          open={false}
          suffixIcon={null}
          aria-label={t("accounts.roles")}
          placeholder={t("accounts.roles.any")}
          value={leaf.roles ?? []}
          onChange={(roles: string[]) => onChange({ ...leaf, roles })}
          className={styles.name}
        />
        <Select
          allowClear
          aria-label={t("companyContact.segment")}
          placeholder={t("companyContact.segment")}
          value={leaf.segment}
          onChange={choose}
          options={data?.items.map((one) => ({ value: one.id, label: one.name }))}
          showSearch={{ optionFilterProp: "label" }}
          popupMatchSelectWidth={280}
          className={styles.name}
        />
        <span className="muted">{t("companyContact.hint")}</span>
      </Row>
      {where.map((test, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tests have no identity but their place.
        <Row key={index} label={index === 0 ? t("companyContact.where") : t("segment.and")}>
          <CompanyTestInput
            test={test}
            onChange={(next) => onChange({ ...leaf, where: where.with(index, next) })}
          />
          <Button
            type="text"
            size="small"
            icon={<CloseOutlined />}
            aria-label={t("segment.removeFilter")}
            onClick={() => onChange({ ...leaf, where: where.toSpliced(index, 1) })}
          />
        </Row>
      ))}
      <div>
        <Button
          type="text"
          size="small"
          icon={<PlusOutlined />}
          onClick={() => onChange({ ...leaf, where: [...where, { key: "", op: "eq", value: "" }] })}
        >
          {t("companyContact.addWhere")}
        </Button>
      </div>
    </>
  );
}
