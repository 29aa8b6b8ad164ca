import { Button, Segmented, Select } from "antd";
import type { FileChoice, FileExamined, ImportKind, ImportPlan } from "../../../api/imports";
import { useI18n } from "../../../i18n";
import { Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import styles from "./wizard.module.css";

const ENCODING_NAMES: Record<string, string> = {
  "utf-8": "UTF-8",
  gb18030: "GB 18030 / GBK",
  "utf-16": "UTF-16",
  big5: "Big5",
  "latin-1": "Latin-1",
};
const ENCODINGS = Object.keys(ENCODING_NAMES);
const DELIMITERS = [",", "\t", ";", "|"];
const KINDS: readonly ImportKind[] = ["people", "events"];
const KB = 1024;

interface FilePanelProps {
  examined: FileExamined;
  plan: ImportPlan;
  busy: boolean;
  onLook: (choice: Partial<FileChoice>, kind?: ImportKind) => void;
  onOther: () => void;
}

/** How the file was read; what was found wrongly is put right here. */
export function FilePanel({ examined, plan, busy, onLook, onOther }: FilePanelProps) {
  const { t } = useI18n();
  const format = useFormat();
  const { choice, sheets } = examined;
  const look = (change: Partial<FileChoice>, kind: ImportKind = plan.kind) =>
    onLook({ ...choice, ...change }, kind);
  return (
    <Panel
      testId="import-file"
      title={<span className={styles.name}>{examined.file.name}</span>}
      extra={<Button onClick={onOther}>{t("importWizard.other")}</Button>}
    >
      {examined.is_rejects && <p className="soft">{t("importWizard.isRejects")}</p>}
      <div className={styles.options}>
        <div className={styles.option}>
          <span>{t("importWizard.kind")}</span>
          <Segmented<ImportKind>
            aria-label={t("importWizard.kind")}
            value={plan.kind}
            disabled={busy}
            options={KINDS.map((kind) => ({ value: kind, label: t(`importKind.${kind}`) }))}
            onChange={(kind) => look({}, kind)}
          />
        </div>
        {examined.format === "csv" && (
          <>
            <div className={styles.option}>
              <span>{t("importWizard.encoding")}</span>
              <Select
                aria-label={t("importWizard.encoding")}
                value={choice.encoding}
                disabled={busy}
                options={ENCODINGS.map((value) => ({ value, label: ENCODING_NAMES[value] ?? value }))}
                onChange={(encoding) => look({ encoding })}
              />
            </div>
            <div className={styles.option}>
              <span>{t("importWizard.delimiter")}</span>
              <Select
                aria-label={t("importWizard.delimiter")}
                value={choice.delimiter}
                disabled={busy}
                options={DELIMITERS.map((value) => ({
                  value,
                  label: value === "\t" ? t("importWizard.tab") : value,
                }))}
                onChange={(delimiter) => look({ delimiter })}
              />
            </div>
          </>
        )}
        {sheets.length > 1 && (
          <div className={styles.option}>
            <span>{t("importWizard.sheet")}</span>
            <Select
              aria-label={t("importWizard.sheet")}
              value={choice.sheet || sheets[0]}
              disabled={busy}
              options={sheets.map((value) => ({ value, label: value }))}
              onChange={(sheet) => look({ sheet })}
            />
          </div>
        )}
        <Tag>{examined.format.toUpperCase()}</Tag>
        <span className="soft num">
          {t("importWizard.size", { size: format.count(Math.ceil(examined.file.size / KB)) })}
        </span>
      </div>
    </Panel>
  );
}
