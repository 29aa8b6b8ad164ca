import {
  CustomerServiceOutlined,
  PictureOutlined,
  PlayCircleOutlined,
  SoundOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import type { ReactNode } from "react";
import type { ReplyContent } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { linkPieces } from "./content";
import styles from "./phone.module.css";

interface PhonePreviewProps {
  /** The account's name, at the top of the screen. */
  title: string;
  /** What the person said or did before the answer. */
  said?: ReactNode;
  contents: readonly ReplyContent[];
  /** What lies at the foot of the screen: a menu, where it is what the preview is about. */
  foot?: ReactNode;
  /** Stands between what was said and the answer, where there is no answer. */
  note?: ReactNode;
}

/** A conversation as the person sees it on a phone. */
export function PhonePreview({ title, said, contents, foot, note }: PhonePreviewProps) {
  const { t } = useI18n();
  return (
    <figure className={styles.phone} aria-label={t("phone.label")} data-testid="phone-preview">
      <figcaption className={styles.bar}>{title}</figcaption>
      <div className={styles.talk}>
        {said && <p className={styles.mine}>{said}</p>}
        {contents.map((content, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a content has no name but its place.
          <Bubble key={index} content={content} />
        ))}
        {note && <p className={styles.note}>{note}</p>}
      </div>
      {foot}
    </figure>
  );
}

function Bubble({ content }: { content: ReplyContent }) {
  const { t } = useI18n();
  switch (content.kind) {
    case "text":
      return <p className={styles.theirs}>{content.text ? <Words text={content.text} /> : "…"}</p>;
    case "image":
      return <Media icon={<PictureOutlined />} label={t("contentKind.image")} id={content.media_id} />;
    case "voice":
      return <Media icon={<SoundOutlined />} label={t("contentKind.voice")} id={content.media_id} />;
    case "video":
      return (
        <Media
          icon={<PlayCircleOutlined />}
          label={content.title || t("contentKind.video")}
          id={content.media_id}
        />
      );
    case "music":
      return (
        <div className={styles.card}>
          <strong>{content.title || t("contentKind.music")}</strong>
          <span>
            <small>{content.description}</small>
            <CustomerServiceOutlined aria-hidden className={styles.cardIcon} />
          </span>
        </div>
      );
    case "news":
      return <Article content={content} />;
    default:
      return (
        <p className={styles.note}>
          <TeamOutlined aria-hidden /> {t("phone.transfer")}{" "}
          {content.kind === "transfer" && content.kf_account}
        </p>
      );
  }
}

function Words({ text }: { text: string }) {
  return linkPieces(text).map((piece, index) =>
    piece.href === null ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no name but their place.
      <span key={index}>{piece.text}</span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no name but their place.
      <span key={index} className={styles.link} title={piece.href}>
        {piece.text}
      </span>
    ),
  );
}

function Media({ icon, label, id }: { icon: ReactNode; label: string; id: string }) {
  return (
    <div className={styles.media}>
      {icon}
      <span>{label}</span>
      <small className="mono">{id || "…"}</small>
    </div>
  );
}

function Article({ content }: { content: Extract<ReplyContent, { kind?: "news" }> }) {
  return (
    <div className={styles.card}>
      <strong>{content.title || "…"}</strong>
      <span>
        <small>{content.description}</small>
        {content.picture_url?.startsWith("http") ? (
          // The platform's pictures refuse to load beneath another site's name.
          <img src={content.picture_url} alt="" referrerPolicy="no-referrer" />
        ) : (
          <PictureOutlined aria-hidden className={styles.cardIcon} />
        )}
      </span>
    </div>
  );
}
