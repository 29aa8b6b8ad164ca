import { DeleteOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import type { Json, MessageKind } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { Field } from "../../journeys/fields";
import styles from "./sending.module.css";
import type { ContentProps } from "./TemplateFields";
import { WebhookFields } from "./WebhookFields";

const TEXT_MAX = 600;
const ITEMS_MAX = 20;

type Part =
  | "media_id"
  | "title"
  | "description"
  | "url"
  | "picurl"
  | "appid"
  | "pagepath"
  | "thumb_media_id"
  | "head"
  | "tail"
  | "subject"
  | "text"
  | "html";

/** The parts of each kind, in their order; the menu's answers come beside. */
const PARTS: Partial<Record<MessageKind, readonly Part[]>> = {
  customer_service_image: ["media_id"],
  customer_service_news: ["title", "description", "url", "picurl"],
  customer_service_mini_program: ["title", "appid", "pagepath", "thumb_media_id"],
  customer_service_menu: ["head"],
  email: ["subject", "text", "html"],
};

export function CustomFields({ kind, content, onChange }: ContentProps & { kind: MessageKind }) {
  if (kind === "webhook") return <WebhookFields content={content} onChange={onChange} />;
  const parts = PARTS[kind];
  if (!parts) return <TextField content={content} onChange={onChange} />;
  return (
    <>
      {parts.map((part) => (
        <PartField key={part} part={part} content={content} onChange={onChange} />
      ))}
      {kind === "customer_service_menu" && (
        <>
          <MenuItems content={content} onChange={onChange} />
          <PartField part="tail" content={content} onChange={onChange} />
        </>
      )}
    </>
  );
}

function TextField({ content, onChange }: ContentProps) {
  const { t } = useI18n();
  return (
    <Field
      label={t("send.text")}
      hint={t("send.text.hint", { example: '{{ person.nickname | default: "朋友" }}' })}
    >
      <Input.TextArea
        aria-label={t("send.text")}
        value={String(content.text ?? "")}
        maxLength={TEXT_MAX}
        autoSize={{ minRows: 3, maxRows: 10 }}
        onChange={(event) => onChange({ ...content, text: event.target.value })}
      />
    </Field>
  );
}

const LONG: ReadonlySet<Part> = new Set<Part>(["text", "html"]);

function PartField({ part, content, onChange }: ContentProps & { part: Part }) {
  const { t, has } = useI18n();
  const label = t(`send.part.${part}`);
  const hint = `send.part.${part}.hint`;
  const shared = {
    "aria-label": label,
    value: String(content[part] ?? ""),
    onChange: (event: { target: { value: string } }) => onChange({ ...content, [part]: event.target.value }),
  };
  return (
    <Field label={label} hint={has(hint) && t(hint)}>
      {LONG.has(part) ? (
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} {...shared} />
      ) : (
        <Input {...shared} />
      )}
    </Field>
  );
}

interface MenuItem {
  [key: string]: Json;
  id: string;
  content: string;
}

/** The answers a person can tap; an id stays with its answer, because the tap carries it. */
function MenuItems({ content, onChange }: ContentProps) {
  const { t } = useI18n();
  const items = (Array.isArray(content.items) ? content.items : []) as MenuItem[];
  const set = (next: MenuItem[]) => onChange({ ...content, items: next });
  return (
    <Field label={t("send.part.items")}>
      {items.map((item, index) => (
        <div key={item.id} className={styles.item}>
          <Input
            aria-label={t("send.part.item", { number: String(index + 1) })}
            value={item.content}
            onChange={(event) =>
              set(items.map((one) => (one.id === item.id ? { ...one, content: event.target.value } : one)))
            }
          />
          <Button
            type="text"
            icon={<DeleteOutlined />}
            aria-label={t("send.part.item.remove", { number: String(index + 1) })}
            onClick={() => set(items.filter((one) => one.id !== item.id))}
          />
        </div>
      ))}
      <Button
        disabled={items.length >= ITEMS_MAX}
        onClick={() => set([...items, { id: freshItem(items), content: "" }])}
      >
        {t("send.part.item.add")}
      </Button>
    </Field>
  );
}

function freshItem(items: readonly MenuItem[]): string {
  let number = items.length + 1;
  while (items.some((one) => one.id === `item${number}`)) number += 1;
  return `item${number}`;
}
