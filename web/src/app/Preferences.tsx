import { BulbOutlined, GlobalOutlined } from "@ant-design/icons";
import { useI18n } from "../i18n";
import styles from "./Shell.module.css";
import { type ThemeChoice, useTheme } from "./theme";

const NEXT_THEME: Record<ThemeChoice, ThemeChoice> = { light: "dark", dark: "system", system: "light" };

/** Language and colours: remembered by this browser. */
export function Preferences() {
  const { t, locale, setLocale } = useI18n();
  const { choice, setChoice } = useTheme();
  const other = locale === "zh" ? "en" : "zh";
  return (
    <div className={styles.preferences}>
      <button
        type="button"
        className={styles.quiet}
        lang={other === "en" ? "en" : "zh-CN"}
        onClick={() => setLocale(other)}
      >
        <GlobalOutlined aria-hidden /> {other === "en" ? "English" : "中文"}
      </button>
      <button
        type="button"
        className={styles.quiet}
        onClick={() => setChoice(NEXT_THEME[choice])}
        aria-label={t("theme.label", { theme: t(`theme.${choice}`) })}
      >
        <BulbOutlined aria-hidden /> {t(`theme.${choice}`)}
      </button>
    </div>
  );
}
