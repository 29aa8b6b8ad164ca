import { Link } from "react-router";
import type { LoggedDeed } from "../../api/audit";
import { type MessageKey, useI18n } from "../../i18n";
import styles from "./audit.module.css";

/** Where a thing has a page, by the beginning of its id. */
const PAGES: Record<string, string> = {
  per: "/people",
  seg: "/segments",
  jrn: "/journeys",
  exp: "/experiments",
  frm: "/forms",
};

/** What was done: the permission it took, and the action by its technical name. */
export function Deed({ entry }: { entry: LoggedDeed }) {
  const { t } = useI18n();
  return (
    <span className={styles.deed}>
      <span>{t(wordOf(entry))}</span>
      <code className={styles.below}>{entry.action}</code>
    </span>
  );
}

function wordOf({ action, permission }: LoggedDeed): MessageKey {
  if (permission) return `permission.${permission}` as MessageKey;
  return action === "sign_in" ? "audit.signIn" : "audit.signedIn";
}

/** What it was done to, and what was said of it. */
export function Objects({ entry }: { entry: LoggedDeed }) {
  const said = Object.entries(entry.said);
  return (
    <span className={styles.deed}>
      {Object.values(entry.objects).map((id) => (
        <Thing key={id} id={id} />
      ))}
      {said.map(([name, value]) => (
        <span key={name} className={styles.below}>
          {name}: {String(value)}
        </span>
      ))}
      {said.length === 0 && entry.fields.length > 0 && (
        <span className={styles.below}>{entry.fields.join(", ")}</span>
      )}
    </span>
  );
}

function Thing({ id }: { id: string }) {
  const page = PAGES[id.slice(0, id.indexOf("_"))];
  return page ? <Link to={`${page}/${id}`}>{id}</Link> : <code>{id}</code>;
}
