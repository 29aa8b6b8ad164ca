import { FileOutlined, PictureOutlined, PlayCircleOutlined } from "@ant-design/icons";
import {
  fileContent,
  type ShownPart,
  type WelcomeDraft,
  type WelcomePart,
  type WelcomeTrialOutcome,
} from "../../../api/wecom/welcomes";
import { useI18n } from "../../../i18n";
import phone from "../../channels/content/phone.module.css";
import styles from "./welcomes.module.css";

interface PhoneViewProps {
  draft: WelcomeDraft;
  /** What the server rendered; without it the draft is shown as it is written. */
  outcome?: WelcomeTrialOutcome;
}

/** The welcome as the customer sees it. */
export function PhoneView({ draft, outcome }: PhoneViewProps) {
  const { t } = useI18n();
  const written = draft.slots.find((slot) => slot.period === null)?.variants[0]?.content;
  const text = outcome ? outcome.text : written?.text;
  const parts = outcome ? outcome.parts : (written?.parts ?? []).map(shown);
  return (
    <figure className={phone.phone} aria-label={t("phone.label")} data-testid="phone-preview">
      <figcaption className={phone.bar}>{draft.name || t("nav.welcomes")}</figcaption>
      <div className={phone.talk}>
        {text && <p className={phone.theirs}>{text}</p>}
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part has no name but its place.
          <PartView key={index} part={part} />
        ))}
      </div>
    </figure>
  );
}

function shown(part: WelcomePart): ShownPart {
  const nothing = { title: "", description: "", url: "", picture_url: "", media: "" };
  if (part.kind === "mini_program") return { ...nothing, ...part, url: part.page };
  return { ...nothing, ...part };
}

function PartView({ part }: { part: ShownPart }) {
  const { t } = useI18n();
  const media = part.media ?? "";
  if (part.kind === "image")
    return media ? (
      <img src={fileContent(media)} alt={t("wecom.welcomes.part.image")} className={styles.picture} />
    ) : (
      <div className={phone.media}>
        <PictureOutlined />
      </div>
    );
  if (part.kind === "video" || part.kind === "file")
    return (
      <div className={phone.media}>
        {part.kind === "video" ? <PlayCircleOutlined /> : <FileOutlined />}
        <span>{t(`wecom.welcomes.part.${part.kind}`)}</span>
      </div>
    );
  return (
    <div className={phone.card} title={part.url}>
      <strong>{part.title || "…"}</strong>
      <span>
        <small>{part.description || t(`wecom.welcomes.part.${part.kind}`)}</small>
        {part.picture_url?.startsWith("http") ? (
          <img src={part.picture_url} alt="" referrerPolicy="no-referrer" />
        ) : (
          <PictureOutlined aria-hidden className={phone.cardIcon} />
        )}
      </span>
    </div>
  );
}
