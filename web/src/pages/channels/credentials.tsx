import { Form, Input } from "antd";
import { type MessageKey, useI18n } from "../../i18n";

export interface FieldSpec<Name extends string> {
  name: Name;
  label: MessageKey;
  pattern: RegExp;
  problem: MessageKey;
  required?: boolean;
  /** Later it may be left blank: what is known is kept. */
  requiredAtFirst?: boolean;
  secret?: boolean;
  placeholder?: MessageKey;
  /** What blank means for an account that is connected already. */
  kept?: MessageKey;
  /** Names the account, so it cannot change. */
  fixed?: boolean;
}

/** What callbacks are signed and sealed with, for every product. */
export const CALLBACK_FIELDS: readonly FieldSpec<"token" | "encoding_aes_key">[] = [
  {
    name: "token",
    label: "channels.token",
    pattern: /^\s*[0-9a-zA-Z]{3,32}\s*$/,
    problem: "channels.token.problem",
    placeholder: "channels.madeForYou",
    kept: "channels.kept",
  },
  {
    name: "encoding_aes_key",
    label: "channels.aesKey",
    pattern: /^\s*[0-9a-zA-Z]{43}\s*$/,
    problem: "channels.aesKey.problem",
    placeholder: "channels.madeForYou",
    kept: "channels.kept",
  },
];

/** The shapes the server takes, so that a slip is caught while it is still on the screen. */
export function CredentialFields({
  fields,
  isKnown,
}: {
  fields: readonly FieldSpec<string>[];
  isKnown: boolean;
}) {
  const { t } = useI18n();
  return fields.map((field) => {
    const placeholder = isKnown ? (field.kept ?? field.placeholder) : field.placeholder;
    return (
      <Form.Item
        key={field.name}
        name={field.name}
        label={t(field.label)}
        rules={[
          {
            required: field.required || (field.requiredAtFirst && !isKnown),
            pattern: field.pattern,
            message: t(field.problem),
          },
        ]}
        style={{ marginBottom: 16 }}
      >
        {field.secret ? (
          <Input.Password autoComplete="off" placeholder={placeholder && t(placeholder)} />
        ) : (
          <Input
            autoComplete="off"
            disabled={isKnown && field.fixed}
            placeholder={placeholder && t(placeholder)}
          />
        )}
      </Form.Item>
    );
  });
}

/** Fields left blank are left out: the server has its own way with them. */
export function withoutBlanks<Values extends object>(values: Values): Values {
  const filled = Object.entries(values).flatMap(([key, value]) => {
    const kept = typeof value === "string" ? value.trim() : value;
    return kept === "" || kept === undefined ? [] : [[key, kept]];
  });
  return Object.fromEntries(filled) as Values;
}
