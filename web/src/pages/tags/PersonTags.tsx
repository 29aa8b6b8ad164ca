import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Select } from "antd";
import { useState } from "react";
import {
  type CarriedTag,
  carriedTagsQuery,
  changeTagsOf,
  type TagChange,
  tagBookQuery,
} from "../../api/personTags";
import { useNow, useZone } from "../../app/session";
import { formatDate } from "../../format/times";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import peopleStyles from "../people/people.module.css";
import styles from "../wecom/tags/tags.module.css";
import { toneOf } from "./colors";

/** How long a tag given here lasts, in days; 0: as long as the tag itself says. */
const LASTING = [0, 7, 30, 90, 365] as const;
const DAY_MS = 86_400_000;

/** What a person carries of our own tags; giving and taking is choosing in the list below. */
export function PersonTags({ personId }: { personId: string }) {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(carriedTagsQuery(personId));
  return (
    <Panel title={t("nav.tags")} testId="person-own-tags">
      {error && !data && <ErrorNotice error={error} onRetry={refetch} />}
      {data?.items.length === 0 && <p className="muted">{t("ownTags.ofPerson.empty")}</p>}
      <ul className={peopleStyles.tags}>
        {data?.items.map((tag) => (
          <li key={tag.id}>
            <Carried tag={tag} />
          </li>
        ))}
      </ul>
      {data && <Change personId={personId} carried={data.items} />}
    </Panel>
  );
}

function Carried({ tag }: { tag: CarriedTag }) {
  const { t } = useI18n();
  const zone = useZone();
  const words = [tag.group, t(`ownTags.origin.${tag.origin}`), tag.actor, formatDate(tag.given_at, zone)];
  const end = tag.expires_at && t("ownTags.until", { date: formatDate(tag.expires_at, zone) });
  return (
    <span title={words.filter(Boolean).join(" · ")}>
      <Tag tone={toneOf(tag.color)}>
        {tag.name}
        {end && ` · ${end}`}
      </Tag>
    </span>
  );
}

function Change({ personId, carried }: { personId: string; carried: readonly CarriedTag[] }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const { data } = useQuery(tagBookQuery);
  const now = useNow();
  const [days, setDays] = useState(0);
  const end = () => (days ? new Date(now.getTime() + days * DAY_MS).toISOString() : undefined);
  const change = useMutation({
    mutationFn: (wanted: TagChange) => changeTagsOf([personId], wanted),
    onSettled: () => {
      queries.invalidateQueries({ queryKey: ["carried-tags", personId] });
      queries.invalidateQueries({ queryKey: ["person-tags"] });
    },
  });
  const groups = data?.groups.filter((group) => group.tags.length > 0) ?? [];
  // Said by hand of a tag that has a rule: the rule is silent until it is let go.
  const withRule = new Set(
    groups
      .flatMap((group) => group.tags)
      .filter((tag) => tag.rule_segment)
      .map((tag) => tag.id),
  );
  const ruled = carried.filter((tag) => withRule.has(tag.id) && tag.origin !== "rule");
  if (groups.length === 0) return null;
  return (
    <div className={styles.stack} style={{ marginTop: 12 }}>
      <Select
        mode="multiple"
        aria-label={t("ownTags.change")}
        placeholder={t("ownTags.change")}
        value={carried.map((tag) => tag.id)}
        loading={change.isPending}
        optionFilterProp="label"
        onSelect={(id: string) => change.mutate({ add: [id], expires_at: end() })}
        onDeselect={(id: string) => change.mutate({ remove: [id] })}
        options={groups.map((group) => ({
          label: group.name,
          options: group.tags.map((tag) => ({ value: tag.id, label: tag.name })),
        }))}
      />
      <Select
        size="small"
        aria-label={t("ownTags.lasting")}
        value={days}
        onChange={setDays}
        options={LASTING.map((each) => ({
          value: each,
          label: each ? t("ownTags.lasting.days", { count: each }) : t("ownTags.lasting.own"),
        }))}
      />
      {ruled.map((tag) => (
        <Button key={tag.id} size="small" onClick={() => change.mutate({ release: [tag.id] })}>
          {t("ownTags.release", { name: tag.name })}
        </Button>
      ))}
      {change.error && <ErrorNotice error={change.error} />}
    </div>
  );
}
