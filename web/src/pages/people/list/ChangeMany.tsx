import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Segmented, Select } from "antd";
import { useState } from "react";
import { type Audience, type Deed, startPeopleJob } from "../../../api/peopleJobs";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { PickOrType } from "../../../ui/PickOrType";
import { useAttributeWords } from "../../../ui/useAttributeWords";
import { useFormat } from "../../../ui/useFormat";
import { Field } from "../../channels/content/Field";
import { TagsPick } from "../../tags/TagSelect";
import styles from "./list.module.css";

interface Props {
  audience: Audience;
  count: number;
  onClose: () => void;
  onStarted: () => void;
}

type What = "add" | "remove" | "attribute";
type ValueType = "text" | "number" | "boolean" | "clear";
const TYPES: readonly ValueType[] = ["text", "number", "boolean", "clear"];

/** What is to happen to many people: said once, done in the background, and to be taken back. */
export function ChangeMany({ audience, count, onClose, onStarted }: Props) {
  const { t } = useI18n();
  const format = useFormat();
  const queries = useQueryClient();
  const [what, setWhat] = useState<What>("add");
  const [tags, setTags] = useState<string[]>([]);
  const [attribute, setAttribute] = useState<AttributeDraft>({ key: "", type: "text", text: "" });
  const deed = deedOf(what, tags, attribute);
  const start = useMutation({
    mutationFn: (asked: Deed) => startPeopleJob(audience, asked),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["people-jobs"] });
      onStarted();
    },
  });
  return (
    <Drawer open size={440} title={t("peopleJobs.change")} onClose={onClose}>
      <div className={styles.stack} data-testid="change-many">
        <Segmented<What>
          value={what}
          onChange={setWhat}
          options={(["add", "remove", "attribute"] as const).map((value) => ({
            value,
            label: t(`peopleJobs.what.${value}`),
          }))}
        />
        {what === "attribute" ? (
          <AttributeFields draft={attribute} onChange={setAttribute} />
        ) : (
          <TagsPick value={tags} onChange={setTags} />
        )}
        <p className="soft">{t("peopleJobs.effect", { count: format.count(count), n: count })}</p>
        <Button
          type="primary"
          disabled={!deed}
          loading={start.isPending}
          onClick={() => deed && start.mutate(deed)}
        >
          {t("peopleJobs.start", { count: format.count(count), n: count })}
        </Button>
        {start.error && <ErrorNotice error={start.error} />}
      </div>
    </Drawer>
  );
}

interface AttributeDraft {
  key: string;
  type: ValueType;
  text: string;
}

function AttributeFields({
  draft,
  onChange,
}: {
  draft: AttributeDraft;
  onChange: (draft: AttributeDraft) => void;
}) {
  const { t } = useI18n();
  const words = useAttributeWords();
  const { data: catalogue } = useQuery(catalogueQuery);
  return (
    <>
      <Field label={t("leaf.attribute")} hint={t("peopleJobs.attribute.hint")}>
        {() => (
          <PickOrType
            label={t("segment.attributeKey")}
            value={draft.key}
            options={catalogue?.attributes.map(({ key }) => ({ value: key, label: words.name(key) }))}
            onChange={(key) => onChange({ ...draft, key })}
            style={{ width: "100%" }}
          />
        )}
      </Field>
      <Field label={t("peopleJobs.value")}>
        {(id) => (
          <div className={styles.days}>
            <Select
              aria-label={t("peopleJobs.type")}
              value={draft.type}
              onChange={(type: ValueType) =>
                onChange({ ...draft, type, text: type === "boolean" ? "true" : "" })
              }
              options={TYPES.map((value) => ({ value, label: t(`peopleJobs.type.${value}`) }))}
            />
            {draft.type === "boolean" ? (
              <Select
                id={id}
                value={draft.text}
                onChange={(text: string) => onChange({ ...draft, text })}
                options={["true", "false"].map((value) => ({
                  value,
                  label: t(value === "true" ? "yes" : "no"),
                }))}
              />
            ) : (
              draft.type !== "clear" && (
                <Input
                  id={id}
                  value={draft.text}
                  maxLength={4000}
                  inputMode={draft.type === "number" ? "decimal" : undefined}
                  onChange={(event) => onChange({ ...draft, text: event.target.value })}
                />
              )
            )}
          </div>
        )}
      </Field>
    </>
  );
}

/** The deed as the server takes it; `null` while something is missing. */
export function deedOf(what: What, tags: readonly string[], draft: AttributeDraft): Deed | null {
  if (what !== "attribute") return tags.length > 0 ? { kind: "tags", [what]: tags } : null;
  const key = draft.key.trim();
  if (!key) return null;
  if (draft.type === "clear") return { kind: "attribute", key, value: null };
  if (draft.type === "boolean") return { kind: "attribute", key, value: draft.text === "true" };
  if (draft.text.trim() === "") return null;
  if (draft.type === "text") return { kind: "attribute", key, value: draft.text };
  const value = Number(draft.text);
  return Number.isFinite(value) ? { kind: "attribute", key, value } : null;
}
