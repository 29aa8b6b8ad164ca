import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Segmented, Select } from "antd";
import { useState } from "react";
import { type JobDraft, jobPreviewQuery, type OwnTag, startTagJob } from "../../api/personTags";
import { segmentsQuery } from "../../api/queries";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { useFormat } from "../../ui/useFormat";
import { Field } from "../channels/content/Field";
import { PeopleSelect } from "../channels/PeopleSelect";
import styles from "../wecom/tags/tags.module.css";

type Source = "people" | "segment";
const PEOPLE_MAX = 1000;

/** A tag for many people, or taken from them: whom it is about is counted before anything happens. */
export function GiveToMany({ tag, onClose }: { tag: OwnTag; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [source, setSource] = useState<Source>("segment");
  const [people, setPeople] = useState<readonly string[]>([]);
  const [segment, setSegment] = useState<string>();
  const { data: segments } = useQuery(segmentsQuery);
  const isReady = source === "people" ? people.length > 0 : segment !== undefined;
  const audience: JobDraft = source === "people" ? { people } : { segment };
  const preview = useQuery({ ...jobPreviewQuery({ ...audience, add: [tag.id] }), enabled: isReady });
  const start = useMutation({
    mutationFn: (isGiven: boolean) => startTagJob({ ...audience, [isGiven ? "add" : "remove"]: [tag.id] }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ["person-tag-jobs"] });
      onClose();
    },
  });
  const error = preview.error ?? start.error;
  return (
    <Drawer open onClose={onClose} size={440} title={t("ownTags.give.title", { name: tag.name })}>
      <div className={styles.stack} data-testid="give-person-tag">
        <Segmented<Source>
          value={source}
          onChange={setSource}
          options={(["segment", "people"] as const).map((value) => ({
            value,
            label: t(`tags.source.${value}`),
          }))}
        />
        {source === "people" ? (
          <Field label={t("tags.source.people")} hint={t("tags.source.people.hint")}>
            {(id) => <PeopleSelect id={id} value={people} onChange={setPeople} max={PEOPLE_MAX} />}
          </Field>
        ) : (
          <Field label={t("tags.source.segment")} hint={t("ownTags.segment.hint")}>
            {(id) => (
              <Select
                id={id}
                showSearch={{ optionFilterProp: "label" }}
                value={segment}
                onChange={setSegment}
                options={segments?.items.map((one) => ({ value: one.id, label: one.name }))}
                style={{ width: "100%" }}
              />
            )}
          </Field>
        )}
        <Counted isReady={isReady} people={preview.data?.people} holding={preview.data?.holding[tag.id]} />
        <p className={styles.tools}>
          {[true, false].map((isGiven) => (
            <Button
              key={String(isGiven)}
              type={isGiven ? "primary" : "default"}
              disabled={!isReady || !preview.data}
              loading={start.isPending && start.variables === isGiven}
              onClick={() => start.mutate(isGiven)}
            >
              {t(isGiven ? "tags.giveNow" : "tags.takeNow")}
            </Button>
          ))}
        </p>
        {error && <ErrorNotice error={error} />}
      </div>
    </Drawer>
  );
}

function Counted({ isReady, people, holding }: { isReady: boolean; people?: number; holding?: number }) {
  const { t } = useI18n();
  const format = useFormat();
  if (!isReady || people === undefined) return null;
  return (
    <p role="status">
      {t("ownTags.preview", { people: format.count(people), holding: format.count(holding ?? 0) })}
    </p>
  );
}
