/** 用一句话起草。 */
export const drafting = {
  "drafting.label": "用一句话描述",
  "drafting.draft": "生成草稿",
  "drafting.segmentExample": "例如：最近 30 天下单至少 3 次，且在杭州",
  "drafting.journeyExample": "例如：新关注后 1 天发欢迎消息，3 天没下单再提醒一次",
  "drafting.unknown": "未识别：{words}",
  "drafting.done": "已填入草稿，请核对后保存",
} as const;
