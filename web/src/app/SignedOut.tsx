import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { useI18n } from "../i18n";
import { Door } from "./Door";
import { loginAddress } from "./login";
import styles from "./SignedOut.module.css";
import { SignInForm } from "./SignInForm";

/** Signing in by password, or by the link that works once which the platform prints. */
export default function SignedOut() {
  const { t } = useI18n();
  const [params] = useSearchParams();
  const isExpired = params.get("login") === "expired";
  return (
    <Door title={t("signedOut.title")}>
      {isExpired && (
        <p role="alert" className={styles.expired}>
          {t("signedOut.expired")}
        </p>
      )}
      <SignInForm />
      <p className="soft">{t("signedOut.forgotten", { command: "quanyu login --user" })}</p>
      <details className={styles.byLink} open={isExpired}>
        <summary>{t("signedOut.byLink")}</summary>
        <LinkForm />
      </details>
    </Door>
  );
}

function LinkForm() {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const address = loginAddress(text);
  const enter = (event: FormEvent) => {
    event.preventDefault();
    if (address) location.assign(address);
  };
  return (
    <div className={styles.stack}>
      <ol className={styles.steps}>
        <li>
          {t("signedOut.step1")}
          <code>quanyu login</code>
        </li>
        <li>{t("signedOut.step2")}</li>
      </ol>
      <form onSubmit={enter} className={styles.form}>
        <Input
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t("signedOut.placeholder")}
          aria-label={t("signedOut.placeholder")}
          autoComplete="off"
          size="large"
        />
        <Button htmlType="submit" size="large" disabled={!address}>
          {t("signedOut.enterByLink")}
        </Button>
      </form>
    </div>
  );
}
