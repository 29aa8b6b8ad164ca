import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { codesQuery } from "../../../api/channels";
import type { SourceCode } from "../../../api/types";
import { useI18n } from "../../../i18n";
import { EmptyState } from "../../../ui/EmptyState";
import { Panel } from "../../../ui/Page";
import { SearchBox } from "../../../ui/SearchBox";
import { useFormat } from "../../../ui/useFormat";
import { useSearchState } from "../../../ui/useSearchState";
import type { TabProps } from "../ChannelPage";
import { CodeDrawer } from "./CodeDrawer";
import { CodeForm } from "./CodeForm";
import { CodesTable } from "./CodesTable";
import styles from "./codes.module.css";

export default function CodesTab({ account }: TabProps) {
  const { t } = useI18n();
  const format = useFormat();
  const [q, setQ] = useSearchState("q");
  const [shown, setShown] = useSearchState("code");
  const [writing, setWriting] = useState<SourceCode | "new" | null>(null);
  const { data, error, refetch } = useQuery(codesQuery(account.id, q));
  const code = data?.items.find((each) => each.id === shown);
  return (
    <>
      <Panel
        flush
        title={t("channel.tab.codes")}
        extra={
          <Button size="small" type="primary" onClick={() => setWriting("new")}>
            {t("codes.create")}
          </Button>
        }
      >
        <div className={styles.bar}>
          <SearchBox value={q} onChange={setQ} label={t("codes.search")} />
          {data && (
            <span className="muted num">
              {t("codes.used", {
                used: format.count(data.permanent_used),
                max: format.count(data.permanent_max ?? 0),
              })}
            </span>
          )}
        </div>
        <CodesTable
          account={account}
          codes={data?.items}
          error={error}
          onRetry={refetch}
          onOpen={setShown}
          empty={
            q ? (
              <EmptyState title={t("codes.notFound")} />
            ) : (
              <EmptyState
                title={t("codes.empty")}
                action={<Button onClick={() => setWriting("new")}>{t("codes.create")}</Button>}
              >
                {t("codes.empty.text")}
              </EmptyState>
            )
          }
        />
      </Panel>
      {code && !writing && (
        <CodeDrawer
          key={code.id}
          account={account}
          code={code}
          others={data?.items.filter((each) => each.id !== code.id) ?? []}
          onEdit={() => setWriting(code)}
          onClose={() => setShown("")}
        />
      )}
      {writing && (
        <CodeForm
          account={account}
          code={writing === "new" ? null : writing}
          onSaved={setShown}
          onClose={() => setWriting(null)}
        />
      )}
    </>
  );
}
