import { DeleteOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input } from "antd";
import { useI18n } from "../../../i18n";
import styles from "./gateways.module.css";

/** The approved texts; `{1}`, `{2}` … become one input each where a message is written. */
export function SmsTemplates() {
  const { t } = useI18n();
  return (
    <Form.List name="templates">
      {(rows, { add, remove }) => (
        <fieldset className={styles.templates}>
          <legend>{t("gateway.sms.templates")}</legend>
          <p className="soft">{t("gateway.sms.templates.hint")}</p>
          {rows.map(({ key, name }, index) => (
            <div key={key} className={styles.template}>
              <div className={styles.templateHead}>
                <Form.Item
                  name={[name, "template_id"]}
                  rules={[
                    { required: true, pattern: /^\s*\d{1,20}\s*$/, message: t("gateway.sms.templateId") },
                  ]}
                >
                  <Input
                    placeholder={t("gateway.sms.templateId")}
                    aria-label={t("gateway.sms.templateId.of", { number: String(index + 1) })}
                  />
                </Form.Item>
                <Form.Item
                  name={[name, "title"]}
                  rules={[{ required: true, whitespace: true, message: t("gateway.sms.templateTitle") }]}
                >
                  <Input
                    placeholder={t("gateway.sms.templateTitle")}
                    aria-label={t("gateway.sms.templateTitle.of", { number: String(index + 1) })}
                  />
                </Form.Item>
                <Button
                  type="text"
                  icon={<DeleteOutlined />}
                  aria-label={t("gateway.sms.template.remove", { number: String(index + 1) })}
                  onClick={() => remove(name)}
                />
              </div>
              <Form.Item
                name={[name, "text"]}
                rules={[{ required: true, whitespace: true, message: t("gateway.sms.templateText") }]}
              >
                <Input.TextArea
                  autoSize={{ minRows: 2, maxRows: 5 }}
                  placeholder={t("gateway.sms.templateText")}
                  aria-label={t("gateway.sms.templateText.of", { number: String(index + 1) })}
                />
              </Form.Item>
              <Form.Item name={[name, "is_marketing"]} valuePropName="checked">
                <Checkbox>{t("gateway.sms.marketing")}</Checkbox>
              </Form.Item>
            </div>
          ))}
          <Button onClick={() => add({ is_marketing: true })}>{t("gateway.sms.template.add")}</Button>
        </fieldset>
      )}
    </Form.List>
  );
}
