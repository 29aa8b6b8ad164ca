import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Radio, Select } from "antd";
import { useState } from "react";
import { type Audience, type Deed, startPeopleJob } from "../../../api/peopleJobs";
import { catalogueQuery, journeysQuery, segmentsQuery } from "../../../api/queries";
import { useMay } from "../../../app/session";
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

const WHATS = ["add", "remove", "attribute", "put", "take", "journey"] as const;
type What = (typeof WHATS)[number];
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
  const [list, setList] = useState("");
  const [journey, setJourney] = useState("");
  const allowed = useAllowed();
  const deed = deedOf(what, { tags, attribute, list, journey });
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
        <Radio.Group
          aria-label={t("peopleJobs.deed")}
          value={what}
          onChange={(event) => setWhat(event.target.value as What)}
          options={WHATS.filter(allowed).map((value) => ({ value, label: t(`peopleJobs.what.${value}`) }))}
        />
        {what === "attribute" && <AttributeFields draft={attribute} onChange={setAttribute} />}
        {(what === "add" || what === "remove") && <TagsPick value={tags} onChange={setTags} />}
        {(what === "put" || what === "take") && <ListPick value={list} onChange={setList} />}
        {what === "journey" && <JourneyPick value={journey} onChange={setJourney} />}
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

/** Lists and journeys need the permission to change them, too. */
function useAllowed(): (what: What) => boolean {
  const may = useMay();
  return (what) => {
    if (what === "put" || what === "take") return may("segments.write");
    return what !== "journey" || may("journeys.write");
  };
}

interface PickProps {
  value: string;
  onChange: (id: string) => void;
}

function ListPick({ value, onChange }: PickProps) {
  const { t } = useI18n();
  const { data } = useQuery(segmentsQuery);
  const lists = data?.items.filter(({ kind }) => kind === "list");
  return (
    <Field label={t("peopleJobs.list")} hint={t("peopleJobs.list.hint")}>
      {(id) => (
        <Select
          id={id}
          showSearch
          optionFilterProp="label"
          aria-label={t("peopleJobs.list")}
          value={value || undefined}
          onChange={onChange}
          notFoundContent={t("peopleJobs.list.none")}
          options={lists?.map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
    </Field>
  );
}

function JourneyPick({ value, onChange }: PickProps) {
  const { t } = useI18n();
  const { data } = useQuery(journeysQuery);
  const running = data?.items.filter(({ status }) => status === "active");
  return (
    <Field label={t("peopleJobs.journey")} hint={t("peopleJobs.journey.hint")}>
      {(id) => (
        <Select
          id={id}
          showSearch
          optionFilterProp="label"
          aria-label={t("peopleJobs.journey")}
          value={value || undefined}
          onChange={onChange}
          notFoundContent={t("peopleJobs.journey.none")}
          options={running?.map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
    </Field>
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

interface Draft {
  tags: readonly string[];
  attribute: AttributeDraft;
  list: string;
  journey: string;
}

/** The deed as the server takes it; `null` while something is missing. */
export function deedOf(what: What, { tags, attribute, list, journey }: Draft): Deed | null {
  switch (what) {
    case "add":
    case "remove":
      return tags.length > 0 ? { kind: "tags", [what]: tags } : null;
    case "put":
    case "take":
      return list ? { kind: "list", segment: list, put: what === "put" } : null;
    case "journey":
      return journey ? { kind: "journey", journey } : null;
    case "attribute":
      return attributeDeed(attribute);
  }
}

function attributeDeed(draft: AttributeDraft): Deed | null {
  const key = draft.key.trim();
  if (!key) return null;
  if (draft.type === "clear") return { kind: "attribute", key, value: null };
  if (draft.type === "boolean") return { kind: "attribute", key, value: draft.text === "true" };
  if (draft.text.trim() === "") return null;
  if (draft.type === "text") return { kind: "attribute", key, value: draft.text };
  const value = Number(draft.text);
  return Number.isFinite(value) ? { kind: "attribute", key, value } : null;
}
