/**
 * The words the console and the server share.
 *
 * They are generated: `npm run api` turns openapi.json, the server's own description, into schema.d.ts.
 * Pages import the names from here, so that a change of the description shows up in one place.
 */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One page of a list; `next_cursor` is null on the last one. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
}

/** RFC 9457 problem details, as the server renders every error. */
export interface Problem {
  type?: string;
  title?: string;
  status: number;
  code?: string;
  detail?: string;
  detail_zh?: string;
  [key: string]: unknown;
}

export type Session = Schemas["SessionView"];
export type Permission = Schemas["Permission"];
export type Overview = Schemas["Overview"];

export type PersonRow = Schemas["PersonRow"];
export type Person = Schemas["PersonProfile"];
export type TimelineEvent = Schemas["TimelineItem"];

export type Segment = Schemas["quanyu__modules__segments__contracts__SegmentView"];
export type SegmentListView = Schemas["ListView"];
export type SegmentListVersion = Schemas["ListVersion"];
export type SegmentPreview = Schemas["Preview"];
export type SegmentExplanation = Schemas["Explanation"];
export type Explained = Schemas["Explained"];
export type SegmentOverlap = Schemas["Overlap"];
export type SegmentSizes = Schemas["Sizes"];
export type SegmentDraft = Required<Omit<Schemas["SaveSegment"], "schedule">> &
  Pick<Schemas["SaveSegment"], "schedule">;
export type Catalogue = Schemas["Catalogue"];

export type RfmSummary = Schemas["RfmSummary"];
export type RfmPerson = Schemas["RfmPerson"];
export type RfmRun = Schemas["RfmRun"];

export type LifetimeSummary = Schemas["LifetimeSummary"];
export type LifetimePerson = Schemas["LifetimePerson"];
export type LifetimeRun = Schemas["LifetimeRun"];
export type LifetimeBar = Schemas["LifetimeBar"];
export type ModelCard = Schemas["ModelCard"];

export type Journey = Schemas["JourneyView"];
export type JourneyRow = Schemas["JourneyRowView"];
export type JourneyNode = Schemas["NodeView"];
export type JourneyDraft = Schemas["SaveJourney"];
export type PersonAtNode = Schemas["PersonAtNode"];

export type Message = Schemas["MessageView"];
export type MessageKind = Schemas["MessageKind"];
export type SendMessage = Schemas["SendMessage"];
export type SentMessage = Schemas["SentMessage"];
export type MessageChannel = Schemas["Channel"];
export type MessageCapability = Schemas["Capability"];
export type MessageTemplate = Schemas["TemplateRecord"];
export type Allowances = Schemas["Allowances"];
export type MessageState = Schemas["MessageState"];
export type Hold = Schemas["HoldView"];
export type Campaign = Schemas["CampaignView"];
export type Lane = Schemas["LaneView"];
export type MessagePolicy = Schemas["MessagePolicy"];
export type QuietHours = Schemas["QuietHours"];
export type CapRule = Schemas["CapRule"];
export type ExclusionRule = Schemas["ExclusionRule"];
export type MessagePriority = Schemas["Priority"];
export type MessageDetail = Schemas["MessageDetail"];
export type MessageDecision = Schemas["MessageDecision"];
export type BlockedEntry = Schemas["BlockView"];
export type BlockPeople = Schemas["BlockPeople"];
export type BlockScope = Schemas["BlockScope"];
export type Reach = Schemas["Reach"];
export type ReachWay = Schemas["Way"];
export type CampaignList = Schemas["CampaignList"];
export type MessagesSummary = Schemas["MessagesSummary"];

export type OfficialAccount = Schemas["OfficialAccount"];
export type ConnectOfficialAccount = Schemas["ConnectOfficialAccount"];
export type ConnectedAccount = Schemas["ConnectedAccount"];
export type CallbackSetup = Schemas["CallbackSetup"];
export type MiniProgram = Schemas["MiniProgram"];
export type ConnectMiniProgram = Schemas["ConnectMiniProgram"];
export type ConnectedMiniProgram = Schemas["ConnectedMiniProgram"];
export type PersonTag = Schemas["PersonTag"];
export type PersonEvidence = Schemas["PersonEvidence"];
export type KnownIdentity = Schemas["KnownIdentity"];
export type IdentityEvidence = Schemas["Evidence"];
export type IdentityDecision = Schemas["DecisionView"];
export type SeparationPreview = Schemas["SeparationPreview"];
export type SeparationResult = Schemas["SeparationResult"];
export type Material = Schemas["Material"];
/** A connected account, of whichever product. */
export type ChannelAccount = OfficialAccount | MiniProgram;
export type ChannelCheck = Schemas["Check"];

