import type { WelcomeFigures } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import { useFormat } from "../../../ui/useFormat";
import styles from "./welcomes.module.css";

const NOT_SENT = ["expired", "already_used", "error", "unknown"] as const;

/** How many and how fast, and whether somebody else greets too. */
export function FiguresPanel({ figures }: { figures: WelcomeFigures }) {
  const { t, locale } = useI18n();
  const format = useFormat();
  const failed = NOT_SENT.reduce((sum, state) => sum + (figures.states[state] ?? 0), 0);
  const seconds = (ms: number | null) => (ms === null ? "–" : `${format.decimal(ms / 1000, 2)} s`);
  return (
    <>
      {figures.warnings.map((warning) => (
        <div key={warning.corp} role="alert" className={styles.warning} data-testid="welcome-rival">
          <strong>{t("wecom.welcomes.rival")}</strong>
          <p>{locale === "zh" ? warning.text_zh : warning.text_en}</p>
          {warning.staff.length > 0 && (
            <small className="muted">
              {t("wecom.welcomes.rival.staff", { names: warning.staff.join(", ") })}
            </small>
          )}
        </div>
      ))}
      <Panel>
        <dl className={styles.figures} data-testid="welcome-figures">
          <Figure label={t("wecom.welcomes.figures.sent")} value={format.count(figures.states.sent ?? 0)} />
          <Figure label={t("wecom.welcomes.figures.failed")} value={format.count(failed)} />
          <Figure label={t("wecom.welcomes.figures.fallback")} value={format.count(figures.fallbacks)} />
          <Figure label={t("wecom.welcomes.figures.p50")} value={seconds(figures.p50_ms)} />
          <Figure label={t("wecom.welcomes.figures.p99")} value={seconds(figures.p99_ms)} />
        </dl>
      </Panel>
    </>
  );
}

function Figure({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}
