import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { interpolate, type Params } from "./interpolate";
import { type MessageKey, zh } from "./zh";

export type Locale = "zh" | "en";
export type Translate = (key: MessageKey, params?: Params) => string;
export type { MessageKey, Params };

const STORAGE_KEY = "quanyu.locale";

interface I18n {
  locale: Locale;
  /** The tag for Intl and for <html lang>. */
  tag: "zh-CN" | "en";
  setLocale: (locale: Locale) => void;
  t: Translate;
  /** Whether a key made at run time (a reason code, an event name) has words. */
  has: (key: string) => key is MessageKey;
}

const Context = createContext<I18n | null>(null);

function rememberedLocale(): Locale {
  return localStorage.getItem(STORAGE_KEY) === "en" ? "en" : "zh";
}

/** English arrives only for those who ask for it; Chinese is part of the first load. */
async function loadMessages(locale: Locale): Promise<Record<MessageKey, string>> {
  return locale === "en" ? (await import("./en")).en : zh;
}

export function I18nProvider({ children }: { children: ReactNode }) {
  const [locale, setLocale] = useState(rememberedLocale);
  const [loaded, setLoaded] = useState<{ locale: Locale; messages: Record<MessageKey, string> } | null>(
    locale === "zh" ? { locale, messages: zh } : null,
  );

  useEffect(() => {
    let current = true;
    loadMessages(locale).then((messages) => current && setLoaded({ locale, messages }));
    localStorage.setItem(STORAGE_KEY, locale);
    return () => {
      current = false;
    };
  }, [locale]);

  const value = useMemo<I18n | null>(() => {
    if (!loaded) return null;
    return {
      locale: loaded.locale,
      tag: loaded.locale === "zh" ? "zh-CN" : "en",
      setLocale,
      t: (key, params) => interpolate(loaded.messages[key], params),
      has: (key): key is MessageKey => key in loaded.messages,
    };
  }, [loaded]);

  useEffect(() => {
    if (value) document.documentElement.lang = value.tag;
  }, [value]);

  return value && <Context value={value}>{children}</Context>;
}

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error("useI18n needs I18nProvider above it.");
  return value;
}
