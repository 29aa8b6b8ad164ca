import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { broadcastsQuery } from "../../../api/broadcasts";
import { journeysQuery } from "../../../api/queries";
import { useI18n } from "../../../i18n";

export interface CampaignOptions {
  label: string;
  options: { value: string; label: string }[];
}

/** The brand's journeys and newest broadcasts, to choose from. */
export function useCampaigns(): CampaignOptions[] {
  const { t } = useI18n();
  const journeys = useQuery(journeysQuery);
  const broadcasts = useInfiniteQuery(broadcastsQuery);
  const named = (items: readonly { id: string; name: string }[]) =>
    items.map(({ id, name }) => ({ value: id, label: name }));
  return [
    { label: t("nav.journeys"), options: named(journeys.data?.items ?? []) },
    {
      label: t("nav.broadcasts"),
      options: named(broadcasts.data?.pages.flatMap((page) => page.items) ?? []),
    },
  ];
}
