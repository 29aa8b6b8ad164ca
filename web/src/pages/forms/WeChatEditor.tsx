import { useQuery } from "@tanstack/react-query";
import { Checkbox, Select } from "antd";
import { officialAccountsQuery } from "../../api/channels";
import type { Rules } from "../../api/forms";
import { useI18n } from "../../i18n";
import { Field } from "../channels/content/Field";
import styles from "./forms.module.css";

interface WeChatEditorProps {
  access: Rules["wechat"];
  onChange: (access: Rules["wechat"]) => void;
}

const NOBODY = "";

/** Which official account tells who answers inside WeChat. */
export function WeChatEditor({ access, onChange }: WeChatEditorProps) {
  const { t } = useI18n();
  const accounts = useQuery(officialAccountsQuery).data?.items ?? [];
  const names = accounts.map((one) => ({ value: one.id, label: one.name || one.app_id }));
  const isGone = access && !names.some((one) => one.value === access.account);
  return (
    <div className={styles.grid}>
      <Field label={t("forms.wechat")} hint={t("forms.wechat.hint")}>
        {(id) => (
          <Select
            id={id}
            value={access?.account ?? NOBODY}
            onChange={(account: string) =>
              onChange(account ? { asks: "base", required: false, ...access, account } : null)
            }
            options={[
              { value: NOBODY, label: t("forms.wechat.off") },
              ...names,
              ...(isGone ? [{ value: access.account, label: access.account }] : []),
            ]}
          />
        )}
      </Field>
      {access && (
        <Field label={t("forms.wechat.asks")}>
          {(id) => (
            <Select
              id={id}
              value={access.asks ?? "base"}
              onChange={(asks: "base" | "userinfo") => onChange({ ...access, asks })}
              options={(["base", "userinfo"] as const).map((value) => ({
                value,
                label: t(`forms.wechat.${value}`),
              }))}
            />
          )}
        </Field>
      )}
      {access && (
        <Checkbox
          checked={access.required ?? false}
          onChange={(event) => onChange({ ...access, required: event.target.checked })}
        >
          {t("forms.wechat.required")}
        </Checkbox>
      )}
    </div>
  );
}
