import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AutoComplete, Button, Input, Select } from "antd";
import { messageTemplatesQuery, refreshTemplates } from "../../../api/messages";
import type { Json, MessageKind, MessageTemplate } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Field } from "../../journeys/fields";

export interface ContentProps {
  content: Record<string, Json>;
  onChange: (content: Record<string, Json>) => void;
}

interface TemplateFieldsProps extends ContentProps {
  account: string;
  kind: MessageKind;
}

/** The template from the account's list, and one input for each of its keywords. */
export function TemplateFields({ account, kind, content, onChange }: TemplateFieldsProps) {
  const { t } = useI18n();
  const { data } = useQuery(messageTemplatesQuery);
  const templates = (data?.items ?? []).filter(
    (one) => one.account_id === account && one.message_kind === kind && !one.withdrawn_at,
  );
  const templateId = String(content.template_id ?? "");
  const template = templates.find((one) => one.template_id === templateId);
  const data_ = (content.data ?? {}) as Record<string, Json>;
  // A template that is not listed (any more) is shown with what was written for it.
  const fields = template?.fields ?? Object.keys(data_);
  const link = kind === "template" ? "url" : "page";
  const choose = (id: string) => {
    const chosen = templates.find((one) => one.template_id === id);
    const kept = (chosen?.fields ?? []).map((field) => [field, data_[field] ?? ""] as const);
    onChange({ ...content, template_id: id, data: Object.fromEntries(kept) });
  };
  return (
    <>
      <Field label={t("send.template")} hint={kind !== "sms" && <Refresh account={account} />}>
        <Select
          aria-label={t("send.template")}
          value={templateId || undefined}
          placeholder={t("send.template.choose")}
          notFoundContent={t("send.template.none")}
          onChange={choose}
          options={withCurrent(templates, templateId)}
          style={{ width: "100%" }}
        />
      </Field>
      {fields.map((field) => (
        <KeywordField
          key={field}
          label={template?.names?.[field] ? `${template.names[field]}（${field}）` : field}
          value={String(data_[field] ?? "")}
          choices={template?.choices?.[field] ?? []}
          onChange={(value) => onChange({ ...content, data: { ...data_, [field]: value } })}
        />
      ))}
      {kind !== "sms" && (
        <LinkField
          label={t(kind === "mini_program_subscribe" ? "send.page" : "send.url")}
          value={String(content[link] ?? "")}
          onChange={(value) => onChange({ ...content, [link]: value })}
        />
      )}
    </>
  );
}

function withCurrent(templates: readonly MessageTemplate[], id: string) {
  const options = templates.map((one) => ({ value: one.template_id, label: one.title || one.template_id }));
  const isListed = !id || templates.some((one) => one.template_id === id);
  return isListed ? options : [{ value: id, label: id }, ...options];
}

interface TextInputProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function KeywordField({ label, value, choices, onChange }: TextInputProps & { choices: readonly string[] }) {
  return (
    <Field label={label}>
      <AutoComplete
        value={value}
        onChange={onChange}
        options={choices.map((one) => ({ value: one }))}
        style={{ width: "100%" }}
      >
        <Input aria-label={label} />
      </AutoComplete>
    </Field>
  );
}

function LinkField({ label, value, onChange }: TextInputProps) {
  return (
    <Field label={label}>
      <Input aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}

/** Fetch the account's templates from the platform now. */
function Refresh({ account }: { account: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => refreshTemplates(account),
    onSuccess: () => queries.invalidateQueries({ queryKey: messageTemplatesQuery.queryKey }),
  });
  return (
    <>
      <Button
        type="link"
        size="small"
        disabled={!account}
        loading={refresh.isPending}
        onClick={() => refresh.mutate()}
        style={{ paddingInline: 0 }}
      >
        {t("send.template.refresh")}
      </Button>
      {refresh.error && <ErrorNotice error={refresh.error} />}
    </>
  );
}
