import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm } from "antd";
import { useState } from "react";
import {
  disableMember,
  enableMember,
  inviteAgain,
  type Member,
  type MemberLink,
  makeResetLink,
  removeMember,
} from "../../api/members";
import { useSession } from "../../app/session";
import { useI18n } from "../../i18n";
import { ErrorNotice } from "../../ui/ErrorNotice";
import styles from "./members.module.css";
import { RoleChange } from "./RoleChange";

interface MemberActionsProps {
  member: Member;
  onLink: (link: MemberLink) => void;
}

/** What may be done with a member; nothing, where they may do more than the one who looks. */
export function MemberActions({ member, onLink }: MemberActionsProps) {
  const { t } = useI18n();
  const { session } = useSession();
  const queries = useQueryClient();
  const [isChanging, setChanging] = useState(false);
  const deed = useMutation({
    mutationFn: async (run: () => Promise<MemberLink | undefined>) => run(),
    onSuccess: (link) => link && onLink(link),
    onSettled: () => queries.invalidateQueries({ queryKey: ["members"] }),
  });
  if (!member.is_changeable) return <span className="muted">{t("members.beyond")}</span>;
  const isSelf = member.id === session.user.id;
  const name = member.name || (member.email ?? member.id);
  const run = (change: (id: string) => Promise<unknown>) =>
    deed.mutate(async () => {
      await change(member.id);
      return undefined;
    });
  return (
    <span className={styles.actions}>
      {member.state === "invited" && (
        <Button size="small" onClick={() => deed.mutate(() => inviteAgain(member.id))}>
          {t("members.again")}
        </Button>
      )}
      <Button size="small" onClick={() => setChanging(true)}>
        {t("members.changeRole")}
      </Button>
      {member.state === "active" && member.email && (
        <Popconfirm
          title={t("members.reset.ask", { name })}
          okText={t("members.reset.make")}
          onConfirm={() => deed.mutate(() => makeResetLink(member.id))}
        >
          <Button size="small">{t("members.reset")}</Button>
        </Popconfirm>
      )}
      {member.state === "active" && !isSelf && (
        <Popconfirm
          title={t("members.disable.ask", { name })}
          okText={t("members.disable")}
          onConfirm={() => run(disableMember)}
        >
          <Button size="small">{t("members.disable")}</Button>
        </Popconfirm>
      )}
      {member.state === "disabled" && (
        <Button size="small" onClick={() => run(enableMember)}>
          {t("members.enable")}
        </Button>
      )}
      {!isSelf && (
        <Popconfirm
          title={t(member.state === "invited" ? "members.revoke.ask" : "members.remove.ask", { name })}
          okText={t(member.state === "invited" ? "members.revoke" : "members.remove")}
          okButtonProps={{ danger: true }}
          onConfirm={() => run(removeMember)}
        >
          <Button size="small" danger>
            {t(member.state === "invited" ? "members.revoke" : "members.remove")}
          </Button>
        </Popconfirm>
      )}
      {deed.error && <ErrorNotice error={deed.error} />}
      {isChanging && <RoleChange member={member} onClose={() => setChanging(false)} />}
    </span>
  );
}
