import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Segmented, Select } from "antd";
import { useState } from "react";
import { segmentMemberIds, segmentsQuery } from "../../../api/queries";
import { type CorpTag, type CorpTaggingTaken, tagCustomers } from "../../../api/wecom/tags";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useFormat } from "../../../ui/useFormat";
import { Field } from "../../channels/content/Field";
import { PeopleSelect } from "../../channels/PeopleSelect";
import { PEOPLE_MAX } from "./names";
import styles from "./tags.module.css";

interface TagCustomersProps {
  corp: string;
  tag: CorpTag;
  onClose: () => void;
}

type Source = "people" | "segment";

/** Giving a tag to customers, or taking it: some that are named, or everybody in a segment. */
export function TagCustomers({ corp, tag, onClose }: TagCustomersProps) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [source, setSource] = useState<Source>("people");
  const [people, setPeople] = useState<readonly string[]>([]);
  const [segment, setSegment] = useState<string>();
  const change = useMutation({
    mutationFn: async (isGiven: boolean): Promise<CorpTaggingTaken> => {
      const ids = source === "people" ? people : await segmentMemberIds(segment ?? "", PEOPLE_MAX);
      if (ids.length === 0) return { waiting: 0, without_relation: 0 };
      return tagCustomers({ corp, people: ids, [isGiven ? "add" : "remove"]: [tag.id] });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["corp-tags", corp] }),
  });
  const isReady = source === "people" ? people.length > 0 : segment !== undefined;
  return (
    <Drawer open onClose={onClose} size={440} title={t("wecom.tags.give.title", { name: tag.name })}>
      <div className={styles.stack} data-testid="tag-customers">
        <p className="soft">{t("wecom.tags.give.text")}</p>
        <Segmented<Source>
          value={source}
          onChange={(next) => {
            change.reset();
            setSource(next);
          }}
          options={(["people", "segment"] as const).map((value) => ({
            value,
            label: t(`tags.source.${value}`),
          }))}
        />
        {source === "people" ? (
          <Field label={t("tags.source.people")} hint={t("tags.source.people.hint")}>
            {(id) => <PeopleSelect id={id} value={people} onChange={setPeople} max={PEOPLE_MAX} />}
          </Field>
        ) : (
          <SegmentPicker value={segment} onChange={setSegment} />
        )}
        <p className={styles.tools}>
          {[true, false].map((isGiven) => (
            <Button
              key={String(isGiven)}
              type={isGiven ? "primary" : "default"}
              disabled={!isReady}
              loading={change.isPending && change.variables === isGiven}
              onClick={() => change.mutate(isGiven)}
            >
              {t(isGiven ? "tags.giveNow" : "tags.takeNow")}
            </Button>
          ))}
        </p>
        {change.error && <ErrorNotice error={change.error} />}
        <div role="status">{change.data && <Taken {...change.data} />}</div>
      </div>
    </Drawer>
  );
}

function SegmentPicker({ value, onChange }: { value?: string; onChange: (id: string) => void }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data } = useQuery(segmentsQuery);
  return (
    <Field label={t("tags.source.segment")} hint={t("tags.source.segment.hint")}>
      {(id) => (
        <Select
          id={id}
          value={value}
          onChange={onChange}
          options={data?.items.map((segment) => ({
            value: segment.id,
            label: `${segment.name} · ${format.count(segment.count)}`,
            disabled: segment.count > PEOPLE_MAX,
          }))}
          style={{ width: "100%" }}
        />
      )}
    </Field>
  );
}

function Taken({ waiting, without_relation }: CorpTaggingTaken) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <p>{t("wecom.tags.taken", { count: format.count(waiting), n: waiting })}</p>
      {without_relation > 0 && (
        <p className="soft">
          {t("wecom.tags.withoutRelation", { count: format.count(without_relation), n: without_relation })}
        </p>
      )}
    </>
  );
}
