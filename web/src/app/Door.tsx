import { type ReactNode, useEffect } from "react";
import { useI18n } from "../i18n";
import { Logo } from "../ui/Logo";
import { Preferences } from "./Preferences";
import styles from "./SignedOut.module.css";

/** The frame of pages for people who are not signed in. */
export function Door({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useI18n();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  return (
    <main className={styles.page}>
      <section className={styles.card}>
        <Logo size={40} />
        <h1>{title}</h1>
        {children}
        <Preferences />
      </section>
    </main>
  );
}
