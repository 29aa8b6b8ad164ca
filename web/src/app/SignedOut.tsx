import { Button, Input } from "antd";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { useI18n } from "../i18n";
import { Logo } from "../ui/Logo";
import { loginAddress } from "./login";
import { Preferences } from "./Preferences";
import styles from "./SignedOut.module.css";

/** There are no passwords: the platform prints a link that works once. This page says where to find it. */
export default function SignedOut() {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const [params] = useSearchParams();
  const isExpired = params.get("login") === "expired";
  const address = loginAddress(text);

  const enter = (event: FormEvent) => {
    event.preventDefault();
    if (address) location.assign(address);
  };

  return (
    <main className={styles.page}>
      <section className={styles.card}>
        <Logo size={40} />
        <h1>{t("signedOut.title")}</h1>
        {isExpired && (
          <p role="alert" className={styles.expired}>
            {t("signedOut.expired")}
          </p>
        )}
        <p className="soft">{t("signedOut.text")}</p>
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
          <Button type="primary" htmlType="submit" size="large" disabled={!address}>
            {t("signedOut.enter")}
          </Button>
        </form>
        <Preferences />
      </section>
    </main>
  );
}
