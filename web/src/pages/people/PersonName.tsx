import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { Avatar } from "../../ui/Avatar";
import styles from "./people.module.css";

interface PersonNameProps {
  id: string;
  name: string | null;
  seed?: string;
  note?: string | null;
}

export function PersonName({ id, name, seed, note }: PersonNameProps) {
  const { t } = useI18n();
  return (
    <Link to={`/people/${id}`} className={styles.personName}>
      <Avatar seed={seed ?? id} name={name} />
      <span>
        <strong>{name || t("people.unnamed")}</strong>
        {note && <small>{note}</small>}
      </span>
    </Link>
  );
}
