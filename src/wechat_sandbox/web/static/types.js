/**
 * What the control API answers, as far as the page uses it.
 *
 * @typedef {{now: string, epoch_s: number, rate: number}} Clock
 * @typedef {{appid: string, name: string, original_id: string, callback_url: string, followers?: number}} Account
 * @typedef {{seq: number, direction: "from_person" | "to_person" | "note", kind: string, at: string,
 *   body: Record<string, any>, msgid: string | null, client_msg_id: string | null}} Line
 * @typedef {{at: number, took_ms: number, outcome: string, reply?: string, forged?: boolean,
 *   refused?: boolean, copy?: boolean}} Attempt
 * @typedef {{seq: number, event: string, create_time: number, state: string, attempts: number,
 *   line: number | null, history: Attempt[]}} Callback
 * @typedef {{index: number, nickname: string, gender: string, city: string, openid: string,
 *   following: boolean, last: Line | null}} Contact
 * @typedef {{index: number, nickname: string, gender: string, city: string, province: string,
 *   birthday: string, phone: string, interests: [string, number][], price_ceiling_fen: number,
 *   member_no: string, friends: number[]}} Person
 * @typedef {{openid: string, unionid: string, following: boolean, subscribe_scene: string, qr_scene: string,
 *   remark: string, blocks_messages: boolean, refuses_messages: boolean}} Relation
 * @typedef {{name: string, type: string, key?: string, url?: string, appid?: string, pagepath?: string,
 *   media_id?: string, article_id?: string, sub_button?: MenuButton[]}} MenuButton
 * @typedef {{trigger: string, remaining: number, expires_at: string}} Window
 * @typedef {{account: Account, person: Person, relation: Relation, windows: Window[], menu: MenuButton[],
 *   lines: Line[], has_more: boolean, callbacks: Callback[], clock: Clock}} Chat
 */

export {};
