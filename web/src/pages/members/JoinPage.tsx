import { useMutation, useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { type JoinView, join, lookAtInvitation } from "../../api/members";
import { Door } from "../../app/Door";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Field } from "../channels/content/Field";
import styles from "./members.module.css";
import { useRoleName } from "./words";

/** Somebody invited says how they are called and chooses a password; then they are in. */
export default function JoinPage() {
  const { t } = useI18n();
  const [params] = useSearchParams();
  const code = params.get("code") ?? "";
  const { data, error } = useQuery({
    queryKey: ["join", code],
    queryFn: ({ signal }) => lookAtInvitation(code, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <Door title={data ? t("join.title", { brand: data.brand }) : t("join.titleUnknown")}>
      {error && <ErrorNotice error={error} />}
      {data && <JoinForm code={code} view={data} />}
    </Door>
  );
}

function JoinForm({ code, view }: { code: string; view: JoinView }) {
  const { t } = useI18n();
  const roleName = useRoleName();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => join({ code, name: name.trim(), password }),
    onSuccess: () => location.assign("/"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && password) enter.mutate();
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      <p className="soft">
        {t("join.text", { email: view.email, role: roleName(view.role, view.role_name) })}
      </p>
      {/* Where a password manager finds the name that goes with the password. */}
      <input type="hidden" name="username" autoComplete="username" value={view.email} />
      <Field label={t("join.name")}>
        {(id) => (
          <Input
            id={id}
            autoFocus
            autoComplete="name"
            maxLength={60}
            size="large"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("password.new")} hint={t("password.hint")}>
        {(id) => (
          <Input.Password
            id={id}
            autoComplete="new-password"
            maxLength={200}
            size="large"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {enter.error && <ErrorNotice error={enter.error} />}
      <Button
        type="primary"
        htmlType="submit"
        size="large"
        disabled={!name.trim() || !password}
        loading={enter.isPending}
      >
        {t("join.enter")}
      </Button>
    </form>
  );
}
