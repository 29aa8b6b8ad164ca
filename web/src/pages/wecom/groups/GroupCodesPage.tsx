import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Button, Drawer, Input, Popconfirm } from "antd";
import { useState } from "react";
import {
  type GroupCode,
  groupCodeFiguresQuery,
  groupCodeImage,
  groupCodePreviewQuery,
  groupCodesQuery,
  type ShownTarget,
  setGroupCodeState,
} from "../../../api/wecom/groups";
import { useI18n } from "../../../i18n";
import { CopyButton } from "../../../ui/CopyButton";
import { type Column, DataTable } from "../../../ui/DataTable";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Page, Panel } from "../../../ui/Page";
import { Tag } from "../../../ui/Tag";
import { useFormat } from "../../../ui/useFormat";
import { CodeForm } from "./CodeForm";
import styles from "./groups.module.css";

const WIDTH = 560;
const PRINT_SCALE = 30;

/** Printed codes that always lead into a group with room. */
export default function GroupCodesPage() {
  const { t } = useI18n();
  const format = useFormat();
  const codes = useQuery(groupCodesQuery);
  const [shown, setShown] = useState("");
  const [edited, setEdited] = useState<GroupCode | "new" | null>(null);
  const code = codes.data?.items.find((one) => one.id === shown);
  const create = (
    <Button type="primary" onClick={() => setEdited("new")}>
      {t("wecom.groupCodes.create")}
    </Button>
  );
  return (
    <Page
      title={t("nav.groupCodes")}
      lead={
        codes.data
          ? t("wecom.groupCodes.quota", {
              used: format.count(codes.data.ways_used),
              max: format.count(codes.data.ways_max ?? 0),
            })
          : t("wecom.groupCodes.lead")
      }
      actions={create}
    >
      <Panel flush>
        <DataTable
          label={t("nav.groupCodes")}
          columns={useColumns(setShown)}
          rows={codes.data?.items}
          rowKey={(one) => one.id}
          error={codes.error}
          onRetry={codes.refetch}
          testId="group-codes"
          empty={
            <EmptyState title={t("wecom.groupCodes.empty")} action={create}>
              {t("wecom.groupCodes.lead")}
            </EmptyState>
          }
        />
      </Panel>
      {code && <CodeDrawer code={code} onEdit={() => setEdited(code)} onClose={() => setShown("")} />}
      {edited && (
        <CodeForm
          code={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onSaved={setShown}
        />
      )}
    </Page>
  );
}

function useColumns(onShow: (id: string) => void): Column<GroupCode>[] {
  const { t } = useI18n();
  const format = useFormat();
  return [
    {
      key: "name",
      title: t("wecom.groupCodes.name"),
      lead: true,
      render: (code) => (
        <Button type="link" style={{ padding: 0 }} onClick={() => onShow(code.id)}>
          {code.name}
        </Button>
      ),
    },
    {
      key: "state",
      title: t("wecom.groups.state"),
      render: (code) => (
        <>
          <Tag tone={code.state === "active" ? "jade" : "plain"}>
            {t(`wecom.groupCodes.state.${code.state}`)}
          </Tag>{" "}
          {code.targets.some((target) => target.is_expiring) && (
            <Tag tone="amber">{t("wecom.groupCodes.expiring")}</Tag>
          )}
          {code.targets.some((target) => target.status === "failed") && (
            <Tag tone="red">{t("wecom.groupCodes.failed")}</Tag>
          )}
        </>
      ),
    },
    {
      key: "room",
      title: t("wecom.groupCodes.room"),
      align: "end",
      render: (code) => format.count(code.targets.reduce((sum, target) => sum + target.room, 0)),
    },
    {
      key: "joined",
      title: t("wecom.groupCodes.joined"),
      align: "end",
      render: (code) => `${format.count(code.joined)} / ${format.count(code.inside)}`,
    },
  ];
}

interface CodeDrawerProps {
  code: GroupCode;
  onEdit: () => void;
  onClose: () => void;
}

function CodeDrawer({ code, onEdit, onClose }: CodeDrawerProps) {
  const { t } = useI18n();
  return (
    <Drawer
      open
      onClose={onClose}
      size={WIDTH}
      title={code.name}
      extra={code.state !== "archived" && <Button onClick={onEdit}>{t("wecom.groupCodes.change")}</Button>}
    >
      <div className={styles.stack} data-testid="group-code">
        <div className={styles.row}>
          <img className={styles.picture} src={groupCodeImage(code.id)} alt={t("wecom.groupCodes.picture")} />
          <div className={styles.stack}>
            <span>
              <a href={code.url} target="_blank" rel="noreferrer" data-testid="group-code-url">
                {code.url}
              </a>{" "}
              <CopyButton text={code.url} />
            </span>
            <a href={groupCodeImage(code.id, PRINT_SCALE)} download={`${code.name}.png`}>
              {t("wecom.groupCodes.download")}
            </a>
          </div>
        </div>
        <Targets code={code} />
        <Preview code={code} />
        <Figures id={code.id} />
        <Acts code={code} />
      </div>
    </Drawer>
  );
}

function Targets({ code }: { code: GroupCode }) {
  const { t } = useI18n();
  const format = useFormat();
  const columns: Column<ShownTarget>[] = [
    { key: "name", title: t("wecom.groupCodes.target"), lead: true, render: (one) => one.name },
    {
      key: "kind",
      title: t("wecom.groupCodes.kind"),
      render: (one) => t(`wecom.groupCodes.kind.${one.kind}`),
    },
    { key: "room", title: t("wecom.groupCodes.room"), align: "end", render: (one) => format.count(one.room) },
    {
      key: "status",
      title: t("wecom.groups.state"),
      render: (one) => (
        <>
          {one.is_expired
            ? t("wecom.groupCodes.expired")
            : one.is_expiring
              ? t("wecom.groupCodes.expiring")
              : t(
                  `wecom.groupCodes.status.${one.status === "failed" || one.status === "ready" ? one.status : "wanted"}`,
                )}{" "}
          {one.status === "failed" && one.reason}
        </>
      ),
    },
  ];
  return (
    <DataTable
      label={t("wecom.groupCodes.targets")}
      columns={columns}
      rows={code.targets}
      rowKey={(one) => one.id}
      empty={null}
    />
  );
}

/** Where a visitor like this would be led. */
function Preview({ code }: { code: GroupCode }) {
  const { t } = useI18n();
  const [store, setStore] = useState("");
  const [s, setSource] = useState("");
  const [lang, setLang] = useState("");
  const { data } = useQuery(groupCodePreviewQuery(code.id, { store, s, lang }));
  const fields = [
    ["store", store, setStore],
    ["source", s, setSource],
    ["language", lang, setLang],
  ] as const;
  return (
    <section aria-label={t("wecom.groupCodes.preview")} className={styles.target} data-testid="code-preview">
      <strong>{t("wecom.groupCodes.preview")}</strong>
      <div className={styles.filters}>
        {fields.map(([name, value, set]) => (
          <Input
            key={name}
            aria-label={t(`wecom.groupCodes.${name}`)}
            placeholder={t(`wecom.groupCodes.${name}`)}
            value={value}
            maxLength={64}
            onChange={(event) => set(event.target.value)}
          />
        ))}
      </div>
      {data && (
        <span data-testid="code-preview-outcome">
          {t(
            `wecom.groupCodes.outcome.${(["already", "way", "image"] as const).find((one) => one === data.outcome) ?? "standby"}`,
          )}
          {data.target_name && ` · ${data.target_name}`}
          {data.group && ` · ${data.group}`}
        </span>
      )}
    </section>
  );
}

function Figures({ id }: { id: string }) {
  const { t } = useI18n();
  const format = useFormat();
  const { data, error, refetch } = useQuery(groupCodeFiguresQuery(id));
  if (error && !data) return <ErrorNotice error={error} onRetry={refetch} />;
  if (!data) return null;
  return (
    <dl className={styles.totals}>
      {(["visits", "joined", "left", "inside", "already", "standby"] as const).map((name) => (
        <div key={name}>
          <dt>{t(`wecom.groupCodes.figure.${name}`)}</dt>
          <dd className="num">{format.count(data[name])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Acts({ code }: { code: GroupCode }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: (state: GroupCode["state"]) => setGroupCodeState(code.id, state),
    onSettled: () => queries.invalidateQueries({ queryKey: ["group-codes"] }),
  });
  if (code.state === "archived") return <p className="soft">{t("wecom.groupCodes.ended")}</p>;
  const other = code.state === "active" ? "paused" : "active";
  return (
    <>
      {move.error && <ErrorNotice error={move.error} />}
      <div className={styles.row}>
        <Button loading={move.isPending} onClick={() => move.mutate(other)}>
          {t(`wecom.groupCodes.to.${other}`)}
        </Button>
        <Popconfirm title={t("wecom.groupCodes.end.ask")} onConfirm={() => move.mutate("archived")}>
          <Button danger>{t("wecom.groupCodes.end")}</Button>
        </Popconfirm>
      </div>
    </>
  );
}
