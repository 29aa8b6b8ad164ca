import { useQuery } from "@tanstack/react-query";
import { Input, Segmented, Select } from "antd";
import { Link } from "react-router";
import { officialAccountsQuery } from "../../api/channels";
import { purposesQuery } from "../../api/consent";
import type { Json } from "../../api/types";
import { useI18n } from "../../i18n";
import { usePurposeName } from "../consent/words";
import type { SendNode } from "./definition";
import { Field, SecondsInput } from "./fields";

interface SendFormProps {
  node: SendNode;
  onChange: (node: SendNode) => void;
}

const DAY_S = 86_400;
const TEXT_MAX = 600;

export function SendForm({ node, onChange }: SendFormProps) {
  const { t } = useI18n();
  return (
    <>
      <AccountField node={node} onChange={onChange} />
      <Field label={t("messages.kind")}>
        <Segmented<SendNode["message_kind"]>
          value={node.message_kind}
          onChange={(message_kind) =>
            onChange({ ...node, message_kind, content: emptyContent(message_kind, node) })
          }
          options={(["customer_service_text", "template"] as const).map((kind) => ({
            value: kind,
            label: t(`messageKind.${kind}`),
          }))}
        />
      </Field>
      {node.message_kind === "template" ? (
        <TemplateFields node={node} onChange={onChange} />
      ) : (
        <TextField node={node} onChange={onChange} />
      )}
      <Field label={t("send.class")} hint={t(`send.class.${node.message_class ?? "marketing"}.hint`)}>
        <Segmented
          value={node.message_class ?? "marketing"}
          onChange={(message_class) => onChange(withClass(node, message_class))}
          options={(["marketing", "transactional"] as const).map((each) => ({
            value: each,
            label: t(`send.class.${each}`),
          }))}
          style={{ display: "block", width: "fit-content" }}
        />
      </Field>
      {(node.message_class ?? "marketing") === "marketing" && (
        <PurposeField node={node} onChange={onChange} />
      )}
      <Field label={t("send.expires")}>
        <SecondsInput
          label={t("send.expires")}
          value={node.expires_after_s ?? DAY_S}
          min={1}
          onChange={(expires_after_s) => onChange({ ...node, expires_after_s })}
        />
      </Field>
    </>
  );
}

/** A service notice serves its own purpose; only marketing names one. */
function withClass(
  { purpose, ...node }: SendNode,
  message_class: NonNullable<SendNode["message_class"]>,
): SendNode {
  return message_class === "marketing" && purpose
    ? { ...node, message_class, purpose }
    : { ...node, message_class };
}

function PurposeField({ node, onChange }: SendFormProps) {
  const { t } = useI18n();
  const name = usePurposeName();
  const { data } = useQuery(purposesQuery);
  const keys = new Set([...(data?.items.map((one) => one.key) ?? []), node.purpose ?? "marketing"]);
  return (
    <Field label={t("send.purpose")} hint={t("send.purpose.hint")}>
      <Select
        aria-label={t("send.purpose")}
        value={node.purpose ?? "marketing"}
        onChange={(purpose: string) => onChange({ ...node, purpose })}
        options={[...keys].map((value) => ({ value, label: name(value) }))}
        style={{ width: "100%" }}
      />
    </Field>
  );
}

function emptyContent(kind: SendNode["message_kind"], node: SendNode): Record<string, Json> {
  if (kind === "template") return { template_id: "", data: {} };
  return { text: String(node.content.text ?? "") };
}

function AccountField({ node, onChange }: SendFormProps) {
  const { t } = useI18n();
  const { data } = useQuery(officialAccountsQuery);
  return (
    <Field
      label={t("send.account")}
      hint={data?.items.length === 0 && <Link to="/channels">{t("channels.connect")}</Link>}
    >
      <Select
        aria-label={t("send.account")}
        value={node.account_id || undefined}
        placeholder={t("send.account")}
        onChange={(account_id: string) => onChange({ ...node, account_id })}
        options={data?.items.map((account) => ({ value: account.id, label: account.name || account.app_id }))}
        style={{ width: "100%" }}
      />
    </Field>
  );
}

function TextField({ node, onChange }: SendFormProps) {
  const { t } = useI18n();
  return (
    <Field
      label={t("send.text")}
      hint={t("send.text.hint", { example: '{{ person.nickname | default: "朋友" }}' })}
    >
      <Input.TextArea
        aria-label={t("send.text")}
        value={String(node.content.text ?? "")}
        maxLength={TEXT_MAX}
        autoSize={{ minRows: 3, maxRows: 10 }}
        onChange={(event) => onChange({ ...node, content: { ...node.content, text: event.target.value } })}
      />
    </Field>
  );
}

/** One line per keyword of the template, "name = Liquid": as the platform lists them. */
function TemplateFields({ node, onChange }: SendFormProps) {
  const { t } = useI18n();
  const data = (node.content.data ?? {}) as Record<string, Json>;
  const lines = Object.entries(data).map(([key, value]) => `${key} = ${String(value)}`);
  const set = (change: Record<string, Json>) =>
    onChange({ ...node, content: { ...node.content, ...change } });
  const input = (key: "template_id" | "url", label: string) => (
    <Field label={label}>
      <Input
        aria-label={label}
        value={String(node.content[key] ?? "")}
        onChange={(event) => set({ [key]: event.target.value })}
      />
    </Field>
  );
  return (
    <>
      {input("template_id", t("send.templateId"))}
      <Field label={t("send.data")} hint={t("send.data.hint")}>
        <Input.TextArea
          aria-label={t("send.data")}
          defaultValue={lines.join("\n")}
          autoSize={{ minRows: 3, maxRows: 10 }}
          placeholder={'thing1 = {{ person.nickname | default: "朋友" }}'}
          onChange={(event) => set({ data: readLines(event.target.value) })}
        />
      </Field>
      {input("url", t("send.url"))}
    </>
  );
}

function readLines(text: string): Record<string, Json> {
  const pairs = text.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    const key = line.slice(0, at).trim();
    return at > 0 && key ? [[key, line.slice(at + 1).trim()] as const] : [];
  });
  return Object.fromEntries(pairs);
}
