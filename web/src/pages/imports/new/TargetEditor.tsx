import { useQuery } from "@tanstack/react-query";
import { Input, Select } from "antd";
import type { ColumnUse } from "../../../api/imports";
import { tagBookQuery } from "../../../api/personTags";
import { useI18n } from "../../../i18n";
import { PickOrType } from "../../../ui/PickOrType";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { CHANNELS, CONTEXT, hasType, IDENTIFIERS, needsScope, TYPES } from "./plan";
import styles from "./wizard.module.css";

interface TargetEditorProps {
  use: ColumnUse;
  onChange: (use: ColumnUse) => void;
}

const ATTRIBUTES = [
  "name",
  "nickname",
  "gender",
  "birthday",
  "age",
  "province",
  "city",
  "address",
  "level",
  "company",
  "occupation",
  "createdAt",
  "remark",
];

/** What exactly a column becomes; asks only what its role leaves open. */
export function TargetEditor({ use, onChange }: TargetEditorProps) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const set = (change: Partial<ColumnUse>) => onChange({ ...use, ...change });
  const label = t("importWizard.targetOf", { column: use.column });
  return (
    <span className={styles.target}>
      {use.role === "identifier" && (
        <Select
          className={styles.field}
          value={use.target}
          aria-label={label}
          options={IDENTIFIERS.map((value) => ({ value, label: t(`importId.${value}`) }))}
          onChange={(target: string) => set({ target, scope: "" })}
        />
      )}
      {needsScope(use) && (
        <Input
          className={styles.field}
          value={use.scope}
          status={use.scope.trim() ? undefined : "warning"}
          placeholder={t(`importWizard.scope.${use.target as "openid"}`)}
          aria-label={t(`importWizard.scope.${use.target as "openid"}`)}
          onChange={(event) => set({ scope: event.target.value.trim() })}
        />
      )}
      {use.role === "attribute" && (
        <PickOrType
          className={styles.field}
          label={label}
          value={use.target}
          options={ATTRIBUTES.map((value) => ({ value, label: words.name(value) }))}
          onChange={(target) => set({ target })}
        />
      )}
      {use.role === "property" && (
        <Input
          className={styles.field}
          value={use.target}
          aria-label={label}
          onChange={(event) => set({ target: event.target.value })}
        />
      )}
      {use.role === "tags" && <GroupPicker label={label} use={use} onChange={onChange} />}
      {use.role === "consent" && (
        <>
          <PickOrType
            className={styles.field}
            label={label}
            value={use.target}
            options={[{ value: "marketing", label: t("importWizard.purpose.marketing") }]}
            onChange={(target) => set({ target })}
          />
          <Select
            className={styles.field}
            value={use.scope || "*"}
            aria-label={t("importWizard.channel")}
            options={CHANNELS.map((value) => ({ value, label: t(`importWizard.channel.${value}`) }))}
            onChange={(scope: string) => set({ scope })}
          />
        </>
      )}
      {use.role === "context" && (
        <Select
          className={styles.field}
          value={use.target}
          aria-label={label}
          options={CONTEXT.map((value) => ({ value, label: t(`importContext.${value}`) }))}
          onChange={(target: string) => set({ target })}
        />
      )}
      {hasType(use) && (
        <Select
          className={styles.type}
          value={use.type}
          aria-label={t("importWizard.typeOf", { column: use.column })}
          options={TYPES.map((value) => ({ value, label: t(`importType.${value}`) }))}
          onChange={(type) => set({ type })}
        />
      )}
    </span>
  );
}

function GroupPicker({ label, use, onChange }: TargetEditorProps & { label: string }) {
  const { data } = useQuery(tagBookQuery);
  return (
    <PickOrType
      className={styles.field}
      label={label}
      value={use.target}
      options={data?.groups.map((group) => ({ value: group.name, label: group.name }))}
      onChange={(target) => onChange({ ...use, target: target.slice(0, 40) })}
    />
  );
}
