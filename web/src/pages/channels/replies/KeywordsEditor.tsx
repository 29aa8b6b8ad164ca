import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import type { ReplyKeyword } from "../../../api/types";
import { useI18n } from "../../../i18n";
import styles from "./replies.module.css";
import { KEYWORDS_MAX, PATTERN_MAX } from "./rules";

interface KeywordsEditorProps {
  keywords: readonly ReplyKeyword[];
  refusals: ReadonlyMap<number, string>;
  strict: boolean;
  onChange: (keywords: ReplyKeyword[]) => void;
}

const MATCHES = ["contains", "exact", "regex"] as const;

export function KeywordsEditor({ keywords, refusals, strict, onChange }: KeywordsEditorProps) {
  const { t } = useI18n();
  const set = (index: number, part: Partial<ReplyKeyword>) =>
    onChange(keywords.map((keyword, at) => (at === index ? { ...keyword, ...part } : keyword)));
  return (
    <fieldset className={styles.keywordsEditor}>
      <legend>{t("reply.keywords")}</legend>
      {keywords.map((keyword, index) => {
        const problem =
          refusals.get(index) ?? (strict && !keyword.text.trim() ? t("reply.keyword.problem") : "");
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a keyword has no name but its place.
          <div key={index}>
            <div className={styles.keywordRow}>
              <Select
                aria-label={t("reply.match")}
                value={keyword.match}
                onChange={(match) => set(index, { match })}
                options={MATCHES.map((match) => ({ value: match, label: t(`match.${match}`) }))}
                popupMatchSelectWidth={false}
              />
              <Input
                aria-label={t("reply.keyword")}
                value={keyword.text}
                maxLength={PATTERN_MAX}
                status={problem ? "error" : undefined}
                className={keyword.match === "regex" ? "mono" : undefined}
                onChange={(event) => set(index, { text: event.target.value })}
              />
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("reply.keyword.remove")}
                disabled={keywords.length === 1}
                onClick={() => onChange(keywords.toSpliced(index, 1))}
              />
            </div>
            {problem && (
              <p role="alert" className={styles.problem}>
                {problem}
              </p>
            )}
          </div>
        );
      })}
      {keywords.length < KEYWORDS_MAX && (
        <Button
          size="small"
          onClick={() => onChange([...keywords, { match: keywords.at(-1)?.match ?? "contains", text: "" }])}
        >
          {t("reply.keyword.add")}
        </Button>
      )}
      <small className="muted">{t("reply.keywords.hint")}</small>
    </fieldset>
  );
}
