import type { ClusterSettings } from "../../api/studies";

export type Feature = NonNullable<ClusterSettings["features"]>[number];

/** In the order an operator thinks of them: what was bought, how somebody behaves, when. */
export const FEATURES: readonly Feature[] = [
  "recency_days",
  "orders",
  "spent",
  "order_value",
  "categories",
  "coupon_share",
  "active_days",
  "quiet_days",
  "views",
  "age_days",
  "weekend_share",
  "night_share",
];
export const K_CHOICES = [2, 3, 4, 5, 6, 7, 8, 9, 10];
