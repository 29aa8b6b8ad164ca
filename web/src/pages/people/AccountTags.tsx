import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { officialAccountsQuery, personTagsQuery } from "../../api/channels";
import type { PersonTag } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import styles from "./people.module.css";

/** What official accounts have tagged a person with; each tag leads to where it is given and taken. */
export function AccountTags({ personId }: { personId: string }) {
  const { t } = useI18n();
  const tags = useQuery(personTagsQuery(personId));
  const accounts = useQuery(officialAccountsQuery);
  const nameOf = (tag: PersonTag) => accounts.data?.items.find((each) => each.id === tag.account_id)?.name;
  if (!tags.data && !tags.error) return null;
  return (
    <Panel title={t("person.accountTags")} testId="person-account-tags">
      {tags.error && !tags.data && <ErrorNotice error={tags.error} onRetry={tags.refetch} />}
      {tags.data?.items.length === 0 && <p className="muted">{t("person.accountTags.empty")}</p>}
      <ul className={styles.tags}>
        {tags.data?.items.map((tag) => (
          <li key={`${tag.account_id}:${tag.id}`}>
            <Link to={`/channels/${tag.account_id}?tab=tags`} title={nameOf(tag)}>
              <Tag tone="blue">{tag.name}</Tag>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
