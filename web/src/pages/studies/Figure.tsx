import type { ReactNode } from "react";
import { Link } from "react-router";
import type { PersonFigure } from "../../api/studies";
import { useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { type MessageKey, useI18n } from "../../i18n";
import { Tag } from "../../ui/Tag";
import styles from "./studies.module.css";

/** What one study last said of a person. */
export function Figure({ kind, figure, tag, children }: FigureProps) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <section className={styles.figure} data-testid={`person-${kind}`}>
      <h3>
        <Link to={`/${kind}`}>{t(`nav.${kind}` as MessageKey)}</Link> <Tag tone="jade">{tag}</Tag>
      </h3>
      {children}
      <p className={styles.why}>{t("study.person.asOf", { at: formatDateTime(figure.as_of, zone) })}</p>
    </section>
  );
}

interface FigureProps {
  kind: string;
  figure: PersonFigure;
  tag: string;
  children?: ReactNode;
}

export function Line({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="num">{value}</dd>
    </div>
  );
}
