/** The calls about 微信支付. Amounts are whole fen everywhere. */

import { queryOptions } from "@tanstack/react-query";
import { http, withQuery } from "./client";
import { API, CALM_MS, LIVE_MS, livePages } from "./queries";
import type {
  AskRefund,
  Bill,
  BillDifference,
  ChannelCheck,
  ConnectMerchant,
  Merchant,
  Payment,
  PaymentDetail,
  Refund,
} from "./types";

const PAYMENTS = `${API}/payments`;
const path = (...parts: string[]) => [PAYMENTS, ...parts.map(encodeURIComponent)].join("/");

export const merchantsQuery = queryOptions({
  queryKey: ["merchants"],
  queryFn: ({ signal }) => http.get<{ items: Merchant[] }>(path("merchants"), undefined, signal),
  refetchInterval: CALM_MS,
});

export const connectMerchant = (merchant: ConnectMerchant) =>
  http.post<Merchant>(path("merchants"), merchant);

export const checkMerchant = (id: string) =>
  http.post<{ checks: ChannelCheck[] }>(path("merchants", id, "check"));

/** `number` is any number of a payment or its refunds, ours or the platform's, in full. */
export interface PaymentFilter {
  state?: string;
  merchant?: string;
  number?: string;
}

export const paymentsQuery = (filter: PaymentFilter) =>
  livePages<Payment>(["payments"], PAYMENTS, { ...filter });

export const paymentQuery = (id: string) =>
  queryOptions({
    queryKey: ["payments", id],
    queryFn: ({ signal }) => http.get<PaymentDetail>(path(id), undefined, signal),
    refetchInterval: LIVE_MS,
  });

export const closePayment = (id: string) => http.post<Payment>(path(id, "close"));

/** The same key and content is the same refund: asking again after a lost answer is safe. */
export const askRefund = (id: string, refund: AskRefund) =>
  http.post<{ refund: Refund }>(path(id, "refunds"), refund);

export const refundsQuery = (filter: PaymentFilter) =>
  livePages<Refund>(["refunds"], path("refunds"), { ...filter });

export const rerouteRefund = (id: string) => http.post<{ refund: Refund }>(path("refunds", id, "reroute"));

export const billsQuery = queryOptions({
  queryKey: ["bills"],
  queryFn: ({ signal }) => http.get<{ items: Bill[] }>(path("bills"), { limit: 200 }, signal),
  refetchInterval: CALM_MS,
});

export const compareBill = (bill: Bill) =>
  http.post<void>(path("bills", bill.merchant_id, bill.kind, bill.day, "compare"));

export interface DifferenceFilter {
  state?: string;
  merchant?: string;
  day?: string;
}

export const differencesQuery = (filter: DifferenceFilter) =>
  livePages<BillDifference>(["differences"], path("differences"), { ...filter });

/** The address of the same list as a file. */
export const differencesFile = (filter: DifferenceFilter) =>
  withQuery(`${PAYMENTS}/differences.csv`, { ...filter });

export const resolveDifference = (id: string, note: string) =>
  http.post<BillDifference>(path("differences", id, "resolve"), { note });
