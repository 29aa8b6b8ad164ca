import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { Avatar } from "../../ui/Avatar";
import { knownName } from "./knownName";
import styles from "./people.module.css";

interface PersonNameProps {
  id: string;
  name: string | null;
  seed?: string;
  note?: string | null;
}

export function PersonName({ id, name, seed, note }: PersonNameProps) {
  const { t } = useI18n();
  const known = knownName(id, name);
  return (
    <Link to={`/people/${id}`} className={styles.personName}>
      <Avatar seed={seed ?? id} name={known} />
      <span>
        <strong>{known ?? t("people.unnamed")}</strong>
        <small>{note || (known ? null : id)}</small>
      </span>
    </Link>
  );
}
