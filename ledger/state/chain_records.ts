/**
 * What the state knows of its chain: id, head and parameters.
 *
 * Table numbers 1 to 39 are declared in this folder, 40 to 59 in `../disputes/`, 60 to 79 in
 * `../governance/`.
 *
 * @module
 */
import { bytes32 } from "../primitives/mod.ts";
import { Head, Params } from "./params.ts";
import { singleton } from "./singleton.ts";

/** Hash of the genesis. */
export const chainIds = singleton(1, "chain id", bytes32);

/** Where the chain stands after the last executed block. */
export const heads = singleton(2, "head", Head);

/** Parameters in force. */
export const paramsInForce = singleton(3, "params", Params);
