import { useQuery } from "@tanstack/react-query";
import { Input, InputNumber, Segmented, Select } from "antd";
import { catalogueQuery, segmentsQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { PickOrType } from "../../../ui/PickOrType";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { TagsPick } from "../../tags/TagSelect";
import { Field } from "../fields";
import styles from "../journeys.module.css";
import type { FieldsProps } from "./looks";
import { CHANGE_KINDS, type Change, FRESH_CHANGE, type UpdateNode } from "./update";

type Of<K extends Change["kind"]> = Extract<Change, { kind: K }>;

interface PartProps<K extends Change["kind"]> {
  change: Of<K>;
  onChange: (change: Of<K>) => void;
}

export function UpdateFields({ node, onChange }: FieldsProps<UpdateNode>) {
  const { t } = useI18n();
  const { change } = node;
  const set = (next: Change) => onChange({ ...node, change: next });
  return (
    <>
      <Field label={t("update.what")} hint={t("update.hint")}>
        <Segmented<Change["kind"]>
          className={styles.choices}
          value={change.kind}
          onChange={(kind) => kind !== change.kind && set(FRESH_CHANGE[kind])}
          options={CHANGE_KINDS.map((kind) => ({ value: kind, label: t(`update.${kind}`) }))}
        />
      </Field>
      {change.kind === "tags" && <TagFields change={change} onChange={set} />}
      {change.kind === "attribute" && <AttributeFields change={change} onChange={set} />}
      {change.kind === "list" && <ListFields change={change} onChange={set} />}
    </>
  );
}

function TagFields({ change, onChange }: PartProps<"tags">) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("update.add")}>
        <TagsPick
          label={t("update.add")}
          value={change.add ?? []}
          onChange={(add) => onChange({ ...change, add })}
        />
      </Field>
      <Field label={t("update.remove")}>
        <TagsPick
          label={t("update.remove")}
          value={change.remove ?? []}
          onChange={(remove) => onChange({ ...change, remove })}
        />
      </Field>
    </>
  );
}

type ValueType = "text" | "number" | "boolean" | "clear";
const FRESH_VALUE = { text: "", number: 0, boolean: true, clear: null } as const;

function typeOf(value: Of<"attribute">["value"]): ValueType {
  if (value === null) return "clear";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "text";
}

function AttributeFields({ change, onChange }: PartProps<"attribute">) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const { data: catalogue } = useQuery(catalogueQuery);
  const { value } = change;
  return (
    <>
      <Field label={t("leaf.attribute")}>
        <PickOrType
          label={t("segment.attributeKey")}
          value={change.key}
          options={catalogue?.attributes.map(({ key, name }) => ({
            value: key,
            label: name ?? words.name(key),
          }))}
          onChange={(key) => onChange({ ...change, key })}
        />
      </Field>
      <Field label={t("peopleJobs.value")}>
        <span className={styles.pair}>
          <Select<ValueType>
            aria-label={t("peopleJobs.type")}
            value={typeOf(value)}
            onChange={(type) => onChange({ ...change, value: FRESH_VALUE[type] })}
            options={(Object.keys(FRESH_VALUE) as ValueType[]).map((each) => ({
              value: each,
              label: t(`peopleJobs.type.${each}`),
            }))}
            style={{ width: 96 }}
          />
          {typeof value === "string" && (
            <Input
              aria-label={t("peopleJobs.value")}
              maxLength={4000}
              value={value}
              onChange={(event) => onChange({ ...change, value: event.target.value })}
            />
          )}
          {typeof value === "number" && (
            <InputNumber
              aria-label={t("peopleJobs.value")}
              value={value}
              onChange={(next) => next !== null && onChange({ ...change, value: next })}
            />
          )}
          {typeof value === "boolean" && (
            <Select
              aria-label={t("peopleJobs.value")}
              value={value}
              onChange={(next: boolean) => onChange({ ...change, value: next })}
              options={[true, false].map((each) => ({ value: each, label: t(each ? "yes" : "no") }))}
              style={{ width: 80 }}
            />
          )}
        </span>
      </Field>
    </>
  );
}

function ListFields({ change, onChange }: PartProps<"list">) {
  const { t } = useI18n();
  const { data } = useQuery(segmentsQuery);
  return (
    <Field label={t("peopleJobs.list")} hint={t("peopleJobs.list.hint")}>
      <span className={styles.pair}>
        <Select
          aria-label={t("update.putOrTake")}
          value={change.put}
          onChange={(put: boolean) => onChange({ ...change, put })}
          options={[true, false].map((put) => ({
            value: put,
            label: t(put ? "peopleJobs.what.put" : "peopleJobs.what.take"),
          }))}
          popupMatchSelectWidth={false}
        />
        <Select
          showSearch
          optionFilterProp="label"
          aria-label={t("peopleJobs.list")}
          value={change.segment || undefined}
          onChange={(segment: string) => onChange({ ...change, segment })}
          notFoundContent={t("peopleJobs.list.none")}
          options={data?.items
            .filter(({ kind }) => kind === "list")
            .map((one) => ({ value: one.id, label: one.name }))}
          style={{ minWidth: 160 }}
        />
      </span>
    </Field>
  );
}
