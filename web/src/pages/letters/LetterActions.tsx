import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { discardLetters, replayLetters, type Which } from "../../api/letters";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./letters.module.css";

/** Try letters again, or give them up with a reason. */
export function LetterActions({ which }: { which: Which }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const refresh = () => queries.invalidateQueries({ queryKey: ["dead-letters"] });
  const replay = useMutation({ mutationFn: () => replayLetters(which), onSettled: refresh });
  const discard = useMutation({
    mutationFn: () => discardLetters({ ...which, reason: reason.trim() }),
    onSettled: refresh,
  });
  const failed = replay.error ?? discard.error;
  return (
    <span className={styles.cell}>
      <span className={styles.tools}>
        <Button size="small" loading={replay.isPending} onClick={() => replay.mutate()}>
          {t("letters.replay")}
        </Button>
        <Popconfirm
          title={t("letters.discard.sure")}
          description={
            <Input
              value={reason}
              maxLength={200}
              placeholder={t("letters.reason")}
              aria-label={t("letters.reason")}
              onChange={(event) => setReason(event.target.value)}
            />
          }
          okText={t("letters.discard.yes")}
          okButtonProps={{ danger: true, disabled: reason.trim() === "" }}
          onConfirm={() => discard.mutate()}
        >
          <Button size="small" danger loading={discard.isPending}>
            {t("letters.discard")}
          </Button>
        </Popconfirm>
      </span>
      {replay.data && replay.data.failed > 0 && (
        <span role="status">
          {t("letters.replayed", { replayed: replay.data.replayed, failed: replay.data.failed })}
        </span>
      )}
      {failed && <ErrorNotice error={failed} />}
    </span>
  );
}
