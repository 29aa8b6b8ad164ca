/** What the page itself says; the form's own words are the brand's. */

const WORDS = {
  next: ["下一页", "Next"],
  back: ["上一页", "Back"],
  submit: ["提交", "Submit"],
  vote: ["投票", "Vote"],
  sending: ["提交中…", "Sending…"],
  required: ["必填", "Required"],
  needed: ["此题必填", "This needs an answer"],
  choose: ["请选择", "Choose"],
  other: ["请填写", "Please tell"],
  full: ["已满", "Full"],
  upTo: ["最多选 {n} 项", "Choose at most {n}"],
  atLeast: ["至少选 {n} 项", "Choose at least {n}"],
  rank: ["按喜好依次点选，排出 {n} 项", "Tap in your order, the best first: {n} in all"],
  rankAdd: ["把「{label}」排在第 {n} 位", "Put {label} at place {n}"],
  rankUp: ["「{label}」上移", "Move {label} up"],
  rankDown: ["「{label}」下移", "Move {label} down"],
  rankOut: ["移出「{label}」", "Take out {label}"],
  rankTold: ["「{label}」第 {n} 位", "{label} is at place {n}"],
  rankLeft: ["「{label}」未排序", "{label} has no place"],
  number: ["请填写数字", "A number is needed"],
  phone: ["手机号或座机", "Telephone number"],
  progress: ["第 {page} 页，共 {pages} 页", "Page {page} of {pages}"],
  thanks: ["提交成功，感谢您的参与", "Thank you for your answer"],
  answered: ["您已经提交过了", "You have answered already"],
  change: ["修改我的回答", "Change my answer"],
  notYet: ["尚未开始", "Not open yet"],
  opens: ["{time} 开始", "Opens {time}"],
  closed: ["已结束", "Closed"],
  isFull: ["名额已满", "No places left"],
  score: ["得分 {n}", "Score {n}"],
  votes: ["{n} 票", "{n} votes"],
  unknown: ["表单不存在或已下线", "There is no such form"],
  offline: ["网络不通，内容已保存在本机，请稍后重试", "No connection. Your answers are kept here: try again"],
  failed: ["提交失败，请稍后重试", "That failed. Try again later"],
  retry: ["重试", "Try again"],
  fix: ["有 {n} 处需要修改", "{n} answers need a change"],
  draft: ["已恢复上次未提交的内容", "Your unsent answers were kept"],
  province: ["省份", "Province"],
  city: ["城市", "City"],
  district: ["区县", "District"],
  onlyWechat: ["请在微信中打开此链接", "Open this link inside WeChat"],
  allowWechat: ["需要微信授权后才能填写", "This form needs to know who you are on WeChat"],
  refusedWechat: ["您未同意授权，授权后即可填写", "You did not allow it. The form opens once you do"],
  wholePage: ["请点击右下角“使用完整服务”后再填写", "Tap “Use full service” at the bottom, then answer"],
  failedWechat: ["未能确认您的微信身份，请重试", "WeChat did not tell who you are. Try again"],
  authorise: ["微信授权", "Continue with WeChat"],
  addFile: ["选择文件", "Choose a file"],
  addImage: ["选择或拍摄图片", "Choose or take a picture"],
  filesOf: ["{n} / {most} 个，每个不超过 {mb} MB", "{n} of {most}, {mb} MB each"],
  uploading: ["正在上传 {name}…", "Sending {name}…"],
  uploaded: ["已上传 {name}", "{name} was sent"],
  fileFailed: ["{name} 上传失败，请重试", "{name} could not be sent. Try again"],
  fileLarge: ["{name} 超过 {mb} MB", "{name} has more than {mb} MB"],
  removeFile: ["移除 {name}", "Remove {name}"],
  waitFiles: ["请等待文件上传完成", "Wait until the files are sent"],
  loading: ["加载中…", "Loading…"],
} as const satisfies Record<string, readonly [string, string]>;

export type Word = keyof typeof WORDS;
export type Language = "zh" | "en";

export const languageOf = (wanted: string | null): Language =>
  (wanted ?? navigator.language).toLowerCase().startsWith("en") ? "en" : "zh";

export function say(language: Language, word: Word, values: Record<string, string | number> = {}): string {
  const text: string = WORDS[word][language === "zh" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
