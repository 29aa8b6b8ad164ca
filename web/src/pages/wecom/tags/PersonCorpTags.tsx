import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Select } from "antd";
import { corpsQuery } from "../../../api/wecom/corps";
import {
  corpTagsQuery,
  type PersonCorpTag,
  personCorpTagsQuery,
  tagCustomers,
} from "../../../api/wecom/tags";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Panel } from "../../../ui/Page";
import { Tag, type Tone } from "../../../ui/Tag";
import peopleStyles from "../../people/people.module.css";
import styles from "./tags.module.css";

function toneOf(tag: PersonCorpTag): Tone {
  if (tag.failed_zh) return "red";
  return tag.wanted === null ? "blue" : "amber";
}

/** The corp tags of a person, by the member who has them as a customer; absent without a company. */
export function PersonCorpTags({ personId }: { personId: string }) {
  const { t } = useI18n();
  const corps = useQuery(corpsQuery);
  const tags = useQuery({ ...personCorpTagsQuery(personId), enabled: Boolean(corps.data?.items.length) });
  if (!corps.data?.items.length || !tags.data) return null;
  const items = tags.data.items;
  const staff = [...new Set(items.map((tag) => tag.staff))];
  return (
    <Panel title={t("wecom.tags.ofPerson")} testId="person-corp-tags">
      {staff.length === 0 && <p className="muted">{t("wecom.tags.ofPerson.empty")}</p>}
      {staff.map((userid) => (
        <div key={userid}>
          <p className={styles.small}>{t("wecom.tags.ofStaff", { staff: userid })}</p>
          <ul className={peopleStyles.tags}>
            {items
              .filter((tag) => tag.staff === userid)
              .map((tag) => (
                <li key={tag.id}>
                  <PersonTag tag={tag} />
                </li>
              ))}
          </ul>
        </div>
      ))}
      {corps.data.items.map((corp) => (
        <GiveTags key={corp.id} corp={corp.id} personId={personId} />
      ))}
    </Panel>
  );
}

function PersonTag({ tag }: { tag: PersonCorpTag }) {
  const { t, locale } = useI18n();
  const failed = locale === "zh" ? tag.failed_zh : tag.failed_en;
  const isComing = tag.wanted === true && !tag.carried;
  const isGoing = tag.wanted === false && tag.carried;
  const state = isComing ? t("wecom.tags.coming") : isGoing ? t("wecom.tags.going") : failed;
  return (
    <span title={`${tag.group}${state ? ` · ${state}` : ""}`}>
      <Tag tone={toneOf(tag)}>
        {tag.name}
        {(isComing || isGoing) && ` · ${state}`}
      </Tag>
    </span>
  );
}

/** Tags are given to every relation of the person; the list keeps the platform's groups. */
function GiveTags({ corp, personId }: { corp: string; personId: string }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(corpTagsQuery(corp));
  const carried = useQuery(personCorpTagsQuery(personId)).data?.items ?? [];
  const here = carried.filter((tag) => tag.corp === corp && (tag.wanted ?? tag.carried));
  const change = useMutation({
    mutationFn: ({ add, remove }: { add?: string; remove?: string }) =>
      tagCustomers({ corp, people: [personId], add: add ? [add] : [], remove: remove ? [remove] : [] }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["person-corp-tags", personId] }),
  });
  if (!data || data.groups.length === 0) return null;
  return (
    <div className={styles.stack} style={{ marginTop: 12 }}>
      <Select
        mode="multiple"
        aria-label={t("wecom.tags.change")}
        placeholder={t("wecom.tags.change")}
        value={[...new Set(here.map((tag) => tag.id))]}
        loading={change.isPending}
        optionFilterProp="label"
        onSelect={(add: string) => change.mutate({ add })}
        onDeselect={(remove: string) => change.mutate({ remove })}
        options={data.groups.map((group) => ({
          label: group.name,
          options: group.tags.map((tag) => ({ value: tag.id, label: tag.name })),
        }))}
        style={{ width: "100%" }}
      />
      {change.error && <ErrorNotice error={change.error} />}
      {change.data && change.data.without_relation > 0 && (
        <p className={styles.small}>{t("wecom.tags.noRelation")}</p>
      )}
    </div>
  );
}
