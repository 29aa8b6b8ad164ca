import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { lookAtReset, resetPassword } from "../../api/account";
import { Door } from "../../app/Door";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./security.module.css";

/** A new password by a link; signing in with it comes next. */
export default function ResetPage() {
  const { t } = useI18n();
  const [params] = useSearchParams();
  const code = params.get("code") ?? "";
  const [password, setPassword] = useState("");
  const { data, error } = useQuery({
    queryKey: ["password-reset", code],
    queryFn: ({ signal }) => lookAtReset(code, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const save = useMutation({
    mutationFn: () => resetPassword({ code, password }),
    onSuccess: () => location.assign("/"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password) save.mutate();
  };
  return (
    <Door title={t("reset.title")}>
      {error && <ErrorNotice error={error} />}
      {data && (
        <form className={styles.stack} onSubmit={submit}>
          <p className="soft">{t("reset.text", { email: data.email, brand: data.brand })}</p>
          <input type="hidden" name="username" autoComplete="username" value={data.email} />
          <Field label={t("password.new")} hint={t("password.hint")}>
            {(id) => (
              <Input.Password
                id={id}
                autoComplete="new-password"
                size="large"
                maxLength={200}
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          {save.error && <ErrorNotice error={save.error} />}
          <Button type="primary" htmlType="submit" size="large" disabled={!password} loading={save.isPending}>
            {t("reset.save")}
          </Button>
        </form>
      )}
    </Door>
  );
}
