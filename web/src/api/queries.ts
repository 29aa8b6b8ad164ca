/** Every call of the console to the server, as TanStack Query options. Pages know nothing of addresses. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ApiError, http, withQuery } from "./client";
import type {
  Campaign,
  CampaignList,
  Catalogue,
  Hold,
  ImportRun,
  Journey,
  JourneyDraft,
  JourneyRow,
  LifetimePerson,
  LifetimeRun,
  LifetimeSummary,
  MadeWriteKey,
  Message,
  MessagesSummary,
  NewWriteKey,
  Overview,
  Page,
  Person,
  PersonAtNode,
  PersonRow,
  RfmPerson,
  RfmRun,
  RfmSummary,
  Segment,
  SegmentDraft,
  SegmentExplanation,
  SegmentOverlap,
  SegmentPreview,
  SegmentSizes,
  Session,
  TimelineEvent,
  Tracking,
} from "./types";

export const API = "/api/v1";
const PAGE_LIMIT = 50;

/** Live figures ask again this often; a hidden tab does not ask. */
export const LIVE_MS = 3_000;
export const CALM_MS = 10_000;

/** What a person did wrong is not repaired by asking again; a server that is starting is. */
export function shouldRetry(failures: number, error: Error): boolean {
  if (error instanceof ApiError && error.status < 500) return false;
  return failures < 2;
}

const segmentPath = (id: string) => `${API}/segments/${encodeURIComponent(id)}`;
const journeyPath = (id: string) => `${API}/journeys/${encodeURIComponent(id)}`;

