import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal } from "antd";
import { connectOfficialAccount, officialAccountsQuery } from "../../api/channels";
import type { ConnectOfficialAccount, OfficialAccount } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { CallbackSetupView } from "./CallbackSetupView";

interface FieldSpec {
  name: keyof ConnectOfficialAccount;
  label: MessageKey;
  pattern: RegExp;
  problem: MessageKey;
  required?: boolean;
  secret?: boolean;
  placeholder?: MessageKey;
  /** What blank means for an account that is connected already. */
  kept?: MessageKey;
}

/** The shapes the server takes, so that a slip is caught while it is still on the screen. */
const FIELDS: readonly FieldSpec[] = [
  { name: "name", label: "channels.name", pattern: /^.{0,60}$/, problem: "channels.name.problem" },
  {
    name: "app_id",
    label: "channels.appId",
    pattern: /^\s*wx[0-9a-zA-Z]{4,30}\s*$/,
    problem: "channels.appId.problem",
    required: true,
  },
  {
    name: "app_secret",
    label: "channels.secret",
    pattern: /^\s*\S{8,128}\s*$/,
    problem: "channels.secret.problem",
    required: true,
    secret: true,
  },
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
  {
    name: "base_url",
    label: "channels.baseUrl",
    pattern: /^\s*https?:\/\/[^\s/?#]+\s*$/,
    problem: "channels.baseUrl.problem",
    placeholder: "channels.baseUrl.default",
  },
];

/** Fields left blank are left out: the server has its own way with them. */
function withoutBlanks(values: ConnectOfficialAccount): ConnectOfficialAccount {
  const filled = Object.entries(values).flatMap(([key, value]) =>
    value?.trim() ? [[key, value.trim()]] : [],
  );
  return Object.fromEntries(filled) as ConnectOfficialAccount;
}

function knownValues({ app_id, name, base_url }: OfficialAccount): Partial<ConnectOfficialAccount> {
  return { app_id, name, base_url };
}

interface ConnectFormProps {
  open: boolean;
  onClose: () => void;
  /** The account whose credentials change; without one a new account is connected. */
  account?: OfficialAccount;
}

export function ConnectForm({ open, onClose, account }: ConnectFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const connect = useMutation({
    mutationFn: (values: ConnectOfficialAccount) => connectOfficialAccount(withoutBlanks(values)),
    onSuccess: () => queries.invalidateQueries({ queryKey: officialAccountsQuery.queryKey }),
  });
  const close = () => {
    connect.reset();
    onClose();
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t(account ? "channels.credentials" : "channels.connect")}
      footer={null}
      destroyOnHidden
    >
      {connect.data ? (
        <CallbackSetupView setup={connect.data.setup} onDone={close} />
      ) : (
        <Form
          layout="vertical"
          onFinish={connect.mutate}
          requiredMark="optional"
          initialValues={account && knownValues(account)}
        >
          <p className="soft" style={{ marginBottom: 16 }}>
            {t(account ? "channels.credentials.text" : "channels.connect.text")}
          </p>
          {FIELDS.map((field) => (
            <Form.Item
              key={field.name}
              name={field.name}
              label={t(field.label)}
              rules={[{ required: field.required, pattern: field.pattern, message: t(field.problem) }]}
              style={{ marginBottom: 16 }}
            >
              {field.secret ? (
                <Input.Password autoComplete="off" />
              ) : (
                <Input
                  autoComplete="off"
                  disabled={account !== undefined && field.name === "app_id"}
                  placeholder={
                    field.placeholder && t(account ? (field.kept ?? field.placeholder) : field.placeholder)
                  }
                />
              )}
            </Form.Item>
          ))}
          {connect.error && <ErrorNotice error={connect.error} />}
          <Button type="primary" htmlType="submit" loading={connect.isPending} block style={{ marginTop: 8 }}>
            {t(account ? "save" : "channels.connect.submit")}
          </Button>
        </Form>
      )}
    </Modal>
  );
}
