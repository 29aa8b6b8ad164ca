import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { changeAccount, type OwnAccount } from "../../api/account";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Field } from "../channels/content/Field";
import styles from "./security.module.css";

/** Name and e-mail address; another address asks for the password. */
export function AccountPanel({ account }: { account: OwnAccount }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState(account.name);
  const [email, setEmail] = useState(account.email ?? "");
  const [password, setPassword] = useState("");
  const isMoving = email.trim().toLowerCase() !== (account.email ?? "");
  const asksPassword = isMoving && account.has_password;
  const save = useMutation({
    mutationFn: () =>
      changeAccount({ name: name.trim(), email: email.trim(), password: asksPassword ? password : null }),
    onSuccess: () => {
      return Promise.all(
        ["account", "session", "members"].map((key) => queries.invalidateQueries({ queryKey: [key] })),
      );
    },
  });
  const isReady = name.trim() !== "" && email.includes("@") && (!asksPassword || password !== "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) save.mutate();
  };
  return (
    <Panel title={t("security.account")} testId="own-account">
      <form className={styles.stack} onSubmit={submit}>
        <Field label={t("join.name")}>
          {(id) => (
            <Input id={id} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Field label={t("members.email")} hint={t("security.email.hint")}>
          {(id) => (
            <Input
              id={id}
              type="email"
              autoComplete="username"
              maxLength={254}
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        {asksPassword && (
          <Field label={t("password.present")}>
            {(id) => (
              <Input.Password
                id={id}
                autoComplete="current-password"
                maxLength={200}
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
        )}
        {save.isSuccess && <p role="status">{t("saved")}</p>}
        {save.error && <ErrorNotice error={save.error} />}
        <Button htmlType="submit" disabled={!isReady} loading={save.isPending}>
          {t("save")}
        </Button>
      </form>
    </Panel>
  );
}
