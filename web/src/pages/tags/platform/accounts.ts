import { useQuery } from "@tanstack/react-query";
import { accountTagsQuery, officialAccountsQuery } from "../../../api/channels";
import { corpsQuery } from "../../../api/wecom/corps";
import { corpTagsQuery } from "../../../api/wecom/tags";
import { useMay } from "../../../app/session";
import { useI18n } from "../../../i18n";

interface Choice {
  value: string;
  label: string;
}

const isCompany = (account: string) => account.startsWith("wcp_");

/** The accounts whose tags somebody may link. */
export function useAccounts(): readonly Choice[] {
  const { t } = useI18n();
  const may = useMay();
  const accounts = useQuery({ ...officialAccountsQuery, enabled: may("channels.write") });
  const corps = useQuery({ ...corpsQuery, enabled: may("wecom.write") });
  return [
    ...(accounts.data?.items ?? []).map((one) => ({
      value: one.id,
      label: t("tagLinks.account.official", { name: one.name || one.app_id }),
    })),
    ...(corps.data?.items ?? []).map((one) => ({
      value: one.id,
      label: t("tagLinks.account.wecom", { name: one.name || one.corp_id }),
    })),
  ];
}

/** The tags an account has, as far as we know; the platform's own are left out. */
export function usePlatformTags(account: string | undefined): readonly Choice[] {
  const official = useQuery({
    ...accountTagsQuery(account ?? ""),
    enabled: account !== undefined && !isCompany(account),
  });
  const corp = useQuery({
    ...corpTagsQuery(account ?? ""),
    enabled: account !== undefined && isCompany(account),
  });
  if (account === undefined) return [];
  if (!isCompany(account)) {
    const own = official.data?.items.filter((tag) => !tag.is_reserved) ?? [];
    return own.map((tag) => ({ value: String(tag.id), label: tag.name }));
  }
  return (corp.data?.groups ?? []).flatMap((group) =>
    group.tags.map((tag) => ({ value: tag.id, label: `${group.name} / ${tag.name}` })),
  );
}
