import { Component, type ReactNode } from "react";
import { useLocation } from "react-router";
import { useI18n } from "../i18n";
import { EmptyState } from "./EmptyState";
import styles from "./ui.module.css";

/** A defect in one page must not take the navigation with it; going elsewhere starts afresh. */
export function Crash({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  return <Boundary key={pathname}>{children}</Boundary>;
}

class Boundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    return this.state.error ? <Crashed error={this.state.error} /> : this.props.children;
  }
}

/** After an upgrade of the server the parts this tab knows are gone: loading again brings the new ones. */
function Crashed({ error }: { error: Error }) {
  const { t } = useI18n();
  return (
    <EmptyState
      title={t("crash.title")}
      action={
        <button type="button" className={styles.linkButton} onClick={() => location.reload()}>
          {t("crash.reload")}
        </button>
      }
    >
      <p>{t("crash.text")}</p>
      <p className="mono muted">{error.message}</p>
    </EmptyState>
  );
}
