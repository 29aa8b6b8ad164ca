import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Modal } from "antd";
import { type ConnectCorp, type Corp, connectCorp, corpsQuery } from "../../../api/wecom/corps";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { CallbackSetupView } from "../../channels/CallbackSetupView";
import { CALLBACK_FIELDS, CredentialFields, type FieldSpec, withoutBlanks } from "../../channels/credentials";

const OPTIONAL_SECRETS = ["contacts", "service", "archive"] as const;

const FIELDS: readonly FieldSpec<keyof ConnectCorp>[] = [
  { name: "name", label: "channels.name", pattern: /^.{0,60}$/, problem: "channels.name.problem" },
  {
    name: "corp_id",
    label: "corp.id",
    pattern: /^\s*w[wpx][0-9a-zA-Z_-]{4,60}\s*$/,
    problem: "corp.id.problem",
    required: true,
    fixed: true,
  },
  {
    name: "agent_id",
    label: "corp.agentId",
    pattern: /^\s*[1-9][0-9]{0,9}\s*$/,
    problem: "corp.agentId.problem",
    required: true,
  },
  {
    name: "app_secret",
    label: "corp.secret",
    pattern: /^\s*\S{8,128}\s*$/,
    problem: "corp.secret.problem",
    required: true,
    secret: true,
  },
  ...OPTIONAL_SECRETS.map(
    (kind): FieldSpec<keyof ConnectCorp> => ({
      name: `${kind}_secret`,
      label: `corp.secret.${kind}`,
      pattern: /^\s*(\S{8,128})?\s*$/,
      problem: "corp.secret.optional.problem",
      secret: true,
      placeholder: "corp.secret.absent",
      kept: "corp.secret.kept",
    }),
  ),
  ...CALLBACK_FIELDS,
  {
    name: "base_url",
    label: "channels.baseUrl",
    pattern: /^\s*https?:\/\/[^\s?#]+[^\s/?#]\s*$/,
    problem: "corp.baseUrl.problem",
    placeholder: "corp.baseUrl.default",
  },
];

interface CorpFormProps {
  open: boolean;
  onClose: () => void;
  /** The corp whose credentials change; without one a new corp is connected. */
  corp?: Corp;
}

export function CorpForm({ open, onClose, corp }: CorpFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const connect = useMutation({
    mutationFn: (values: ConnectCorp) =>
      connectCorp({ ...withoutBlanks(values), agent_id: Number(values.agent_id) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: corpsQuery.queryKey }),
  });
  const close = () => {
    connect.reset();
    onClose();
  };
  const known = corp && {
    corp_id: corp.corp_id,
    agent_id: String(corp.agent_id),
    name: corp.name,
    base_url: corp.base_url,
  };
  return (
    <Modal
      open={open}
      onCancel={close}
      title={t(corp ? "channels.credentials" : "corp.connect")}
      footer={null}
      destroyOnHidden
    >
      {connect.data ? (
        <CallbackSetupView setup={connect.data.setup} text={t("corp.setup.text")} onDone={close} />
      ) : (
        <Form layout="vertical" onFinish={connect.mutate} requiredMark="optional" initialValues={known}>
          <p className="soft" style={{ marginBottom: 16 }}>
            {t("corp.connect.text")}
          </p>
          <CredentialFields fields={FIELDS} isKnown={corp !== undefined} />
          {connect.error && <ErrorNotice error={connect.error} />}
          <Button type="primary" htmlType="submit" loading={connect.isPending} block style={{ marginTop: 8 }}>
            {t(corp ? "save" : "channels.connect.submit")}
          </Button>
        </Form>
      )}
    </Modal>
  );
}
