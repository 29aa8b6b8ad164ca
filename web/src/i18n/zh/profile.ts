/** 客户页：标签页、卡片、属性历史、批量操作与导出。 */
export const profile = {
  "person.tab.activity": "动态",
  "person.tab.profile": "资料",
  "person.tab.orders": "订单",
  "person.tab.messages": "触达",
  "person.tab.journeys": "旅程",
  "person.tab.relations": "关系",
  "person.tab.insight": "评分与洞察",
  "person.tab.consent": "同意与权利",
};
