import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { type SignIn, signIn } from "../api/account";
import { useI18n } from "../i18n";
import { Field } from "../pages/channels/content/Field";
import { ErrorNotice } from "../ui/ErrorNotice";
import styles from "./SignedOut.module.css";

/** E-mail and password; where the address belongs to several brands, which one. */
export function SignInForm() {
  const { t } = useI18n();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: (more: Partial<SignIn>) => signIn({ email, password, ...more }),
    onSuccess: (answer) => answer.step === "signed_in" && location.reload(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (email && password) enter.mutate({});
  };
  if (enter.data?.step === "choose_brand") {
    return (
      <div className={styles.stack}>
        <p>{t("signedOut.brand")}</p>
        {enter.data.brands?.map((brand) => (
          <Button key={brand.key} size="large" onClick={() => enter.mutate({ brand: brand.key })}>
            {brand.name}
          </Button>
        ))}
      </div>
    );
  }
  return (
    <form className={styles.stack} onSubmit={submit}>
      <Field label={t("signedOut.email")}>
        {(id) => (
          <Input
            id={id}
            type="email"
            name="username"
            autoComplete="username"
            size="large"
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label={t("signedOut.password")}>
        {(id) => (
          <Input.Password
            id={id}
            name="password"
            autoComplete="current-password"
            size="large"
            maxLength={200}
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
        disabled={!email || !password}
        loading={enter.isPending}
      >
        {t("signedOut.enter")}
      </Button>
    </form>
  );
}
