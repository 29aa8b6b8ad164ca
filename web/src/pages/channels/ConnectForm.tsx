import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Modal, Select, Switch } from "antd";
import {
  type Product as AnyProduct,
  connectMiniProgram,
  connectOfficialAccount,
  miniProgramsQuery,
  officialAccountsQuery,
} from "../../api/channels";
import type {
  ChannelAccount,
  ConnectedAccount,
  ConnectedMiniProgram,
  ConnectMiniProgram,
} from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { CallbackSetupView } from "./CallbackSetupView";
import { CALLBACK_FIELDS, CredentialFields, type FieldSpec, withoutBlanks } from "./credentials";

const FIELDS: readonly FieldSpec<keyof ConnectMiniProgram>[] = [
  { name: "name", label: "channels.name", pattern: /^.{0,60}$/, problem: "channels.name.problem" },
  {
    name: "app_id",
    label: "channels.appId",
    pattern: /^\s*wx[0-9a-zA-Z]{4,30}\s*$/,
    problem: "channels.appId.problem",
    required: true,
    fixed: true,
  },
  {
    name: "app_secret",
    label: "channels.secret",
    pattern: /^\s*\S{8,128}\s*$/,
    problem: "channels.secret.problem",
    required: true,
    secret: true,
  },
  ...CALLBACK_FIELDS,
  {
    name: "base_url",
    label: "channels.baseUrl",
    pattern: /^\s*https?:\/\/[^\s/?#]+\s*$/,
    problem: "channels.baseUrl.problem",
    placeholder: "channels.baseUrl.default",
  },
];

const NEW_MINI: Partial<ConnectMiniProgram> = { mode: "secure", data_format: "json", hands_over: true };

function knownValues(product: Product, account?: ChannelAccount): Partial<ConnectMiniProgram> {
  if (!account) return product === "mini" ? NEW_MINI : {};
  const { app_id, name, base_url } = account;
  if (!("mode" in account)) return { app_id, name, base_url };
  const { mode, data_format, hands_over } = account;
  return { app_id, name, base_url, mode, data_format, hands_over };
}

/** Of what is connected with an AppID; corps and gateways have forms of their own. */
export type Product = Exclude<AnyProduct, "corp" | "gateway">;

const TITLES = { official: "channels.connect", mini: "channels.connectMini" } as const;
const INTRODUCTIONS = { official: "channels.connect.text", mini: "channels.connectMini.text" } as const;
const MODES = ["secure", "compatible", "plain"] as const;
const FORMATS = ["json", "xml"] as const;

interface ConnectFormProps {
  product: Product;
  open: boolean;
  onClose: () => void;
  /** The account whose credentials change; without one a new account is connected. */
  account?: ChannelAccount;
}

export function ConnectForm({ product, open, onClose, account }: ConnectFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const connect = useMutation({
    mutationFn: (values: ConnectMiniProgram): Promise<ConnectedAccount | ConnectedMiniProgram> =>
      product === "mini"
        ? connectMiniProgram(withoutBlanks(values))
        : connectOfficialAccount(withoutBlanks(values)),
    onSuccess: () => {
      const { queryKey } = product === "mini" ? miniProgramsQuery : officialAccountsQuery;
      return queries.invalidateQueries({ queryKey });
    },
  });
  const close = () => {
    connect.reset();
    onClose();
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t(account ? "channels.credentials" : TITLES[product])}
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
          initialValues={knownValues(product, account)}
        >
          <p className="soft" style={{ marginBottom: 16 }}>
            {t(account ? "channels.credentials.text" : INTRODUCTIONS[product])}
          </p>
          <CredentialFields fields={FIELDS} isKnown={account !== undefined} />
          {product === "mini" && <MiniProgramFields />}
          {connect.error && <ErrorNotice error={connect.error} />}
          <Button type="primary" htmlType="submit" loading={connect.isPending} block style={{ marginTop: 8 }}>
            {t(account ? "save" : "channels.connect.submit")}
          </Button>
        </Form>
      )}
    </Modal>
  );
}

/** What the platform asks beside, under 消息推送. */
function MiniProgramFields() {
  const { t } = useI18n();
  return (
    <>
      <Form.Item name="mode" label={t("channels.mode")} style={{ marginBottom: 16 }}>
        <Select options={MODES.map((mode) => ({ value: mode, label: t(`channels.mode.${mode}`) }))} />
      </Form.Item>
      <Form.Item name="data_format" label={t("channels.dataFormat")} style={{ marginBottom: 16 }}>
        <Select options={FORMATS.map((format) => ({ value: format, label: format.toUpperCase() }))} />
      </Form.Item>
      <Form.Item
        name="hands_over"
        label={t("channels.handsOver")}
        extra={t("channels.handsOver.text")}
        valuePropName="checked"
        style={{ marginBottom: 16 }}
      >
        <Switch />
      </Form.Item>
    </>
  );
}
