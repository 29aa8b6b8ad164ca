import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { segmentsQuery } from "../../api/queries";
import type { Segment } from "../../api/types";
import { useAgo } from "../../app/session";
import { useI18n } from "../../i18n";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Page, Panel } from "../../ui/Page";
import { Tag } from "../../ui/Tag";
import { useFormat } from "../../ui/useFormat";
import { UploadButton } from "./ListUpload";
import styles from "./segments.module.css";
import { countLeaves, fromJson } from "./tree";

export default function SegmentsPage() {
  const { t } = useI18n();
  const format = useFormat();
  const ago = useAgo();
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(segmentsQuery);
  const create = () => navigate("/segments/new");
  const columns: Column<Segment>[] = [
    {
      key: "name",
      title: t("segments.name"),
      lead: true,
      render: (segment) => (
        <Link to={`/segments/${segment.id}`} className={styles.segmentName}>
          <strong>{segment.name}</strong>
          {segment.description && <small>{segment.description}</small>}
        </Link>
      ),
    },
    {
      key: "conditions",
      title: t("segments.conditions"),
      align: "end",
      render: (segment) =>
        segment.kind === "list" ? (
          <Tag>{t("segmentKind.list")}</Tag>
        ) : (
          format.count(countLeaves(fromJson(segment.definition)))
        ),
    },
    {
      key: "count",
      title: t("segments.people"),
      align: "end",
      render: (segment) =>
        segment.as_of === null ? (
          <Uncounted segment={segment} />
        ) : (
          <strong>{format.count(segment.count)}</strong>
        ),
    },
    {
      key: "asOf",
      title: t("segments.asOf"),
      align: "end",
      render: (segment) => (segment.as_of ? ago(segment.as_of) : <span className="muted">–</span>),
    },
  ];
  return (
    <Page
      title={t("nav.segments")}
      lead={t("segments.lead")}
      actions={
        <>
          <UploadButton onDone={(made) => navigate(`/segments/${made.segment.id}`)} />
          <Button type="primary" onClick={create}>
            {t("segments.create")}
          </Button>
        </>
      }
    >
      <Panel flush>
        <DataTable
          label={t("nav.segments")}
          testId="segments-table"
          columns={columns}
          rows={data?.items}
          rowKey={(segment) => segment.id}
          error={error}
          onRetry={refetch}
          empty={
            <EmptyState
              title={t("segments.empty")}
              action={<Button onClick={create}>{t("segments.create")}</Button>}
            >
              {t("segments.empty.text")}
            </EmptyState>
          }
        />
      </Panel>
    </Page>
  );
}

/** No count yet: it is being made, or it failed and says why. */
function Uncounted({ segment }: { segment: Segment }) {
  const { t } = useI18n();
  const tone = segment.status === "failed" ? "red" : "plain";
  return (
    <span title={segment.error ?? undefined}>
      <Tag tone={tone}>{t(`segmentStatus.${segment.status}`)}</Tag>
    </span>
  );
}
