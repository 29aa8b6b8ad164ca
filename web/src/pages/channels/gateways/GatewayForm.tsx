import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Form, Modal, Select } from "antd";
import { connectGateway, type Gateway, type GatewayChannel, gatewaysQuery } from "../../../api/gateways";
import { messageTemplatesQuery } from "../../../api/messages";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { CredentialFields, withoutBlanks } from "../credentials";
import { CONNECT, FIELDS } from "./kinds";
import { SmsTemplates } from "./SmsTemplates";

interface GatewayFormProps {
  channel: GatewayChannel;
  open: boolean;
  onClose: () => void;
  /** The gateway that changes; without one a new one is connected. */
  gateway?: Gateway;
}

export function GatewayForm({ channel, open, onClose, gateway }: GatewayFormProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const connect = useMutation({
    mutationFn: (values: object) => connectGateway(channel, withoutBlanks(values)),
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: gatewaysQuery.queryKey }),
        queries.invalidateQueries({ queryKey: messageTemplatesQuery.queryKey }),
      ]);
      close();
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
      title={t(gateway ? "gateway.change" : CONNECT[channel])}
      footer={null}
      destroyOnHidden
    >
      <Form
        layout="vertical"
        onFinish={connect.mutate}
        requiredMark="optional"
        initialValues={gateway && known(gateway)}
      >
        <p className="soft" style={{ marginBottom: 16 }}>
          {t(`gateway.${channel}.text`)}
        </p>
        <CredentialFields fields={FIELDS[channel]} isKnown={gateway !== undefined} />
        {channel === "sms" && <SmsTemplates />}
        {channel === "email" && <Security />}
        {connect.error && <ErrorNotice error={connect.error} />}
        <Button type="primary" htmlType="submit" loading={connect.isPending} block style={{ marginTop: 8 }}>
          {t(gateway ? "save" : "channels.connect.submit")}
        </Button>
      </Form>
    </Modal>
  );
}

const SECURITIES = ["tls", "starttls", "none"] as const;

function Security() {
  const { t } = useI18n();
  return (
    <Form.Item
      name="security"
      label={t("gateway.email.security")}
      initialValue="tls"
      style={{ marginBottom: 16 }}
    >
      <Select options={SECURITIES.map((value) => ({ value, label: t(`gateway.email.security.${value}`) }))} />
    </Form.Item>
  );
}

/** What is known, as the fields take it: they are texts. */
function known({ name, settings: { channel: _, ...settings } }: Gateway) {
  return { name, ...settings, ...("port" in settings && { port: String(settings.port) }) };
}
