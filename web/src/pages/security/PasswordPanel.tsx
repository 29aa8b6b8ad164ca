import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { changePassword, type OwnAccount } from "../../api/account";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Field } from "../channels/content/Field";
import styles from "./security.module.css";

/** One's password: setting the first, or another that ends every other session. */
export function PasswordPanel({ account }: { account: OwnAccount }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const save = useMutation({
    mutationFn: () => changePassword({ old: account.has_password ? old : null, new: fresh }),
    onSuccess: () => {
      setOld("");
      setFresh("");
      return queries.invalidateQueries({ queryKey: ["account"] });
    },
  });
  const isReady = fresh !== "" && (!account.has_password || old !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) save.mutate();
  };
  return (
    <Panel title={t("security.password")} testId="own-password">
      <form className={styles.stack} onSubmit={submit}>
        {!account.email && <p className="soft">{t("password.needsEmail")}</p>}
        {account.has_password && (
          <Field label={t("password.present")}>
            {(id) => (
              <Input.Password
                id={id}
                autoComplete="current-password"
                maxLength={200}
                value={old}
                onChange={(event) => setOld(event.target.value)}
              />
            )}
          </Field>
        )}
        <Field label={t("password.new")} hint={`${t("password.hint")} ${t("password.ends")}`}>
          {(id) => (
            <Input.Password
              id={id}
              autoComplete="new-password"
              maxLength={200}
              value={fresh}
              onChange={(event) => setFresh(event.target.value)}
            />
          )}
        </Field>
        {save.isSuccess && <p role="status">{t("password.changed")}</p>}
        {save.error && <ErrorNotice error={save.error} />}
        <Button htmlType="submit" disabled={!isReady} loading={save.isPending}>
          {t("password.save")}
        </Button>
      </form>
    </Panel>
  );
}
