import { theme as antdTheme, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo, useState } from "react";
import { useI18n } from "../i18n";
import { useMedia } from "../ui/useMedia";

export type ThemeChoice = "light" | "dark" | "system";

const STORAGE_KEY = "quanyu.theme";
const DARK_QUERY = "(prefers-color-scheme: dark)";
const STILL_QUERY = "(prefers-reduced-motion: reduce)";

interface ThemeContext {
  choice: ThemeChoice;
  dark: boolean;
  /** The person asked their system for less motion. */
  still: boolean;
  setChoice: (choice: ThemeChoice) => void;
}

const Context = createContext<ThemeContext | null>(null);

function rememberedChoice(): ThemeChoice {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === "dark" || stored === "system" ? stored : "light";
}

/** The same colours as styles/base.css, for the components of Ant Design. */
function tokens(dark: boolean) {
  return {
    fontFamily: "var(--font)",
    fontSize: 14,
    borderRadius: 8,
    controlHeight: 34,
    wireframe: false,
    colorPrimary: dark ? "#35b48c" : "#0b7a5c",
    colorLink: dark ? "#6fd0b0" : "#07624a",
    colorInfo: dark ? "#7badeb" : "#2b66ab",
    colorSuccess: dark ? "#35b48c" : "#0b7a5c",
    colorWarning: dark ? "#dfa04a" : "#96580c",
    colorError: dark ? "#e8765f" : "#bd3b27",
    colorTextBase: dark ? "#e7ebe8" : "#1b2320",
    colorBgBase: dark ? "#171c1a" : "#ffffff",
    colorBgLayout: dark ? "#0f1311" : "#f6f6f2",
    colorBorder: dark ? "#3a433f" : "#d3d6ce",
    colorBorderSecondary: dark ? "#29302d" : "#e6e7e1",
    // What Ant Design writes in fainter ink than anybody can read with ease (WCAG AA).
    colorTextPlaceholder: dark ? "#a9b3ae" : "#626d68",
    colorTextDescription: dark ? "#a9b3ae" : "#626d68",
  };
}

export function ThemeProvider({ children }: { children: ReactNode }) {
  const { locale } = useI18n();
  const [choice, setChoice] = useState(rememberedChoice);
  const systemDark = useMedia(DARK_QUERY);
  const still = useMedia(STILL_QUERY);
  const dark = choice === "dark" || (choice === "system" && systemDark);

  // Before the first paint: nobody who chose the dark is dazzled by a light page first.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#0f1311" : "#f6f6f2");
    localStorage.setItem(STORAGE_KEY, choice);
  }, [dark, choice]);

  const value = useMemo(() => ({ choice, dark, still, setChoice }), [choice, dark, still]);
  return (
    <Context value={value}>
      <ConfigProvider
        locale={locale === "zh" ? zhCN : enUS}
        theme={{
          algorithm: dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
          token: { ...tokens(dark), motion: !still },
          components: {
            // In the dark, jade and red are light: white on jade, or their darker shades on grey, are too faint.
            Button: dark ? { primaryColor: "#0f1311", colorError: "#f0917d" } : {},
            Table: { headerBg: "transparent", headerSplitColor: "transparent", cellPaddingBlock: 12 },
          },
        }}
        button={{ autoInsertSpace: false }}
      >
        {children}
      </ConfigProvider>
    </Context>
  );
}

export function useTheme(): ThemeContext {
  const value = useContext(Context);
  if (!value) throw new Error("useTheme needs ThemeProvider above it.");
  return value;
}
