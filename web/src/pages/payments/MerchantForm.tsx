import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Input, Modal, Radio } from "antd";
import { useState } from "react";
import { connectMerchant, merchantsQuery } from "../../api/payments";
import type { ConnectMerchant, Merchant } from "../../api/types";
import { type MessageKey, useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";

type Mode = "publicKey" | "certificates";

interface FieldSpec {
  name: keyof ConnectMerchant;
  label: MessageKey;
  pattern: RegExp;
  problem: MessageKey;
  required?: boolean;
  kind?: "secret" | "pem";
  hint?: MessageKey;
}

const PEM = /-----BEGIN [A-Z ]+-----[\s\S]+-----END [A-Z ]+-----/;

/** The shapes the server takes, so that a slip is caught while it is still on the screen. */
const FIELDS: readonly FieldSpec[] = [
  {
    name: "mch_id",
    label: "merchant.number",
    pattern: /^\s*\d{8,10}\s*$/,
    problem: "merchant.number.problem",
    required: true,
  },
  { name: "name", label: "merchant.name", pattern: /^.{0,60}$/, problem: "merchant.name.problem" },
  {
    name: "api_v3_key",
    label: "merchant.apiV3Key",
    pattern: /^\s*\S{32}\s*$/,
    problem: "merchant.apiV3Key.problem",
    required: true,
    kind: "secret",
  },
  {
    name: "serial_no",
    label: "merchant.serial",
    pattern: /^\s*[0-9A-Fa-f]{8,64}\s*$/,
    problem: "merchant.serial.problem",
    required: true,
  },
  {
    name: "private_key",
    label: "merchant.privateKey",
    pattern: PEM,
    problem: "merchant.privateKey.problem",
    required: true,
    kind: "pem",
    hint: "merchant.privateKey.hint",
  },
];
const PUBLIC_KEY_FIELDS: readonly FieldSpec[] = [
  {
    name: "public_key_id",
    label: "merchant.publicKeyId",
    pattern: /^\s*PUB_KEY_ID_\w{1,60}\s*$/,
    problem: "merchant.publicKeyId.problem",
    required: true,
  },
  {
    name: "public_key",
    label: "merchant.publicKey",
    pattern: PEM,
    problem: "merchant.publicKey.problem",
    required: true,
    kind: "pem",
  },
];
const ADDRESS: FieldSpec = {
  name: "base_url",
  label: "merchant.baseUrl",
  pattern: /^\s*https?:\/\/[^\s/?#]+\s*$/,
  problem: "merchant.baseUrl.problem",
  hint: "merchant.baseUrl.hint",
};

/** Fields left blank are left out: the server has its own way with them. */
function filled(values: ConnectMerchant): ConnectMerchant {
  const entries = Object.entries(values).flatMap(([key, value]) => {
    const kept = String(value ?? "").trim();
    return kept ? [[key, kept]] : [];
  });
  return Object.fromEntries(entries) as ConnectMerchant;
}

interface MerchantFormProps {
  /** The merchant whose keys change; without one a new merchant is connected. */
  merchant?: Merchant;
  onClose: () => void;
}

/** Keys are entered whole each time: what is sealed is never shown again. */
export function MerchantForm({ merchant, onClose }: MerchantFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [mode, setMode] = useState<Mode>(merchant && !merchant.public_key_id ? "certificates" : "publicKey");
  const connect = useMutation({
    mutationFn: (values: ConnectMerchant) => connectMerchant(filled(values)),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: merchantsQuery.queryKey });
      onClose();
    },
  });
  const known: Partial<ConnectMerchant> = merchant
    ? {
        mch_id: merchant.mch_id,
        name: merchant.name,
        serial_no: merchant.serial_no,
        public_key_id: merchant.public_key_id,
        base_url: merchant.base_url,
      }
    : {};
  return (
    <Modal open onCancel={onClose} title={t(merchant ? "merchant.change" : "merchant.connect")} footer={null}>
      <Form layout="vertical" onFinish={connect.mutate} requiredMark="optional" initialValues={known}>
        <p className="soft" style={{ marginBottom: 16 }}>
          {t("merchant.connect.text")}
        </p>
        {FIELDS.map((field) => (
          <FieldItem key={field.name} field={field} isFixed={Boolean(merchant) && field.name === "mch_id"} />
        ))}
        <Form.Item label={t("merchant.mode")} extra={t("merchant.mode.hint")} style={{ marginBottom: 16 }}>
          <Radio.Group
            value={mode}
            onChange={(event) => setMode(event.target.value as Mode)}
            options={(["publicKey", "certificates"] as const).map((value) => ({
              value,
              label: t(`merchant.mode.${value}`),
            }))}
          />
        </Form.Item>
        {mode === "publicKey" &&
          PUBLIC_KEY_FIELDS.map((field) => <FieldItem key={field.name} field={field} />)}
        <FieldItem field={ADDRESS} />
        {connect.error && <ErrorNotice error={connect.error} />}
        <Button type="primary" htmlType="submit" loading={connect.isPending} block style={{ marginTop: 8 }}>
          {t(merchant ? "save" : "merchant.connect.submit")}
        </Button>
      </Form>
    </Modal>
  );
}

function FieldItem({ field, isFixed }: { field: FieldSpec; isFixed?: boolean }) {
  const { t } = useI18n();
  return (
    <Form.Item
      name={field.name}
      label={t(field.label)}
      extra={field.hint && t(field.hint)}
      rules={[{ required: field.required, pattern: field.pattern, message: t(field.problem) }]}
      style={{ marginBottom: 16 }}
    >
      {field.kind === "secret" ? (
        <Input.Password autoComplete="off" />
      ) : field.kind === "pem" ? (
        <Input.TextArea rows={3} autoComplete="off" spellCheck={false} className="mono" />
      ) : (
        <Input autoComplete="off" disabled={isFixed} />
      )}
    </Form.Item>
  );
}
