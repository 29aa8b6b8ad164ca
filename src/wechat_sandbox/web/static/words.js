/** Every word the page says, in Chinese and English. */

/** @type {Record<string, [string, string]>} */
const WORDS = {
  title: ["微信沙箱", "WeChat sandbox"],
  subtitle: ["手动扮演顾客", "Play a customer by hand"],
  language: ["EN", "中"],
  language_label: ["Switch to English", "切换到中文"],
  account: ["公众号", "Account"],
  search: ["搜昵称、编号或 openid", "Search a name, number or openid"],
  nobody: ["没有找到这样的人", "Nobody like that here"],
  people: ["人", "People"],
  phone: ["手机", "Phone"],
  wire: ["回调", "Callbacks"],
  back: ["返回", "Back"],
  following: ["已关注", "Following"],
  stranger: ["未关注", "Not following"],
  follow: ["关注公众号", "Follow"],
  follow_how: ["通过哪里关注", "How they found it"],
  unfollow: ["取消关注", "Unfollow"],
  enter: ["发消息", "Open chat"],
  profile: ["公众号资料", "About this account"],
  followers: ["位关注者", "followers"],
  blocks: ["屏蔽模板消息", "Block template messages"],
  blocks_hint: ["结果回调为 failed:user block", "They end as failed:user block"],
  refuses: ["拒收消息", "Refuse messages"],
  refuses_hint: ["发送接口返回 43101 / 48002", "Sending answers 43101 / 48002"],
  say: ["说点什么…", "Say something…"],
  send: ["发送", "Send"],
  keyboard: ["键盘", "Keyboard"],
  menu: ["菜单", "Menu"],
  more: ["更多", "More"],
  scan: ["扫一扫", "Scan a code"],
  scan_hint: ["粘贴二维码的 ticket、链接或场景值", "Paste a QR code's ticket, its URL, or a scene"],
  no_menu: ["这个公众号没有自定义菜单", "This account has no menu"],
  cancel: ["取消", "Cancel"],
  confirm: ["确定", "OK"],
  close: ["关闭", "Close"],
  earlier: ["查看更早的消息", "Earlier messages"],
  empty_chat: ["还没有消息", "Nothing said yet"],
  page_title: ["网页", "Web page"],
  page_hint: ["手机会在微信内打开这个网址", "A phone opens this address inside WeChat"],
  page_open: ["在新标签页打开", "Open in a new tab"],
  page_unsafe: ["不是网页地址,不打开", "Not a web address: it is not opened"],
  mini_program: ["小程序", "Mini program"],
  mini_hint: ["手机会打开这个小程序页面", "A phone opens this page of the mini program"],
  details: ["查看详情", "Details"],
  unknown_kind: ["这种消息页面还不会显示", "The page cannot show this kind yet"],
  transferred: ["已转接人工客服", "Handed to customer service"],
  picture: ["图片", "Picture"],
  voice: ["语音", "Voice"],
  video: ["视频", "Video"],
  music: ["音乐", "Music"],
  card: ["卡券", "Coupon card"],
  place: ["位置", "Location"],
  article: ["图文", "Article"],
  windows: ["可主动回复的额度", "What the account may still send"],
  no_windows: ["没有打开的窗口,客服消息会被拒绝 (45015)", "No open window: service messages are refused (45015)"],
  message_window: ["48 小时窗口", "48-hour window"],
  click_window: ["点击菜单", "Menu tap"],
  follow_window: ["关注", "Follow"],
  scan_window: ["扫码", "Scan"],
  left: ["条,剩", "left, for"],
  expired: ["已结束", "ended"],
  callbacks: ["回调去向", "What became of the callbacks"],
  no_callbacks: ["还没有回调", "No callbacks yet"],
  no_address: ["没有设置回调地址,事件只留在沙箱里", "No callback address: events stay in the sandbox"],
  verify: ["验证", "Verify"],
  verified: ["回调地址验证通过", "The address echoed correctly"],
  not_verified: ["回调地址没有正确回应", "The address did not echo"],
  pending: ["投递中", "Under way"],
  delivered: ["已送达", "Delivered"],
  lost: ["未送达", "Lost"],
  interrupted: ["被中断", "Interrupted"],
  retrying: ["重试中", "Retrying"],
  attempt: ["第", "Attempt"],
  timed_out: ["5 秒内没有应答", "no answer in 5 s"],
  not_connected: ["连不上", "not connected"],
  replied: ["被动回复", "Replied"],
  reply_empty: ["空应答", "empty answer"],
  reply_success: ["应答 success", "answered success"],
  reply_bad: ["回复无效", "bad reply"],
  fields: ["字段", "Fields"],
  identity: ["身份", "Identity"],
  city: ["城市", "City"],
  interests: ["兴趣", "Interests"],
  ceiling: ["心理价位", "Price ceiling"],
  member_no: ["会员号", "Member no."],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  offline: ["与沙箱的连接断开,正在重连…", "Lost the sandbox; connecting again…"],
  choose: ["选择一个人,拿起 TA 的手机", "Choose a person and pick up their phone"],
  place_label: ["地址", "Address"],
  latitude: ["纬度", "Latitude"],
  longitude: ["经度", "Longitude"],
  scan_result: ["扫到的内容", "What the code says"],
  subscribe: ["订阅通知", "Subscriptions"],
  subscribe_hint: ["对方申请发送以下通知(一次最多三个)", "The account asks to send these, three at most"],
  no_notices: ["这个公众号还没有订阅通知模板", "This account has no subscription templates yet"],
  accept: ["允许", "Allow"],
  reject: ["拒绝", "Refuse"],
  withdraw: ["关闭", "Switch off"],
  always: ["长期有效", "always"],
  credits: ["次可发", "left to send"],
  dropped: ["被故障规则丢弃", "Dropped by a fault"],
  answer_lost: ["应答丢失", "answer lost"],
  forged_refused: ["伪造签名,已被拒绝", "forged copy, refused"],
  forged_accepted: ["伪造签名,竟被接受", "forged copy was accepted"],
  copy_sent: ["重复投递", "sent once more"],
  "message:image": ["图片", "Picture"],
  "message:voice": ["语音", "Voice"],
  "message:video": ["视频", "Video"],
  "message:location": ["位置", "Location"],
  event_LOCATION: ["上报了位置", "Told where they are"],
  event_view_miniprogram: ["打开了小程序", "Opened a mini program"],
  event_scancode_push: ["扫码(推事件)", "Scanned from the menu"],
  event_scancode_waitmsg: ["扫码(等回复)", "Scanned from the menu"],
  event_pic_sysphoto: ["拍了照片", "Took a picture"],
  event_pic_photo_or_album: ["选了照片", "Chose a picture"],
  event_pic_weixin: ["从相册发图", "Sent from the album"],
  event_location_select: ["选了位置", "Chose a place"],
  event_subscribe_msg_popup_event: ["答复了订阅请求", "Answered a subscription request"],
  event_subscribe_msg_change_event: ["关闭了订阅", "Switched a subscription off"],
  event_user_enter_tempsession: ["进入客服会话", "Entered a service session"],
  event_subscribe: ["关注了公众号", "Followed"],
  event_unsubscribe: ["取消了关注", "Unfollowed"],
  event_SCAN: ["扫了二维码", "Scanned a code"],
  event_CLICK: ["点了菜单", "Tapped the menu"],
  event_VIEW: ["打开了链接", "Opened a link"],
  event_TEMPLATESENDJOBFINISH: ["模板消息结果", "Template outcome"],
  "message:text": ["文字消息", "Text"],
  ADD_SCENE_SEARCH: ["搜索", "Search"],
  ADD_SCENE_QR_CODE: ["二维码", "QR code"],
  ADD_SCENE_PROFILE_CARD: ["名片分享", "Shared card"],
  ADD_SCENE_PROFILE_LINK: ["图文页链接", "Article link"],
  ADD_SCENE_PAID: ["支付后", "After paying"],
  ADD_SCENE_WXA: ["小程序", "Mini program"],
  ADD_SCENE_OTHERS: ["其他", "Others"],
};

const KEY = "wechat-sandbox.language";

let place = readLanguage();

/**
 * Say a word, or the key itself where there is none: platform names stay as they are.
 *
 * @param {string} key
 */
export function t(key) {
  return WORDS[key]?.[place] ?? key;
}

/** @returns {"zh" | "en"} */
export function language() {
  return place === 0 ? "zh" : "en";
}

/** Change to the other language and remember it. */
export function switchLanguage() {
  place = place === 0 ? 1 : 0;
  localStorage.setItem(KEY, language());
  document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
}

/** @returns {0 | 1} */
function readLanguage() {
  const kept = localStorage.getItem(KEY) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  document.documentElement.lang = kept === "zh" ? "zh-CN" : "en";
  return kept === "zh" ? 0 : 1;
}
