/**
 * The part of a mini program's world that the SDK uses.
 *
 * Source: WeChat mini program documentation, wx.request, storage, App and Page, read 2026-11.
 */

import type { Properties } from "../core/call";

export interface LaunchOptions {
  path?: string;
  scene?: number;
  query?: Record<string, string>;
  referrerInfo?: { appId?: string };
}

export interface ShareContent {
  title?: string;
  path?: string;
  query?: string;
  imageUrl?: string;
  promise?: Promise<ShareContent>;
}

export type Handler = (this: unknown, ...given: unknown[]) => unknown;
export type Handlers = Record<string, unknown>;

interface RequestOptions {
  url: string;
  method: "POST";
  data: string;
  header: Record<string, string>;
  timeout: number;
  success(answer: { statusCode: number; header?: Record<string, string> }): void;
  fail(error: unknown): void;
}

export interface Wx {
  getStorageSync(name: string): unknown;
  setStorageSync(name: string, value: string): void;
  removeStorageSync(name: string): void;
  request(options: RequestOptions): unknown;
  login(options: { success(answer: { code: string }): void; fail(error: unknown): void }): void;
  getAccountInfoSync?(): { miniProgram: { appId: string; version?: string; envVersion?: string } };
  getDeviceInfo?(): { platform?: string };
  getAppBaseInfo?(): { language?: string };
  getSystemInfoSync?(): { platform?: string; language?: string };
  onNetworkStatusChange?(then: (state: { isConnected: boolean }) => void): void;
}

/** What is about the device and the program, and stays the same. */
export function contextOfDevice(wx: Wx): Properties {
  const program = attempt(() => wx.getAccountInfoSync?.().miniProgram);
  const device = attempt(() => wx.getDeviceInfo?.() ?? wx.getSystemInfoSync?.());
  const base = attempt(() => wx.getAppBaseInfo?.() ?? wx.getSystemInfoSync?.());
  return {
    channel: "mini_program",
    library: { name: "quanyu-miniprogram" },
    ...(program?.appId ? { appId: program.appId } : {}),
    ...(device?.platform ? { os: { name: device.platform }, device: { type: "mobile" } } : {}),
    ...(base?.language ? { locale: base.language } : {}),
  };
}

function attempt<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined; // An older base library.
  }
}
