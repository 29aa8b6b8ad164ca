import type { corps as zh } from "../../zh/wecom/corps";

/** Connecting WeCom. */
export const corps: Record<keyof typeof zh, string> = {
  "corp.connect": "Connect WeCom",
  "corp.connect.text":
    "The console of WeCom shows the corp id under 我的企业, and AgentId and Secret of an own app under 应用管理. Connecting the same corp again updates its credentials; optional secrets left blank stay as they are.",
  "corp.kind": "WeCom",
  "corp.id": "Corp id",
  "corp.id.problem": "A corp id begins with ww or wx",
  "corp.agentId": "AgentId",
  "corp.agentId.problem": "AgentId is a positive whole number",
  "corp.secret": "Secret of the app",
  "corp.secret.problem": "Enter the app's secret",
  "corp.secret.contacts": "Secret of 通讯录同步",
  "corp.secret.service": "Secret of 微信客服",
  "corp.secret.archive": "Secret of 会话内容存档",
  "corp.secret.optional.problem": "8 to 128 characters without spaces",
  "corp.secret.absent": "Leave blank if there is none",
  "corp.secret.kept": "Leave blank to keep it",
  "corp.baseUrl.default": "Leave blank for the official API",
  "corp.baseUrl.problem": "Like https://host:port, a path may follow",
  "corp.setup.text":
    "Connected. Enter these values in the console of WeCom: under 接收消息 → 设置API接收 of the app, and as event servers under 客户联系 → API and 通讯录同步. Token and key are shown this once; saving “Replace credentials” shows them again.",
  "corp.facts": "Company",
  "corp.secrets": "Secrets given",
  "corp.secret.name.app": "app",
  "corp.secret.name.contacts": "contacts",
  "corp.secret.name.service": "customer service",
  "corp.secret.name.archive": "chat archive",
  "corp.check.text":
    "Looks at each secret, the trusted addresses, the app, its right to customer contact and the callback address, and says how to mend it.",
  "corp.callbacks.empty.text":
    "Save the callback address in the console of WeCom, then add a customer to try it.",
  "corp.todo.title": "To do in the console of WeCom",
  "corp.todo.scope": "应用管理 → the app → 可见范围: the members or departments that use the platform.",
  "corp.todo.ip":
    "应用管理 → the app → 企业可信IP: this machine's outbound address; checking the connection names it.",
  "corp.todo.contact": "客户联系 → API → 可调用接口的应用: tick the app.",
  "corp.todo.members": "客户联系 → 权限配置 → 使用范围: the members who may have customers.",
  "corp.todo.callback":
    "Enter address, Token and EncodingAESKey under 接收消息 → 设置API接收 of the app, 客户联系 → API, 管理工具 → 通讯录同步 and, if used, 微信客服 → API. They are the same everywhere.",
  "corp.todo.welcome":
    "客户联系 → 加客户 → 欢迎语: set none for members greeted by the platform, or it gets no code to greet with.",
  "corp.token.call": "Token of the app",
  "corp.token.js": "Ticket for pages",
  "corp.token.agent_js": "Ticket of the app's pages",
  "corp.token.contacts": "Token of contacts",
  "corp.token.service": "Token of customer service",
  "corp.token.archive": "Token of the archive",

  "check.corp.api_reachable": "API of WeCom",
  "check.corp.credentials": "Corp id and secret",
  "check.corp.credentials.todo":
    "Look corp id and secret up in the console, then enter them under “Replace credentials”.",
  "check.corp.ip_allow_list": "Trusted addresses",
  "check.corp.ip_allow_list.todo":
    "Add the address above under 企业可信IP of the app; it counts after some minutes.",
  "check.corp.encoding_aes_key.todo": "Enter the console's key of 43 characters under “Replace credentials”.",
  "check.corp.callbacks_received.todo": "Save the callback address in the console, then add a customer.",
  "check.corp.callbacks_accepted.todo": "Make Token and EncodingAESKey the same in the console and here.",
  "check.corp.callback_url.todo":
    "Set QUANYU_PUBLIC_URL to a public address that WeCom can reach, then restart.",
  "check.corp.agent": "App",
  "check.corp.customer_contact": "Right to customer contact",
  "check.corp.contacts": "Secret of contacts",
  "check.corp.service": "Secret of customer service",
  "check.corp.archive": "Secret of the archive",
};
