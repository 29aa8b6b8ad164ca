import { DeleteOutlined } from "@ant-design/icons";
import { Button, Checkbox, Input } from "antd";
import type { WelcomePart } from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import { Field } from "../../channels/content/Field";
import { MediaSelect } from "./MediaSelect";
import { byteLength, FIELD_MAX } from "./welcome";
import styles from "./welcomes.module.css";

interface PartEditorProps {
  corp: string;
  part: WelcomePart;
  number: number;
  onChange: (part: WelcomePart) => void;
  onRemove: () => void;
}

const FIELDS = {
  link: ["title", "description", "url", "picture_url"],
  mini_program: ["title", "app_id", "page"],
} as const;

/** One attachment. */
export function PartEditor({ corp, part, number, onChange, onRemove }: PartEditorProps) {
  const { t } = useI18n();
  const isCard = part.kind === "link" || part.kind === "mini_program";
  return (
    <fieldset className={styles.part} data-testid="welcome-part">
      <legend>
        {number}. {t(`wecom.welcomes.part.${part.kind}`)}{" "}
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={t("wecom.welcomes.part.remove", { n: number })}
          onClick={onRemove}
        />
      </legend>
      {isCard && <CardFields part={part} onChange={onChange} />}
      {part.kind !== "link" && (
        <Field label={t(isCard ? "wecom.welcomes.field.cover" : "wecom.welcomes.field.media")}>
          {(id) => (
            <MediaSelect
              id={id}
              corp={corp}
              kind={part.kind === "mini_program" ? "image" : part.kind}
              value={part.media}
              onChange={(media) => onChange({ ...part, media })}
            />
          )}
        </Field>
      )}
      {isCard && (
        <Checkbox
          checked={part.tracked !== false}
          onChange={(event) => onChange({ ...part, tracked: event.target.checked })}
        >
          {t("wecom.welcomes.field.tracked")}
        </Checkbox>
      )}
    </fieldset>
  );
}

type Card = Extract<WelcomePart, { kind: "link" | "mini_program" }>;

function CardFields({ part, onChange }: { part: Card; onChange: (part: WelcomePart) => void }) {
  const { t } = useI18n();
  const limits: Record<string, number> = FIELD_MAX[part.kind];
  const texts = part as unknown as Record<string, string>;
  return (
    <>
      {FIELDS[part.kind].map((field) => {
        const value = texts[field] ?? "";
        const [n, max] = [byteLength(value), limits[field] ?? 0];
        return (
          <Field
            key={field}
            label={t(`wecom.welcomes.field.${field}`)}
            problem={n > max && t("wecom.welcomes.bytes", { n, max })}
          >
            {(id) => (
              <Input
                id={id}
                value={value}
                onChange={(event) => onChange({ ...part, [field]: event.target.value } as WelcomePart)}
              />
            )}
          </Field>
        );
      })}
    </>
  );
}
