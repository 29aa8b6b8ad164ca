import { Button } from "antd";
import type { ReactNode } from "react";
import { ApiError, Unreachable } from "../api/client";
import { isChinese, t } from "./words";

/** What went wrong, as the server says it. */
export function problemText(error: Error): string {
  if (error instanceof Unreachable) return t("unreachable");
  if (!(error instanceof ApiError)) return error.message;
  const { detail, detail_zh } = error.problem;
  return (isChinese ? (detail_zh ?? detail) : detail) ?? t("failed");
}

export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <div className="sb-note" role="alert">
      <p>{problemText(error)}</p>
      <Button size="small" onClick={() => onRetry()}>
        {t("retry")}
      </Button>
    </div>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="sb-section">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

export function Face({ name, avatar }: { name: string; avatar: string }) {
  if (avatar.startsWith("http")) return <img className="sb-face" src={avatar} alt="" loading="lazy" />;
  return (
    <span className="sb-face" aria-hidden>
      {name.slice(0, 1) || "?"}
    </span>
  );
}

export const Empty = ({ children }: { children: ReactNode }) => (
  <p className="sb-muted sb-center">{children}</p>
);

export function day(at: string | null | undefined, zone: string): string {
  if (!at) return "–";
  return new Intl.DateTimeFormat(isChinese ? "zh-CN" : "en", { dateStyle: "medium", timeZone: zone }).format(
    new Date(at),
  );
}

export function moment(at: string, zone: string): string {
  const shape = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(isChinese ? "zh-CN" : "en", { ...shape, timeZone: zone }).format(
    new Date(at),
  );
}
