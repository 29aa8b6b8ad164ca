import { corps } from "./corps";
import { staff } from "./staff";

/** 企业微信: one file for each area of the console. */
export const wecom = { ...corps, ...staff };
