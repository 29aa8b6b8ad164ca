import { useI18n } from "../i18n";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Logo } from "../ui/Logo";
import styles from "./SignedOut.module.css";

/** Before the first answer: quiet for a moment, then honest about what is missing. */
export function Connecting({ error }: { error: Error | null }) {
  const { t } = useI18n();
  return (
    <main className={styles.page}>
      <section className={styles.card} aria-busy={!error}>
        <Logo size={40} />
        {error ? <ErrorNotice error={error} /> : <p className="soft">{t("connecting.text")}</p>}
        {error && <p className="muted">{t("connecting.again")}</p>}
      </section>
    </main>
  );
}
