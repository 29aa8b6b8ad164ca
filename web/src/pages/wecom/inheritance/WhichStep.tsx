import { useQuery } from "@tanstack/react-query";
import { Checkbox, Input, Segmented, Select } from "antd";
import { http } from "../../../api/client";
import { API } from "../../../api/queries";
import type { components } from "../../../api/schema";
import { ownedGroupsQuery } from "../../../api/wecom/inheritance";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "./Field";
import { useReasonWords } from "./Shares";
import type { StepProps } from "./WhoStep";

const SCOPES = ["all", "some", "none"] as const;
const WAYS = [1, 2, 3, 4, 16, 202] as const;

/** Which customers and which groups. */
export function WhichStep({ draft, onChange }: StepProps) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("wecom.inherit.customers")}>
        <Segmented
          value={draft.scope}
          options={SCOPES.map((scope) => ({ value: scope, label: t(`wecom.inherit.customers.${scope}`) }))}
          onChange={(scope) => onChange({ scope })}
        />
      </Field>
      {draft.scope === "some" && <Conditions draft={draft} onChange={onChange} />}
      <Groups draft={draft} onChange={onChange} />
    </>
  );
}

function Conditions({ draft, onChange }: StepProps) {
  const { t } = useI18n();
  const tags = useQuery({
    queryKey: ["corp-tag-choices", draft.corp],
    queryFn: ({ signal }) =>
      http.get<components["schemas"]["CorpTags"]>(`${API}/corp-tags`, { corp: draft.corp }, signal),
  });
  return (
    <>
      <Field label={t("wecom.inherit.tags")}>
        <Select
          mode="multiple"
          aria-label={t("wecom.inherit.tags")}
          value={draft.tags}
          onChange={(chosen) => onChange({ tags: chosen })}
          options={tags.data?.groups.map((group) => ({
            label: group.name,
            options: group.tags.map((tag) => ({ value: tag.id, label: tag.name })),
          }))}
          style={{ minWidth: 280 }}
        />
      </Field>
      <Field label={t("wecom.inherit.addedFrom")}>
        <Input
          type="date"
          aria-label={t("wecom.inherit.addedFrom")}
          value={draft.addedFrom}
          onChange={(event) => onChange({ addedFrom: event.target.value })}
          style={{ width: 160 }}
        />{" "}
        {t("wecom.inherit.addedTo")}{" "}
        <Input
          type="date"
          aria-label={t("wecom.inherit.addedTo")}
          value={draft.addedTo}
          onChange={(event) => onChange({ addedTo: event.target.value })}
          style={{ width: 160 }}
        />
      </Field>
      <Field label={t("wecom.inherit.ways")}>
        <Checkbox.Group
          value={draft.ways}
          onChange={(ways) => onChange({ ways })}
          options={WAYS.map((way) => ({ value: way, label: t(`wecom.inherit.way.${way}`) }))}
        />
      </Field>
    </>
  );
}

function Groups({ draft, onChange }: StepProps) {
  const { t } = useI18n();
  const words = useReasonWords();
  const owned = useQuery(ownedGroupsQuery(draft.corp, draft.handover));
  if (owned.error) return <ErrorNotice error={owned.error} onRetry={owned.refetch} />;
  return (
    <Field label={t("wecom.inherit.groups")}>
      {owned.data?.items.length === 0 && <p className="muted">{t("wecom.inherit.groups.none")}</p>}
      <Checkbox.Group
        value={draft.groups}
        onChange={(groups) => onChange({ groups })}
        style={{ display: "grid", gap: 6 }}
        options={owned.data?.items.map((one) => ({
          value: one.chat_id,
          disabled: Boolean(one.problem),
          label: `${t("wecom.inherit.groups.row", {
            name: one.name || t("wecom.inherit.groups.unnamed"),
            count: one.members,
            n: one.members,
          })}${one.problem ? ` · ${words(one.problem)}` : ""}`,
        }))}
      />
    </Field>
  );
}
