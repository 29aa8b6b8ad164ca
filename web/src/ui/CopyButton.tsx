import { Button } from "antd";
import { useState } from "react";
import { useI18n } from "../i18n";
import { copyText } from "./copyText";

const CONFIRM_MS = 2_000;

export function CopyButton({ text }: { text: string }) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    setCopied(await copyText(text));
    setTimeout(() => setCopied(false), CONFIRM_MS);
  };
  return (
    <Button size="small" onClick={copy} aria-live="polite">
      {copied ? t("copied") : t("copy")}
    </Button>
  );
}
