import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { personFormsQuery } from "../../api/forms";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { PanelSkeleton } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { Values } from "./Answers";
import styles from "./forms.module.css";

/** What one person answered, on their page. */
export function PersonForms({ personId }: { personId: string }) {
  const { t } = useI18n();
  const ago = useAgo();
  const { data, error, refetch } = useQuery(personFormsQuery(personId));
  return (
    <Panel title={t("forms.person.title")} testId="person-forms">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {!data && !error && <PanelSkeleton />}
      {data?.items.length === 0 && <p className="muted">{t("forms.person.none")}</p>}
      <div className={styles.stack}>
        {data?.items.map((one) => (
          <section key={one.answer.id}>
            <div className={styles.row}>
              <Link to={`/forms/${one.form}`}>{one.name}</Link>
              <span className="muted">{ago(one.answer.submitted_at)}</span>
              {one.answer.is_repeat && <Tag tone="amber">{t("forms.answer.repeat")}</Tag>}
            </div>
            <Values form={one.form} answer={one.answer} />
          </section>
        ))}
      </div>
    </Panel>
  );
}
