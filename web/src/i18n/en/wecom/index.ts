import { codes } from "./codes";
import { corps } from "./corps";
import { customers } from "./customers";
import { groups } from "./groups";
import { inheritance } from "./inheritance";
import { staff } from "./staff";
import { tags } from "./tags";
import { welcomes } from "./welcomes";

/** WeCom: one file for each area of the console. */
export const wecom = {
  ...codes,
  ...corps,
  ...customers,
  ...groups,
  ...inheritance,
  ...staff,
  ...tags,
  ...welcomes,
};
