import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined } from "@ant-design/icons";
import { Input, Button as Press, Select } from "antd";
import type { MaterialKind, MenuButtonType } from "../../../api/types";
import { type Translate, useI18n } from "../../../i18n";
import { bytesOf } from "../content/content";
import { Field } from "../content/Field";
import { MaterialSelect } from "../content/MaterialSelect";
import {
  type ActionField,
  type Button,
  FIELDS,
  isOpener,
  NAME_BYTES_MAX,
  type Place,
  SUB_NAME_BYTES_MAX,
  TYPES,
  withType,
} from "./menu";
import styles from "./menus.module.css";

interface ButtonFormProps {
  accountId: string;
  button: Button;
  place: Place;
  /** How many stand beside it, itself included. */
  siblings: number;
  /** What is wrong with it, in words. */
  problem: string;
  onChange: (button: Button) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

/** One button: its name and what it does. */
export function ButtonForm({
  accountId,
  button,
  place,
  siblings,
  problem,
  onChange,
  onMove,
  onRemove,
}: ButtonFormProps) {
  const { t } = useI18n();
  const at = place.length === 1 ? place[0] : place[1];
  const limit = place.length === 1 ? NAME_BYTES_MAX : SUB_NAME_BYTES_MAX;
  const bytes = bytesOf(button.name.trim());
  return (
    <section className={styles.form} aria-label={t("menu.button")} data-testid="menu-button-form">
      <header>
        <h3>{t(place.length === 1 ? "menu.topButton" : "menu.subButton", { n: at + 1 })}</h3>
        <span>
          <Press
            type="text"
            size="small"
            icon={<ArrowUpOutlined rotate={place.length === 1 ? -90 : 0} />}
            aria-label={t("menu.earlier")}
            disabled={at === 0}
            onClick={() => onMove(-1)}
          />
          <Press
            type="text"
            size="small"
            icon={<ArrowDownOutlined rotate={place.length === 1 ? -90 : 0} />}
            aria-label={t("menu.later")}
            disabled={at === siblings - 1}
            onClick={() => onMove(1)}
          />
          <Press
            type="text"
            size="small"
            danger
            icon={<DeleteOutlined />}
            aria-label={t("menu.remove")}
            disabled={place.length === 1 && siblings === 1}
            onClick={onRemove}
          />
        </span>
      </header>
      <Field
        label={t("menu.name")}
        hint={<span className="num">{t("content.bytes", { bytes, max: limit })}</span>}
      >
        {(id) => (
          <Input
            id={id}
            value={button.name}
            maxLength={60}
            status={bytes > limit ? "error" : undefined}
            onChange={(event) => onChange({ ...button, name: event.target.value })}
          />
        )}
      </Field>
      {isOpener(button) ? (
        <p className="soft">{t("menu.opens")}</p>
      ) : (
        <Action accountId={accountId} button={button} onChange={onChange} />
      )}
      {problem && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
    </section>
  );
}

function Action({ accountId, button, onChange }: Pick<ButtonFormProps, "accountId" | "button" | "onChange">) {
  const { t } = useI18n();
  return (
    <>
      <Field label={t("menu.type")} hint={button.type && t(`buttonType.${button.type}.hint`)}>
        {(id) => (
          <Select
            id={id}
            value={button.type}
            onChange={(type) => onChange(withType(button, type))}
            options={TYPES.map((type) => ({ value: type, label: t(`buttonType.${type}`) }))}
            style={{ width: "100%" }}
          />
        )}
      </Field>
      {button.type &&
        FIELDS[button.type].map((field) => (
          <Field key={field} label={t(`menuField.${field}`)} hint={hintOf(field, t)}>
            {(id) =>
              button.type && isMaterial(field) ? (
                <MaterialSelect
                  id={id}
                  accountId={accountId}
                  kind={materialOf(button.type)}
                  value={button[field]}
                  onChange={(value) => onChange({ ...button, [field]: value })}
                />
              ) : (
                <Input
                  id={id}
                  value={button[field]}
                  maxLength={field === "key" ? 128 : 1024}
                  onChange={(event) => onChange({ ...button, [field]: event.target.value.trim() })}
                />
              )
            }
          </Field>
        ))}
    </>
  );
}

function hintOf(field: ActionField, t: Translate): string | undefined {
  return field === "key" ? t("menuField.key.hint") : undefined;
}

function isMaterial(field: ActionField): boolean {
  return field === "media_id" || field === "article_id";
}

/** Where the ids of a type come from; a button that sends material mostly sends a picture. */
function materialOf(type: MenuButtonType): MaterialKind {
  if (type === "view_limited") return "news";
  return type === "media_id" ? "image" : "article";
}