export function pages<T>(
  key: readonly unknown[],
  path: string,
  query: Record<string, string | undefined> = {},
) {
  return infiniteQueryOptions({
    queryKey: [...key, query],
    queryFn: ({ pageParam, signal }) =>
      http.get<Page<T>>(path, { ...query, limit: PAGE_LIMIT, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** A list that follows by itself, until its reader goes further back than the first page. */
export function livePages<T>(
  key: readonly unknown[],
  path: string,
  query: Record<string, string | undefined> = {},
) {
  return infiniteQueryOptions({
    ...pages<T>(key, path, query),
    refetchInterval: (found) => ((found.state.data?.pages.length ?? 1) > 1 ? false : LIVE_MS),
  });
}

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => http.get<Session>(`${API}/session`, undefined, signal),
  refetchInterval: (query) => (query.state.status === "error" ? 2_000 : 30_000),
  staleTime: 20_000,
});

export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: ({ signal }) => http.get<Overview>(`${API}/overview`, undefined, signal),
  refetchInterval: LIVE_MS,
});

export interface PeopleFilter {
  q?: string;
  segment?: string;
  tag?: string;
}

export const peopleQuery = (filter: PeopleFilter) =>
  pages<PersonRow>(["people"], `${API}/people`, { ...filter });

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ["person", id],
    queryFn: ({ signal }) => http.get<Person>(`${API}/people/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: CALM_MS,
  });

export interface TimelineFilter {
  name?: string;
  kind?: string;
  channel?: string;
  since?: string;
}

export const timelineQuery = (id: string, filter: TimelineFilter = {}) =>
  pages<TimelineEvent>(["timeline", id], `${API}/people/${encodeURIComponent(id)}/timeline`, { ...filter });

export const segmentsQuery = queryOptions({
  queryKey: ["segments"],
  queryFn: ({ signal }) => http.get<{ items: Segment[] }>(`${API}/segments`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment", id],
    queryFn: ({ signal }) => http.get<Segment>(segmentPath(id), undefined, signal),
  });

export const segmentMembersQuery = (id: string) =>
  livePages<PersonRow>(["segment-members", id], `${segmentPath(id)}/members`);

const MEMBERS_PAGE = 200;

/** Everybody in a segment now, up to `max`. */
export async function segmentMemberIds(id: string, max: number): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page: Page<PersonRow> = await http.get(`${segmentPath(id)}/members`, {
      limit: MEMBERS_PAGE,
      cursor,
    });
    found.push(...page.items.map((row) => row.id));
    cursor = page.next_cursor;
  } while (cursor && found.length < max);
  return found.slice(0, max);
}

export const catalogueQuery = queryOptions({
  queryKey: ["catalogue"],
  queryFn: ({ signal }) => http.get<Catalogue>(`${API}/segments/catalogue`, undefined, signal),
  staleTime: 60_000,
});

export const previewQuery = (definition: SegmentDraft["definition"]) =>
  queryOptions({
    queryKey: ["segment-preview", definition],
    queryFn: ({ signal }) => http.post<SegmentPreview>(`${API}/segments/preview`, { definition }, signal),
    staleTime: 10_000,
    placeholderData: keepPreviousData,
  });

export const explainQuery = (definition: SegmentDraft["definition"], person: string, as_of?: string) =>
  queryOptions({
    queryKey: ["segment-explain", definition, person, as_of],
    queryFn: ({ signal }) =>
      http.post<SegmentExplanation>(`${API}/segments/explain`, { definition, person, as_of }, signal),
    staleTime: 10_000,
  });

export const overlapQuery = (segments: readonly string[]) =>
  queryOptions({
    queryKey: ["segment-overlap", segments],
    queryFn: ({ signal }) => http.post<SegmentOverlap>(`${API}/segments/overlap`, { segments }, signal),
  });

export const sizesQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: ["segment", id, "sizes", days],
    queryFn: ({ signal }) => http.get<SegmentSizes>(`${segmentPath(id)}/sizes`, { days }, signal),
    refetchInterval: CALM_MS,
  });

export const saveSegment = (id: string | null, draft: SegmentDraft) =>
  id === null ? http.post<Segment>(`${API}/segments`, draft) : http.put<Segment>(segmentPath(id), draft);

export const evaluateSegment = (id: string) => http.post<Segment>(`${segmentPath(id)}/evaluate`);

export const deleteSegment = (id: string) => http.remove<void>(segmentPath(id));

export const rfmQuery = queryOptions({
  queryKey: ["rfm"],
  queryFn: ({ signal }) => http.get<RfmSummary>(`${API}/rfm`, undefined, signal),
});

export const runRfm = () => http.post<RfmRun>(`${API}/rfm/run`);

export const rfmPeopleQuery = (name?: string) =>
  pages<RfmPerson>(["rfm-people"], `${API}/rfm/people`, { class: name });

export const lifetimeQuery = queryOptions({
  queryKey: ["lifetime"],
  queryFn: ({ signal }) => http.get<LifetimeSummary>(`${API}/lifetime`, undefined, signal),
});

export const runLifetime = () => http.post<LifetimeRun>(`${API}/lifetime/run`);

export const lifetimePeopleQuery = (bands: { alive?: string; value?: string }) =>
  pages<LifetimePerson>(["lifetime-people"], `${API}/lifetime/people`, bands);

export const journeysQuery = queryOptions({
  queryKey: ["journeys"],
  queryFn: ({ signal }) => http.get<{ items: JourneyRow[] }>(`${API}/journeys`, undefined, signal),
  refetchInterval: CALM_MS,
});

export const journeyQuery = (id: string) =>
  queryOptions({
    queryKey: ["journey", id],
    queryFn: ({ signal }) => http.get<Journey>(journeyPath(id), undefined, signal),
    refetchInterval: LIVE_MS,
  });

export const nodePeopleQuery = (id: string, node: string) =>
  livePages<PersonAtNode>(
    ["node-people", id, node],
    `${journeyPath(id)}/nodes/${encodeURIComponent(node)}/people`,
  );

export const saveJourney = (id: string | null, draft: JourneyDraft) =>
  id === null ? http.post<Journey>(`${API}/journeys`, draft) : http.put<Journey>(journeyPath(id), draft);

export type JourneyAction = "publish" | "pause" | "resume" | "stop";

export const actOnJourney = (id: string, action: JourneyAction) =>
  http.post<Journey>(`${journeyPath(id)}/${action}`);

export interface MessageFilter {
  state?: string;
  journey?: string;
  person?: string;
  channel?: string;
}

export const messagesQuery = (filter: MessageFilter) =>
  livePages<Message>(["messages"], `${API}/messages`, { ...filter });

export const messagesSummaryQuery = (of: Pick<MessageFilter, "journey" | "channel">) =>
  queryOptions({
    queryKey: ["messages-summary", of],
    queryFn: ({ signal }) => http.get<MessagesSummary>(`${API}/messages/summary`, { ...of }, signal),
    refetchInterval: LIVE_MS,
  });

export const campaignsQuery = queryOptions({
  queryKey: ["campaigns"],
  queryFn: ({ signal }) => http.get<CampaignList>(`${API}/messages/campaigns`, undefined, signal),
  refetchInterval: LIVE_MS,
});

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ["campaigns", id],
    queryFn: ({ signal }) =>
      http.get<Campaign>(`${API}/messages/campaigns/${encodeURIComponent(id)}`, undefined, signal),
    refetchInterval: LIVE_MS,
  });

export const changeCampaign = (id: string, change: { paused?: boolean; rate_per_s?: number | null }) =>
  http.patch<Campaign>(`${API}/messages/campaigns/${encodeURIComponent(id)}`, change);

export const holdQuery = queryOptions({
  queryKey: ["hold"],
  queryFn: ({ signal }) => http.get<Hold>(`${API}/messages/hold`, undefined, signal),
  refetchInterval: CALM_MS,
});

/** Lets messages go out again; `dropWaiting` refuses those that were planned before the hold. */
export const releaseSending = (dropWaiting: boolean) =>
  http.remove<Hold>(withQuery(`${API}/messages/hold`, { drop_waiting: dropWaiting }));

export const importsQuery = queryOptions({
  queryKey: ["imports"],
  queryFn: ({ signal }) => http.get<Page<ImportRun>>(`${API}/imports`, { limit: 50 }, signal),
  refetchInterval: LIVE_MS,
});

export const cancelImport = (id: string) =>
  http.post<ImportRun>(`${API}/imports/${encodeURIComponent(id)}/cancel`);

export const trackingQuery = queryOptions({
  queryKey: ["tracking"],
  queryFn: ({ signal }) => http.get<Tracking>(`${API}/settings/tracking`, undefined, signal),
});

export const createWriteKey = (wanted: NewWriteKey) =>
  http.post<MadeWriteKey>(`${API}/settings/tracking`, wanted);

export const signOut = () => http.post<void>(`${API}/session/logout`);
