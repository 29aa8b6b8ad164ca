import { useQuery } from "@tanstack/react-query";
import { Segmented, Select } from "antd";
import { purposesQuery } from "../../api/consent";
import type { MessageKind } from "../../api/types";
import { useI18n } from "../../i18n";
import { usePurposeName } from "../consent/words";
import { AccountField, channelOf, KindField } from "../messages/sending/AccountAndKind";
import { CustomFields } from "../messages/sending/CustomFields";
import { emptyContent, FIRST_KIND, isTemplated } from "../messages/sending/content";
import { TemplateFields } from "../messages/sending/TemplateFields";
import { FromTemplate } from "../messages/templates/FromTemplate";
import type { SendNode } from "./definition";
import { Field, SecondsInput } from "./fields";

interface SendFormProps {
  node: SendNode;
  onChange: (node: SendNode) => void;
}

const DAY_S = 86_400;

interface SendContentProps extends SendFormProps {
  /** It is written as a template itself: there is nothing to begin with. */
  isTemplate?: boolean;
}

/** From which account, what kind of message, and its words. */
export function SendContent({ node, onChange, isTemplate = false }: SendContentProps) {
  return (
    <>
      {!isTemplate && (
        <FromTemplate
          onChoose={({ account_id, message_kind, content }) =>
            onChange({ ...node, account_id, message_kind, content: content as SendNode["content"] })
          }
        />
      )}
      <AccountField value={node.account_id} onChange={(account) => onChange(withAccount(node, account))} />
      <KindField
        account={node.account_id}
        value={node.message_kind}
        templateId={String(node.content.template_id ?? "")}
        onChange={(kind) => onChange(withKind(node, kind))}
      />
      {isTemplated(node.message_kind) ? (
        <TemplateFields
          account={node.account_id}
          kind={node.message_kind}
          content={node.content}
          onChange={(content) => onChange({ ...node, content })}
        />
      ) : (
        <CustomFields
          kind={node.message_kind}
          content={node.content}
          onChange={(content) => onChange({ ...node, content })}
        />
      )}
    </>
  );
}

export function SendForm({ node, onChange }: SendFormProps) {
  const { t } = useI18n();
  return (
    <>
      <SendContent node={node} onChange={onChange} />
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

const withKind = (node: SendNode, message_kind: MessageKind): SendNode => ({
  ...node,
  message_kind,
  content: emptyContent(message_kind, node.content),
});

/** Templates belong to an account, and kinds to a product: what the new one does not have begins anew. */
function withAccount(node: SendNode, account_id: string): SendNode {
  const moved = { ...node, account_id };
  if (channelOf(account_id) !== channelOf(node.account_id))
    return withKind(moved, FIRST_KIND[channelOf(account_id)]);
  return isTemplated(node.message_kind) && account_id !== node.account_id
    ? withKind(moved, node.message_kind)
    : moved;
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

export function PurposeField({ node, onChange }: SendFormProps) {
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
