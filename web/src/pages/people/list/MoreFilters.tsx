import { FilterOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Badge, Button, Drawer, Input, Select } from "antd";
import { useState } from "react";
import { listOptionsQuery, type PeopleFilter } from "../../../api/peopleLists";
import { catalogueQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";
import { Field } from "../../channels/content/Field";
import { GroupEditor } from "../../segments/GroupEditor";
import {
  asGroup,
  type Condition,
  countLeaves,
  emptyGroup,
  fromJson,
  isComplete,
  toJson,
} from "../../segments/tree";
import styles from "./list.module.css";
import { identityKey } from "./listing";

interface Props {
  filter: PeopleFilter;
  onChange: (part: Partial<PeopleFilter>) => void;
}

const WIDTH = 720;

/** Filters that take more than a field in a row: an identifier, days, conditions as segments have them. */
export function MoreFilters({ filter, onChange }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const { identity, first_seen_from, first_seen_to, conditions } = filter;
  const active = [identity, first_seen_from || first_seen_to, conditions].filter(Boolean).length;
  return (
    <>
      <Badge count={active} size="small">
        <Button icon={<FilterOutlined aria-hidden />} onClick={() => setOpen(true)}>
          {t("peopleList.more")}
        </Button>
      </Badge>
      {open && <FilterDrawer filter={filter} onChange={onChange} onClose={() => setOpen(false)} />}
    </>
  );
}

function FilterDrawer({ filter, onChange, onClose }: Props & { onClose: () => void }) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  const [draft, setDraft] = useState(filter);
  const [tree, setTree] = useState<Condition>(() =>
    filter.conditions ? readableTree(filter.conditions) : emptyGroup(),
  );
  const ready = isComplete(tree);
  const apply = () => {
    onChange({
      identity: draft.identity,
      first_seen_from: draft.first_seen_from,
      first_seen_to: draft.first_seen_to,
      conditions: countLeaves(tree) > 0 ? (toJson(tree) as Record<string, unknown>) : undefined,
    });
    onClose();
  };
  return (
    <Drawer
      open
      size={WIDTH}
      title={t("peopleList.more")}
      onClose={onClose}
      footer={
        <div className={styles.footer}>
          <Button
            onClick={() => {
              onChange({
                identity: undefined,
                first_seen_from: undefined,
                first_seen_to: undefined,
                conditions: undefined,
              });
              onClose();
            }}
          >
            {t("filter.clear")}
          </Button>
          <Button type="primary" disabled={!ready} onClick={apply}>
            {t("peopleList.apply")}
          </Button>
        </div>
      }
    >
      <div className={styles.stack} data-testid="people-filters">
        <IdentityField
          value={draft.identity}
          onChange={(identity) => setDraft((now) => ({ ...now, identity }))}
        />
        <DaysField draft={draft} onChange={(part) => setDraft((now) => ({ ...now, ...part }))} />
        <section>
          <h3 className={styles.heading}>{t("segments.conditions")}</h3>
          <p className="muted">{t("peopleList.conditions.hint")}</p>
          <GroupEditor group={asGroup(tree)} catalogue={catalogue} onChange={setTree} />
        </section>
      </div>
    </Drawer>
  );
}

function IdentityField({
  value,
  onChange,
}: {
  value: PeopleFilter["identity"];
  onChange: (value: PeopleFilter["identity"]) => void;
}) {
  const { t, has } = useI18n();
  const { data } = useQuery(listOptionsQuery);
  const word = (namespace: string) => {
    const key = `namespace.${namespace}`;
    return has(key) ? t(key) : namespace;
  };
  const kinds = new Map<string, { namespace: string; scope?: string }>();
  for (const { namespace, scope } of data?.identities ?? []) {
    kinds.set(namespace, { namespace });
    if (scope) kinds.set(identityKey({ namespace, scope }), { namespace, scope });
  }
  if (value) kinds.set(identityKey(value), value);
  return (
    <Field label={t("peopleList.identity")} hint={t("peopleList.identity.hint")}>
      {(id) => (
        <Select
          id={id}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          value={value && identityKey(value)}
          onChange={(key: string | undefined) => onChange(key ? kinds.get(key) : undefined)}
          options={[...kinds].map(([key, one]) => ({
            value: key,
            label: one.scope ? `${word(one.namespace)} · ${one.scope}` : word(one.namespace),
          }))}
          style={{ width: "100%" }}
        />
      )}
    </Field>
  );
}

function DaysField({ draft, onChange }: { draft: PeopleFilter; onChange: (part: PeopleFilter) => void }) {
  const { t } = useI18n();
  return (
    <div className={styles.days}>
      <Field label={t("peopleList.from")}>
        {(id) => (
          <Input
            id={id}
            type="date"
            max={draft.first_seen_to}
            value={draft.first_seen_from ?? ""}
            onChange={(event) => onChange({ first_seen_from: event.target.value || undefined })}
          />
        )}
      </Field>
      <Field label={t("peopleList.to")}>
        {(id) => (
          <Input
            id={id}
            type="date"
            min={draft.first_seen_from}
            value={draft.first_seen_to ?? ""}
            onChange={(event) => onChange({ first_seen_to: event.target.value || undefined })}
          />
        )}
      </Field>
    </div>
  );
}

/** A tree of a link somebody changed by hand may be none: the editor starts anew. */
function readableTree(stored: Record<string, unknown>): Condition {
  try {
    return asGroup(fromJson(stored as Parameters<typeof fromJson>[0]));
  } catch {
    return emptyGroup();
  }
}