export type ImportRun = Schemas["ImportView"];

export type Tracking = Schemas["TrackingSettings"];
export type WriteKey = Schemas["WriteKeyView"];
export type NewWriteKey = Schemas["NewWriteKey"];
export type MadeWriteKey = Schemas["MadeWriteKey"];

export type Sync = Schemas["Sync"];
export type SyncKind = Schemas["SyncKind"];
export type AccountTag = Schemas["AccountTag"];
export type TagFailure = Schemas["TagFailure"];
export type TaggingTaken = Schemas["TaggingTaken"];
export type ReplyRule = Required<Schemas["ReplyRule"]>;
export type ReplyDraft = Required<Schemas["ReplyDraft"]>;
export type ReplyContent = ReplyDraft["contents"][number];
export type ReplyTrigger = Schemas["Trigger"];
export type ReplyKeyword = Schemas["Keyword"];
export type Trial = Schemas["Trial"];
export type TrialOutcome = Schemas["TrialOutcome"];

export type SourceCode = Required<Schemas["SourceCode"]>;
export type SourceCodes = Omit<Schemas["SourceCodes"], "items"> & { items: SourceCode[] };
export type SourceCodeDraft = Required<Schemas["CodeDraft"]>;
export type NewSourceCode = Required<Schemas["NewCode"]>;
export type CodeStatistics = Schemas["CodeStatistics"];

export type Menu = Required<Schemas["Menu"]>;
export type MenuDraft = Required<Schemas["MenuDraft"]>;
export type MenuMatch = Schemas["MatchRule"];
export type MenuButton = Schemas["Button"];
export type MenuButtonType = Schemas["ButtonType"];
export type Publication = Schemas["Publication"];

export type AccountHealth = Schemas["AccountHealth"];
export type SeenCallback = Schemas["SeenCallback"];
export type Quotas = Schemas["Quotas"];

export type MaterialKind = Schemas["MaterialKind"];
export type Materials = Schemas["Materials"];

export type Merchant = Schemas["Merchant"];
export type ConnectMerchant = Schemas["ConnectMerchant"];
export type Payment = Schemas["Payment"];
export type PaymentState = Schemas["PaymentState"];
export type PaymentDetail = Schemas["PaymentDetail"];
export type PaymentAttempt = Schemas["Attempt"];
export type PaymentNotice = Schemas["Notice"];
export type Refund = Schemas["Refund"];
export type RefundState = Schemas["RefundState"];
export type AskRefund = Schemas["AskRefund"];
export type Bill = Schemas["Bill"];
export type BillDifference = Schemas["Difference"];
export type DifferenceState = Schemas["DifferenceState"];

export type EventCatalogue = Schemas["EventCatalogue"];
export type EventSeen = Schemas["EventSeen"];
export type EventDetail = Schemas["EventDetail"];
export type PropertySeen = Schemas["PropertySeen"];
export type EventSample = Schemas["EventSample"];
export type Keep = Schemas["Keep"];
export type SaveKeep = Schemas["SaveKeep"];
export type EventUse = Schemas["EventUse"];
export type HeldEvents = Schemas["HeldEvents"];
export type RetentionPreview = Schemas["RetentionPreview"];
export type RetentionRun = Schemas["RetentionRun"];
export type RetentionView = Schemas["RetentionView"];
export type SourceVolume = Schemas["SourceVolume"];
export type PlanMode = Schemas["PlanMode"];
export type PlanType = Schemas["PlanType"];
export type PropertyRule = Schemas["PropertyRule"];
export type SavePlan = Schemas["SavePlan"];
export type EventPlan = Schemas["EventPlan"];
export type SourceRule = Schemas["SourceRule"];
export type TrackingPlan = Schemas["TrackingPlan"];
export type Issues = Schemas["Issues"];
export type IssueSum = Schemas["IssueSum"];
export type DeadLetter = Schemas["DeadLetterView"];
export type DeadLetterSummary = Schemas["DeadLetterSummary"];
export type Deed = Schemas["DeedView"];
export type LetterEvent = Schemas["LetterEventView"];
export type LetterGroup = Schemas["LetterGroupView"];
export type Quarantined = Schemas["QuarantinedView"];
export type SourceHealth = Schemas["SourceHealth"];
export type SourcesView = Schemas["SourcesView"];
export type StageLag = Schemas["StageLag"];
