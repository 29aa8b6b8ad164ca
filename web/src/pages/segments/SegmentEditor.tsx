import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Tabs } from "antd";
import { useState } from "react";
import { useNavigate } from "react-router";
import { draftSegment } from "../../api/drafts";
import { catalogueQuery, saveSegment } from "../../api/queries";
import type { Segment } from "../../api/types";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { DescribeBox } from "../drafting/DescribeBox";
import { ExportButton } from "../people/list/ExportButton";
import { DeleteButton } from "./DeleteButton";
import { GroupEditor } from "./GroupEditor";
import { JsonEditor } from "./JsonEditor";
import { LookalikeNew } from "./LookalikeNew";
import { Members } from "./Members";
import { OverlapPanel } from "./OverlapPanel";
import { Preview } from "./Preview";
import { type Schedule, ScheduleEditor } from "./ScheduleEditor";
import { SizeChart } from "./SizeChart";
import { SnapshotButton } from "./SnapshotButton";
import styles from "./segments.module.css";
import { asGroup, type Condition, emptyGroup, fromJson, isComplete, toJson } from "./tree";

export function SegmentEditor({ segment }: { segment: Segment | null }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(segment?.name ?? "");
  const [description, setDescription] = useState(segment?.description ?? "");
  const [tree, setTree] = useState<Condition>(() => (segment ? fromJson(segment.definition) : emptyGroup()));
  const [schedule, setSchedule] = useState<Schedule>(segment?.schedule ?? { kind: "live" });
  const save = useMutation({
    mutationFn: () =>
      saveSegment(segment?.id ?? null, {
        name: name.trim(),
        description: description.trim(),
        definition: toJson(tree),
        schedule,
      }),
    onSuccess: (saved) => {
      queries.invalidateQueries({ queryKey: ["segments"] });
      queries.setQueryData(["segment", saved.id], saved);
      navigate(`/segments/${saved.id}`);
    },
  });
  const ready = name.trim() !== "" && isComplete(tree);
  return (
    <Page
      title={segment?.name ?? t("segments.create")}
      back={{ to: "/segments", label: t("nav.segments") }}
      actions={
        <>
          {segment && <ExportButton filter={{ segment: segment.id }} />}
          {segment && <DeleteButton segment={segment} />}
          {segment && <LookalikeNew segment={segment} />}
          {segment && <SnapshotButton segment={segment} />}
          <Button type="primary" disabled={!ready} loading={save.isPending} onClick={() => save.mutate()}>
            {t("save")}
          </Button>
        </>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      {save.isSuccess && (
        <p role="status" className={styles.saved}>
          {t("saved")}
        </p>
      )}
      <div className={styles.editor}>
        <Panel className={styles.main}>
          <div className={styles.naming}>
            <Input
              value={name}
              maxLength={100}
              aria-label={t("segments.name")}
              placeholder={t("segments.name")}
              onChange={(event) => setName(event.target.value)}
            />
            <Input
              value={description}
              maxLength={300}
              aria-label={t("segments.description")}
              placeholder={t("segments.description")}
              onChange={(event) => setDescription(event.target.value)}
            />
          </div>
          <ScheduleEditor segment={segment} schedule={schedule} onChange={setSchedule} />
          <DescribeBox
            placeholder={t("drafting.segmentExample")}
            draft={draftSegment}
            onDraft={(drafted) => setTree(fromJson(drafted.definition))}
          />
          <EditorTabs segment={segment} tree={tree} onChange={setTree} />
        </Panel>
        <Preview tree={tree} />
      </div>
    </Page>
  );
}

interface EditorTabsProps {
  segment: Segment | null;
  tree: Condition;
  onChange: (tree: Condition) => void;
}

function EditorTabs({ segment, tree, onChange }: EditorTabsProps) {
  const { t } = useI18n();
  const { data: catalogue } = useQuery(catalogueQuery);
  const conditions = <GroupEditor group={asGroup(tree)} catalogue={catalogue} onChange={onChange} />;
  const items = [
    { key: "tree", label: t("segments.conditions"), children: conditions },
    { key: "json", label: "JSON", children: <JsonEditor tree={tree} onChange={onChange} /> },
    ...(segment
      ? [
          { key: "members", label: t("segments.members"), children: <Members id={segment.id} /> },
          { key: "size", label: t("sizes.tab"), children: <SizeChart id={segment.id} /> },
          { key: "overlap", label: t("overlap.tab"), children: <OverlapPanel segment={segment} /> },
        ]
      : []),
  ];
  return <Tabs items={items} destroyOnHidden />;
}
