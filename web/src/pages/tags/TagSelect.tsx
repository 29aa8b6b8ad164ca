import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { tagBookQuery } from "../../api/personTags";
import { useI18n } from "../../i18n";

function useTagOptions() {
  const { data } = useQuery(tagBookQuery);
  return data?.groups
    .filter((group) => group.tags.length > 0)
    .map((group) => ({
      label: group.name,
      options: group.tags.map((tag) => ({ value: tag.id, label: tag.name })),
    }));
}

/** One tag as a filter of a list. */
export function TagFilter({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const { t } = useI18n();
  return (
    <Select
      allowClear
      showSearch={{ optionFilterProp: "label" }}
      aria-label={t("ownTags.filter")}
      placeholder={t("ownTags.filter")}
      value={value || undefined}
      onChange={(id: string | undefined) => onChange(id ?? "")}
      options={useTagOptions()}
      style={{ width: 150, maxWidth: "100%" }}
    />
  );
}

interface TagsPickProps {
  value: readonly string[];
  onChange: (ids: string[]) => void;
  className?: string;
  /** What the choice is called where there are two of them. */
  label?: string;
}

/** Some tags, for a condition. */
export function TagsPick({ value, onChange, className, label }: TagsPickProps) {
  const { t } = useI18n();
  return (
    <Select
      mode="multiple"
      maxCount={50}
      aria-label={label ?? t("leaf.tag")}
      placeholder={t("leaf.tag.choose")}
      value={[...value]}
      onChange={onChange}
      optionFilterProp="label"
      options={useTagOptions()}
      popupMatchSelectWidth={240}
      className={className}
    />
  );
}
