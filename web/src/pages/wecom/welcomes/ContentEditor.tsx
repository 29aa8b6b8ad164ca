import { Button, Input } from "antd";
import type { WelcomeContent, WelcomePart } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { Field } from "../../channels/content/Field";
import { PartEditor } from "./PartEditor";
import { byteLength, needsFallback, newPart, PART_KINDS, PARTS_MAX, TEXT_MAX, VARIABLES } from "./welcome";
import styles from "./welcomes.module.css";

interface ContentEditorProps {
  corp: string;
  content: WelcomeContent;
  hasCoupon: boolean;
  onChange: (content: WelcomeContent) => void;
}

/** What is said: a text with variables, attachments, and the words that stand by. */
export function ContentEditor({ corp, content, hasCoupon, onChange }: ContentEditorProps) {
  const { t } = useI18n();
  const set = (part: Partial<WelcomeContent>) => onChange({ ...content, ...part });
  const put = (index: number, part: WelcomePart) => set({ parts: content.parts.with(index, part) });
  const names = VARIABLES.filter((name) => name !== "coupon_link" || hasCoupon);
  return (
    <>
      <Field label={t("wecom.welcomes.text")} hint={<Bytes text={content.text} />}>
        {(id) => (
          <Input.TextArea
            id={id}
            autoSize={{ minRows: 3, maxRows: 12 }}
            value={content.text}
            onChange={(event) => set({ text: event.target.value })}
          />
        )}
      </Field>
      <div className={styles.chips}>
        <small className="muted">{t("wecom.welcomes.insert")}</small>
        {names.map((name) => (
          <Button key={name} size="small" onClick={() => set({ text: `${content.text}{{ ${name} }}` })}>
            {t(`wecom.welcomes.variable.${name}`)}
          </Button>
        ))}
      </div>
      {content.parts.map((part, index) => (
        <PartEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: an attachment has no name but its place.
          key={index}
          corp={corp}
          part={part}
          number={index + 1}
          onChange={(changed) => put(index, changed)}
          onRemove={() => set({ parts: content.parts.toSpliced(index, 1) })}
        />
      ))}
      {content.parts.length < PARTS_MAX && (
        <div className={styles.chips}>
          <small className="muted">{t("wecom.welcomes.parts")}</small>
          {PART_KINDS.map((kind) => (
            <Button key={kind} size="small" onClick={() => set({ parts: [...content.parts, newPart(kind)] })}>
              {t("wecom.welcomes.part.add", { kind: t(`wecom.welcomes.part.${kind}`) })}
            </Button>
          ))}
        </div>
      )}
      {needsFallback(content) && (
        <Field label={t("wecom.welcomes.fallback")} hint={t("wecom.welcomes.fallback.hint")}>
          {(id) => (
            <Input.TextArea
              id={id}
              autoSize={{ minRows: 1, maxRows: 4 }}
              value={content.fallback}
              onChange={(event) => set({ fallback: event.target.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Bytes({ text }: { text: string }) {
  const { t } = useI18n();
  const n = byteLength(text);
  return (
    <span className={n > TEXT_MAX ? styles.over : undefined}>
      {t("wecom.welcomes.bytes", { n, max: TEXT_MAX })}
    </span>
  );
}
