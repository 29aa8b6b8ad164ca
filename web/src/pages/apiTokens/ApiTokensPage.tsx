import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Popconfirm } from "antd";
import { useState } from "react";
import { type ApiToken, apiTokensQuery, type MadeApiToken, revokeApiToken } from "../../api/apiTokens";
import { useAgo, useZone } from "../../app/session";
import { formatDateTime } from "../../format/times";
import { type MessageKey, useI18n } from "../../i18n";
import { CopyButton } from "../../ui/CopyButton";
import { type Column, DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Page, Panel } from "../../ui/Page";
import styles from "../members/members.module.css";
import { TokenForm } from "./TokenForm";

const NAMED = 3;

/** Tokens by which programs call the API: one's own, and for those who manage members everybody's. */
export default function ApiTokensPage() {
  const { t } = useI18n();
  const { data, error, refetch } = useQuery(apiTokensQuery);
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<MadeApiToken | null>(null);
  return (
    <Page
      title={t("nav.apiTokens")}
      lead={t("apiTokens.lead")}
      actions={
        <Button type="primary" disabled={!data} onClick={() => setMaking(true)}>
          {t("apiTokens.create")}
        </Button>
      }
    >
      {made && <ShownOnce made={made} onClose={() => setMade(null)} />}
      <Panel flush>
        <DataTable
          label={t("nav.apiTokens")}
          testId="api-tokens-table"
          columns={useColumns()}
          rows={data?.items}
          rowKey={(token) => token.id}
          error={error}
          onRetry={refetch}
          empty={<EmptyState title={t("apiTokens.empty")}>{t("apiTokens.empty.text")}</EmptyState>}
        />
      </Panel>
      {isMaking && data && (
        <TokenForm catalogue={data.catalogue} onClose={() => setMaking(false)} onMade={setMade} />
      )}
    </Page>
  );
}

function ShownOnce({ made, onClose }: { made: MadeApiToken; onClose: () => void }) {
  const { t } = useI18n();
  const zone = useZone();
  return (
    <Alert
      type="success"
      closable={{ onClose }}
      title={t("apiTokens.once", { until: formatDateTime(made.expires_at, zone) })}
      description={
        <span className={styles.link}>
          <code className="mono" data-testid="api-token">
            {made.token}
          </code>
          <CopyButton text={made.token} />
        </span>
      }
    />
  );
}

function useColumns(): Column<ApiToken>[] {
  const { t } = useI18n();
  const ago = useAgo();
  const zone = useZone();
  return [
    {
      key: "name",
      title: t("apiTokens.name"),
      lead: true,
      render: (token) => (
        <>
          {token.name} <code className="muted">{token.hint}</code>
          {!token.is_mine && <span className={styles.below}>{token.member_name}</span>}
        </>
      ),
    },
    {
      key: "permissions",
      title: t("roles.permissions"),
      wide: true,
      render: (token) => <Permissions token={token} />,
    },
    {
      key: "used",
      title: t("apiTokens.used"),
      render: ({ last_used_at: used }) => (used ? ago(used) : t("apiTokens.never")),
    },
    {
      key: "expires",
      title: t("apiTokens.expires"),
      render: ({ expires_at }) => formatDateTime(expires_at, zone),
    },
    {
      key: "actions",
      title: t("members.actions"),
      align: "end",
      render: (token) => <Revoke token={token} />,
    },
  ];
}

function Permissions({ token }: { token: ApiToken }) {
  const { t } = useI18n();
  const names = token.permissions.map((one) => t(`permission.${one}` as MessageKey));
  const more = names.length - NAMED;
  return (
    <span title={names.join("\n")}>
      {names.slice(0, NAMED).join(t("apiTokens.comma"))}
      {more > 0 && <span className="muted"> {t("apiTokens.more", { count: more })}</span>}
    </span>
  );
}

function Revoke({ token }: { token: ApiToken }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeApiToken(token.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["api-tokens"] }),
  });
  return (
    <span className={styles.actions}>
      <Popconfirm
        title={t("apiTokens.revoke.ask", { name: token.name })}
        okText={t("apiTokens.revoke")}
        okButtonProps={{ danger: true }}
        onConfirm={() => revoke.mutate()}
      >
        <Button size="small" danger loading={revoke.isPending}>
          {t("apiTokens.revoke")}
        </Button>
      </Popconfirm>
      {revoke.error && <ErrorNotice error={revoke.error} />}
    </span>
  );
}
