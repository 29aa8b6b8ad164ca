/** What the page says. It is for staff in WeCom: in Chinese, or in English where the client is. */

import { interpolate, type Params } from "../i18n/interpolate";
import { events as eventsZh } from "../i18n/zh/events";

const WORDS = {
  mine: ["我的客户", "My customers"],
  lost: ["已流失", "Lost"],
  tasks: ["待办", "To do"],
  current: ["当前客户", "This chat"],
  online: ["接待中", "Online"],
  offline: ["暂停接待", "Offline"],
  "online.hint": ["是否分配新客户", "Whether new customers come to me"],
  "none.mine": ["还没有客户", "No customers yet"],
  "none.lost": ["没有流失的客户", "Nobody has left"],
  "none.tasks": ["没有待办", "Nothing to do"],
  "none.events": ["还没有动态", "Nothing yet"],
  "none.orders": ["还没有订单", "No orders yet"],
  "none.messages": ["还没有消息", "No messages yet"],
  notYours: ["该联系人不是你的客户", "This is no customer of yours"],
  more: ["加载更多", "More"],
  retry: ["重试", "Try again"],
  back: ["返回", "Back"],
  loading: ["加载中…", "Loading…"],
  nobody: ["未命名客户", "Customer without a name"],
  since: ["{date} 添加", "Since {date}"],
  ended: ["{date} 流失", "Left on {date}"],
  source: ["来源", "Source"],
  state: ["渠道参数", "State"],
  broughtBy: ["添加自", "Brought by"],
  colleagues: ["同时服务的同事", "Colleagues who serve them"],
  tags: ["标签", "Tags"],
  ownTag: ["个人标签", "Own"],
  editTags: ["修改标签", "Change tags"],
  notes: ["备注", "Notes"],
  remark: ["备注名", "Remark"],
  description: ["描述", "Description"],
  mobiles: ["手机号(多个用空格分隔)", "Mobiles (apart by spaces)"],
  save: ["保存", "Save"],
  saved: ["已保存到企业微信", "Saved in WeCom"],
  asked: ["已提交,稍后生效", "Asked for; takes effect soon"],
  attributes: ["资料", "What we know"],
  segments: ["人群", "Segments"],
  orders: ["订单", "Orders"],
  events: ["动态", "What happened"],
  messages: ["消息", "Messages"],
  bought: ["累计 {orders} 单 · {revenue}", "{orders} orders · {revenue}"],
  coming: [
    "{from} 的客户将由你接替,{date} 生效(客户可拒绝)",
    "Comes from {from} on {date}, unless they refuse",
  ],
  "problem.title": ["无法登录", "You cannot sign in"],
  "problem.browser": ["登录请求不是从本浏览器发起的", "This sign-in began in another browser"],
  "problem.late": ["登录已超时", "The sign-in took too long"],
  "problem.left": ["你已不在该企业", "You have left this company"],
  "problem.outsider": ["仅限本企业成员访问", "Only members of the company may look here"],
  "problem.code": ["企业微信没有确认你的身份", "WeCom did not say who you are"],
  "problem.address": ["地址不完整,请从企业微信打开", "The address is not whole: open it from WeCom"],
  failed: ["操作失败", "That failed"],
  unreachable: ["网络不通", "The server cannot be reached"],
  client: ["无法获取当前聊天的客户,请从下方选择", "The chat's customer is not known: choose below"],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof WORDS;

const WAYS: Record<number, readonly [string, string]> = {
  1: ["扫描二维码", "QR code"],
  2: ["搜索手机号", "Mobile search"],
  3: ["名片分享", "Name card"],
  4: ["群聊", "Group chat"],
  5: ["手机通讯录", "Phone book"],
  6: ["微信联系人", "WeChat contact"],
  16: ["获客链接", "Acquisition link"],
  24: ["接受好友申请", "Friend request"],
  201: ["内部成员共享", "Shared by a colleague"],
  202: ["管理员分配", "Assigned"],
};

export const isChinese = !/^en/i.test(navigator.language) || /wxwork.*zh/i.test(navigator.userAgent);
const column = isChinese ? 0 : 1;

export const t = (word: Word, params?: Params) => interpolate(WORDS[word][column], params);

export const hasWord = (word: string): word is Word => word in WORDS;

export const wayWords = (way: number) => WAYS[way]?.[column] ?? `#${way}`;

/** What an event is called; its own name where nobody gave it another. */
export function eventWords(name: string): string {
  const table: Record<string, string> = eventsZh;
  return (isChinese ? table[`event.${name}`] : undefined) ?? name;
}
