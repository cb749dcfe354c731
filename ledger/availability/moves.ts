/**
 * The operations of availability as they stand in transactions. Who may do which when is in the file named for it.
 *
 * @module
 */
import { bytes32, type Infer, record, u32 } from "../primitives/mod.ts";
import { ChunkProof } from "./chunk_proof.ts";
import { DemandedBlob } from "./places.ts";

/** Member of the committee: holds everything that the result put out, and serves it. */
export const CertifyResult = record("CertifyResult", { task: bytes32 });
/** See {@link CertifyResult}. */
export type CertifyResult = Infer<typeof CertifyResult>;

/** Anybody with a stake, and the requester: demands chunk number `chunk` of a blob. */
export const DemandChunk = record("DemandChunk", { task: bytes32, what: DemandedBlob, chunk: u32 });
/** See {@link DemandChunk}. */
export type DemandChunk = Infer<typeof DemandChunk>;

/** Anybody: shows a demanded chunk. */
export const AnswerChunk = record("AnswerChunk", { task: bytes32, demand: bytes32, proof: ChunkProof });
/** See {@link AnswerChunk}. */
export type AnswerChunk = Infer<typeof AnswerChunk>;
