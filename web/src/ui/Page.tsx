import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import styles from "./ui.module.css";

interface PageProps {
  title: string;
  /** One sentence that says what the page is for, or what it shows now. */
  lead?: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, back, actions, children }: PageProps) {
  const { t } = useI18n();
  useEffect(() => {
    document.title = `${title} · ${t("app.name")}`;
  }, [title, t]);
  return (
    <div className={styles.page}>
      <header className={styles.pageHead}>
        <div>
          {back && (
            <Link to={back.to} className={styles.back}>
              ← {back.label}
            </Link>
          )}
          <h1>{title}</h1>
          {lead && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface PanelProps {
  title?: ReactNode;
  extra?: ReactNode;
  flush?: boolean;
  className?: string;
  children: ReactNode;
  testId?: string;
}

export function Panel({ title, extra, flush, className, children, testId }: PanelProps) {
  return (
    <section
      className={`${styles.panel} ${flush ? styles.flush : ""} ${className ?? ""}`}
      data-testid={testId}
    >
      {(title || extra) && (
        <header className={styles.panelHead}>
          {title && <h2>{title}</h2>}
          {extra && <div className={styles.panelExtra}>{extra}</div>}
        </header>
      )}
      {children}
    </section>
  );
}
