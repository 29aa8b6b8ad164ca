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
