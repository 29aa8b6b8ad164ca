import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Tabs } from "antd";
import { useState } from "react";
import { listQuery } from "../../api/lists";
import { saveSegment } from "../../api/queries";
import type { Segment } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import { Bone } from "../../ui/PageSkeleton";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { ExportButton } from "../people/list/ExportButton";
import { DeleteButton } from "./DeleteButton";
import { UploadButton } from "./ListUpload";
import { ListVersions } from "./ListVersions";
import { LookalikeNew } from "./LookalikeNew";
import { LookalikePanel } from "./LookalikePanel";
import { Members } from "./Members";
import { OverlapPanel } from "./OverlapPanel";
import { SizeChart } from "./SizeChart";
import styles from "./segments.module.css";

/** A list: who is on it, and every upload or snapshot that made it so. */
export function ListEditor({ segment }: { segment: Segment }) {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const queries = useQueryClient();
  const list = useQuery(listQuery(segment.id));
  const [name, setName] = useState(segment.name);
  const [description, setDescription] = useState(segment.description);
  const save = useMutation({
    mutationFn: () =>
      saveSegment(segment.id, {
        name: name.trim(),
        description: description.trim(),
        definition: segment.definition,
      }),
    onSuccess: (saved) => {
      queries.invalidateQueries({ queryKey: ["segments"] });
      queries.setQueryData(["segment", saved.id], saved);
    },
  });
  const changed = name.trim() !== segment.name || description.trim() !== segment.description;
  const items = [
    ...(list.data?.is_lookalike
      ? [{ key: "lookalike", label: t("lookalike.tab"), children: <LookalikePanel id={segment.id} /> }]
      : []),
    {
      key: "versions",
      label: t("list.versions"),
      children: list.error ? (
        <ErrorNotice error={list.error} onRetry={list.refetch} />
      ) : list.data ? (
        <ListVersions id={segment.id} versions={list.data.versions} />
      ) : (
        <Bone height={120} />
      ),
    },
    { key: "members", label: t("segments.members"), children: <Members id={segment.id} /> },
    { key: "size", label: t("sizes.tab"), children: <SizeChart id={segment.id} /> },
    { key: "overlap", label: t("overlap.tab"), children: <OverlapPanel segment={segment} /> },
  ];
  return (
    <Page
      title={segment.name}
      lead={
        <>
          <Tag>{t("segmentKind.list")}</Tag>{" "}
          {t("people.total", { count: format.count(segment.count), n: segment.count })}
          {segment.as_of && ` · ${ago(segment.as_of)}`}
        </>
      }
      back={{ to: "/segments", label: t("nav.segments") }}
      actions={
        <>
          <ExportButton filter={{ segment: segment.id }} />
          <DeleteButton segment={segment} />
          <LookalikeNew segment={segment} />
          {list.data && !list.data.is_lookalike && (
            <UploadButton
              segment={segment}
              onDone={() => queries.invalidateQueries({ queryKey: ["segment-members", segment.id] })}
            />
          )}
          <Button
            type="primary"
            disabled={!changed || name.trim() === ""}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t("save")}
          </Button>
        </>
      }
    >
      {save.error && <ErrorNotice error={save.error} />}
      <Panel>
        <div className={styles.naming}>
          <Input
            value={name}
            maxLength={100}
            aria-label={t("segments.name")}
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
        <Tabs key={String(list.data?.is_lookalike)} items={items} destroyOnHidden />
      </Panel>
    </Page>
  );
}
