import { Input } from "antd";
import type { ReplyContent } from "../../../api/types";
import { type MessageKey, useI18n } from "../../../i18n";
import { bytesOf, type ContentOf, TEXT_BYTES_MAX } from "./content";
import { Field } from "./Field";

interface FieldsProps<C extends ReplyContent> {
  content: C;
  onChange: (content: C) => void;
}

/** The fields of one content, by its kind. */
export function ContentFields({ content, onChange }: FieldsProps<ReplyContent>) {
  const { t } = useI18n();
  switch (content.kind) {
    case "text":
      return <TextFields content={content} onChange={onChange} />;
    case "transfer":
      return (
        <Line
          content={content}
          name="kf_account"
          label="content.staff"
          hint={t("content.staff.hint")}
          onChange={onChange}
        />
      );
    case "image":
    case "voice":
      return <Line content={content} name="media_id" label="content.mediaId" onChange={onChange} />;
    case "video":
      return (
        <>
          <Line content={content} name="media_id" label="content.mediaId" onChange={onChange} />
          <Line content={content} name="thumb_media_id" label="content.cover" onChange={onChange} />
          <Described content={content} onChange={onChange} />
        </>
      );
    case "music":
      return (
        <>
          <Described content={content} onChange={onChange} />
          <Line content={content} name="music_url" label="content.musicUrl" onChange={onChange} />
          <Line content={content} name="hq_music_url" label="content.hqMusicUrl" onChange={onChange} />
          <Line content={content} name="thumb_media_id" label="content.cover" onChange={onChange} />
        </>
      );
    case "news":
      return (
        <>
          <Described content={content} onChange={onChange} />
          <Line content={content} name="url" label="content.url" onChange={onChange} />
          <Line content={content} name="picture_url" label="content.pictureUrl" onChange={onChange} />
        </>
      );
    default:
      return null;
  }
}

function TextFields({ content, onChange }: FieldsProps<ContentOf<"text">>) {
  const { t } = useI18n();
  const bytes = bytesOf(content.text);
  return (
    <Field
      label={t("content.text")}
      hint={
        <>
          {t("content.text.hint")}{" "}
          <span className="num">{t("content.bytes", { bytes, max: TEXT_BYTES_MAX })}</span>
        </>
      }
    >
      {(id) => (
        <Input.TextArea
          id={id}
          value={content.text}
          status={bytes > TEXT_BYTES_MAX ? "error" : undefined}
          autoSize={{ minRows: 3, maxRows: 12 }}
          onChange={(event) => onChange({ ...content, text: event.target.value })}
        />
      )}
    </Field>
  );
}

function Described({
  content,
  onChange,
}: FieldsProps<ContentOf<"video"> | ContentOf<"music"> | ContentOf<"news">>) {
  return (
    <>
      <Line content={content} name="title" label="content.title" max={64} onChange={onChange} />
      <Line content={content} name="description" label="content.description" max={512} onChange={onChange} />
    </>
  );
}

interface LineProps<C extends ReplyContent> extends FieldsProps<C> {
  name: keyof C & string;
  label: MessageKey;
  hint?: string;
  max?: number;
}

/** One line of text that is a property of the content. */
function Line<C extends ReplyContent>({ content, name, label, hint, max = 1024, onChange }: LineProps<C>) {
  const { t } = useI18n();
  return (
    <Field label={t(label)} hint={hint}>
      {(id) => (
        <Input
          id={id}
          value={String(content[name] ?? "")}
          maxLength={max}
          onChange={(event) => onChange({ ...content, [name]: event.target.value.trimStart() })}
          onBlur={(event) => onChange({ ...content, [name]: event.target.value.trim() })}
        />
      )}
    </Field>
  );
}
