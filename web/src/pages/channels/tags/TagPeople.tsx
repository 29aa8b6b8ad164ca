import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Segmented, Select } from "antd";
import { useState } from "react";
import { tagPeople } from "../../../api/channels";
import { segmentMemberIds, segmentsQuery } from "../../../api/queries";
import type { AccountTag } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { useFormat } from "../../../ui/useFormat";
import type { TabProps } from "../ChannelPage";
import styles from "../channels.module.css";
import { Field } from "../content/Field";
import { PeopleSelect } from "../PeopleSelect";
import { PEOPLE_MAX } from "./names";

interface TagPeopleProps extends TabProps {
  tag: AccountTag;
  onClose: () => void;
}

type Source = "people" | "segment";

const WIDTH = 440;

/** Giving a tag to people, or taking it: some that are named, or everybody in a segment. */
export function TagPeople({ account, tag, onClose }: TagPeopleProps) {
  const { t } = useI18n();
  const [source, setSource] = useState<Source>("people");
  const [people, setPeople] = useState<readonly string[]>([]);
  const [segment, setSegment] = useState<string>();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: async (wanted: boolean) => {
      const ids = source === "people" ? people : await segmentMemberIds(segment ?? "", PEOPLE_MAX);
      if (ids.length === 0) return { waiting: 0, without_account: 0 };
      return tagPeople(account.id, tag.id, ids, wanted);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["account-tags", account.id] }),
  });
  const isReady = source === "people" ? people.length > 0 : segment !== undefined;
  return (
    <Drawer open onClose={onClose} size={WIDTH} title={t("tags.give.title", { name: tag.name })}>
      <div className={styles.stack} data-testid="tag-people">
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
        <p className={styles.rowTools}>
          {[true, false].map((wanted) => (
            <Button
              key={String(wanted)}
              type={wanted ? "primary" : "default"}
              disabled={!isReady}
              loading={change.isPending && change.variables === wanted}
              onClick={() => change.mutate(wanted)}
            >
              {t(wanted ? "tags.giveNow" : "tags.takeNow")}
            </Button>
          ))}
        </p>
        {change.error && <ErrorNotice error={change.error} />}
        <div role="status">{change.data && <Taken {...change.data} />}</div>
      </div>
    </Drawer>
  );
}

function Taken({ waiting, without_account }: { waiting: number; without_account: number }) {
  const { t } = useI18n();
  const format = useFormat();
  return (
    <>
      <p className={styles.good}>{t("tags.taken", { count: format.count(waiting), n: waiting })}</p>
      {without_account > 0 && (
        <p className="soft">
          {t("tags.withoutAccount", { count: format.count(without_account), n: without_account })}
        </p>
      )}
    </>
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
