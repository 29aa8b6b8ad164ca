import { Input } from "antd";
import type { MaterialKind, ReplyContent } from "../../../api/types";
import { type MessageKey, useI18n } from "../../../i18n";
import { bytesOf, type ContentOf, TEXT_BYTES_MAX } from "./content";
import { Field } from "./Field";
import { MaterialSelect } from "./MaterialSelect";

interface FieldsProps<C extends ReplyContent> {
  accountId: string;
  content: C;
  onChange: (content: C) => void;
}

/** The fields of one content, by its kind. */
export function ContentFields(props: FieldsProps<ReplyContent>) {
  const { accountId, content, onChange } = props;
  const { t } = useI18n();
  switch (content.kind) {
    case "text":
      return <TextFields accountId={accountId} content={content} onChange={onChange} />;
    case "transfer":
      return (
        <Line
          accountId={accountId}
          content={content}
          name="kf_account"
          label="content.staff"
          hint={t("content.staff.hint")}
          onChange={onChange}
        />
      );
    case "image":
    case "voice":
      return (
        <Media
          accountId={accountId}
          content={content}
          name="media_id"
          kind={content.kind}
          label="content.mediaId"
          onChange={onChange}
        />
      );
    case "video":
      return (
        <>
          <Media
            accountId={accountId}
            content={content}
            name="media_id"
            kind="video"
            label="content.mediaId"
            onChange={onChange}
          />
          <Media
            accountId={accountId}
            content={content}
            name="thumb_media_id"
            kind="image"
            label="content.cover"
            onChange={onChange}
          />
          <Described accountId={accountId} content={content} onChange={onChange} />
        </>
      );
    case "music":
      return (
        <>
          <Described accountId={accountId} content={content} onChange={onChange} />
          <Line
            accountId={accountId}
            content={content}
            name="music_url"
            label="content.musicUrl"
            onChange={onChange}
          />
          <Line
            accountId={accountId}
            content={content}
            name="hq_music_url"
            label="content.hqMusicUrl"
            onChange={onChange}
          />
          <Media
            accountId={accountId}
            content={content}
            name="thumb_media_id"
            kind="image"
            label="content.cover"
            onChange={onChange}
          />
        </>
      );
    case "news":
      return (
        <>
          <Described accountId={accountId} content={content} onChange={onChange} />
          <Line accountId={accountId} content={content} name="url" label="content.url" onChange={onChange} />
          <Line
            accountId={accountId}
            content={content}
            name="picture_url"
            label="content.pictureUrl"
            onChange={onChange}
          />
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
  accountId,
  content,
  onChange,
}: FieldsProps<ContentOf<"video"> | ContentOf<"music"> | ContentOf<"news">>) {
  return (
    <>
      <Line
        accountId={accountId}
        content={content}
        name="title"
        label="content.title"
        max={64}
        onChange={onChange}
      />
      <Line
        accountId={accountId}
        content={content}
        name="description"
        label="content.description"
        max={512}
        onChange={onChange}
      />
    </>
  );
}

interface MediaProps<C extends ReplyContent> extends FieldsProps<C> {
  name: keyof C & string;
  kind: MaterialKind;
  label: MessageKey;
}

/** A file of the account. */
function Media<C extends ReplyContent>({ accountId, content, name, kind, label, onChange }: MediaProps<C>) {
  const { t } = useI18n();
  return (
    <Field label={t(label)} hint={t("material.hint")}>
      {(id) => (
        <MaterialSelect
          id={id}
          accountId={accountId}
          kind={kind}
          value={String(content[name] ?? "")}
          onChange={(media) => onChange({ ...content, [name]: media })}
        />
      )}
    </Field>
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
