/**
 * The API's backend over a running node: questions to its ledger client, its requester actor and its blob store.
 *
 * @module
 */
import { type ActorId, makeLightSource, RequesterAnswer, RequesterQuestion, ROLE } from "../../actors/mod.ts";
import { decodeManifest } from "../../executor/mod.ts";
import {
  ComputationProof,
  computationProof,
  submissionIn,
  TaskRecords,
  type TaskStatus,
} from "../../ledger/mod.ts";
import { PARAM_BOUNDS, PARAM_NAMES } from "../../ledger/governance/mod.ts";
import { EpochLinks, LightState } from "../../ledger/light/mod.ts";
import {
  bytesToHex,
  decode,
  encode,
  formatAddress,
  type Hash,
  hexToBytes,
} from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { RunningNode } from "../node/start_node.ts";
import { formatAmount } from "../terminal/amounts.ts";
import type { ApiBackend } from "./backend.ts";
import { finalBlock } from "./final_block.ts";
import { takeCheckpoint } from "./take_checkpoint.ts";
import { outputFile, tensorReader } from "./output_file.ts";
import type { ProgressBook } from "./task_progress.ts";

/** A query is answered from memory; a node that takes longer is overloaded or stopping. */
const QUERY_MS = 20_000;

/** An operation is final within a few blocks, on a busy machine a few seconds each. */
const OPERATE_MS = 90_000;

/** An output comes from its provider over the network. */
const OUTPUT_MS = 110_000;

/** Tasks of one listing. */
const LISTED_TASKS = 256;

const STATUSES: readonly TaskStatus[] = [
  "open",
  "assigned",
  "running",
  "auditing",
  "submitted",
  "disputed",
  "done",
  "failed",
  "cancelled",
];

function statusOf(text: string): TaskStatus {
  const status = STATUSES.find((known) => known === text);
  if (status !== undefined) return status;
  throw new ToolError("usage", `A task is ${STATUSES.join(", ")}: "${text}" is none of these.`);
}

/** The backend of a node that plays the requester. `progress` knows how far tasks have come. */
export function nodeBackend(node: RunningNode, progress: ProgressBook): ApiBackend {
  const { ledger, blobs, transport, plan } = node;
  const soon = () => ({ signal: AbortSignal.timeout(QUERY_MS) });
  const requester: ActorId = { peer: transport.self, role: ROLE.requester };

  const validator: ActorId = { peer: transport.self, role: ROLE.validator };
  const light = makeLightSource((question) => node.actors.ask(validator, question, QUERY_MS));

  const ask = async <K extends RequesterAnswer["kind"]>(
    question: RequesterQuestion,
    kind: K,
    timeoutMs: number,
  ): Promise<Extract<RequesterAnswer, { kind: K }>> => {
    const answer = decode(
      RequesterAnswer,
      await node.actors.ask(requester, encode(RequesterQuestion, question), timeoutMs),
    );
    const isExpected = (a: RequesterAnswer): a is Extract<RequesterAnswer, { kind: K }> => a.kind === kind;
    if (isExpected(answer)) return answer;
    throw new ToolError("failed", `The requester answered "${answer.kind}" where "${kind}" was due.`);
  };

  /** Said here in tokens, before anything is sent: the ledger would say it in the smallest unit. */
  const requireBalance = async (amount: bigint, what: string) => {
    const { balance } = await ledger.query("account", node.address, soon());
    if (balance > amount) return; // equal is not enough: the fee comes on top
    throw new ToolError(
      "refused",
      `${what} of ${formatAmount(amount)} AIGENSYN and the fee exceed the balance of ${
        formatAmount(balance)
      }.`,
      { amount, balance },
    );
  };

  const recordsOf = async (id: Hash): Promise<TaskRecords | undefined> => {
    const task = await ledger.query("task", id, soon());
    const audit = await ledger.query("audit", id, soon());
    return task === undefined || audit === undefined ? undefined : { task, audit };
  };

  return {
    async status() {
      const { height, epoch } = await ledger.query("head", null, soon());
      const { genesis, issued, burned } = await ledger.query("supply", null, soon());
      return {
        network: plan.genesis.network,
        chainId: await ledger.query("chainId", null, soon()),
        address: formatAddress(node.address),
        roles: plan.roles,
        engine: plan.engine,
        height,
        epoch,
        peers: transport.peers(),
        addresses: transport.addresses(),
        validators: (await ledger.query("validatorSet", null, soon()))?.validators ?? [],
        supply: { genesis, issued, burned, now: genesis + issued - burned },
      };
    },

    async account(address) {
      const { balance, nonce } = await ledger.query("account", address, soon());
      const stakes = await ledger.query("stakes", address, soon());
      return {
        address: formatAddress(address),
        balance,
        nonce,
        stakes: Object.fromEntries(stakes.map(({ role, stake }) => [role, stake])),
        offer: await ledger.query("offer", address, soon()) ?? null,
      };
    },

    async params() {
      const params = await ledger.query("params", null, soon());
      return PARAM_NAMES.map((name) => ({ name, value: BigInt(params[name]), ...PARAM_BOUNDS[name] }));
    },

    proposals: () => ledger.query("proposals", null, soon()),
    proposal: (id) => ledger.query("proposal", id, soon()),
    checkpoint: () => takeCheckpoint(node),
    lightLinks: async (from) => encode(EpochLinks, await light.links(from)),
    lightState: async (keys) => encode(LightState, await light.state(keys)),

    tasks: (status) =>
      ledger.query("tasks", {
        limit: LISTED_TASKS,
        ...(status === undefined ? {} : { status: statusOf(status) }),
      }, soon()),

    async task(id) {
      const task = await ledger.query("task", id, soon());
      if (task === undefined) {
        const shrunk = await ledger.query("shrunkRecord", id, soon());
        if (shrunk === undefined) return undefined;
        throw new ToolError(
          "not_found",
          `The task ended long ago: the ledger keeps of its record only the hash ${bytesToHex(shrunk)}.`,
        );
      }
      const disputes = await ledger.query("disputesOfTask", id, soon());
      const availability = await ledger.query("availability", id, soon()) ?? null;
      return { task, disputes, availability, progress: progress.of(bytesToHex(id)) };
    },

    explainMatch: (id) => ledger.query("explainMatch", id, soon()),

    async postTask(order) {
      await requireBalance(order.reward, "The reward");
      if (!await blobs.has(order.manifest)) {
        throw new ToolError(
          "usage",
          "This node has no blob of the manifest's id: store it and what it names first.",
        );
      }
      const manifest = await blobs.get(order.manifest, { ...soon(), from: [] });
      const { program } = decodeManifest(manifest);
      return (await ask({ kind: "post", ...order, program }, "posted", OPERATE_MS)).task;
    },

    async operate(operation) {
      if (operation.kind === "transfer" || operation.kind === "stake") {
        await requireBalance(operation.amount, `The ${operation.kind}`);
      }
      const call = { signal: AbortSignal.timeout(OPERATE_MS) };
      const { hash, height, fee } = await ledger.submit(operation, call);
      return { transaction: hash, height, fee };
    },

    async output(id: Hash, signal) {
      const task = await ledger.query("task", id, soon());
      if (task === undefined) throw new ToolError("not_found", "There is no such task.");
      const { index } = await ask({ kind: "collect", task: id }, "collected", OUTPUT_MS);
      const from = task.provider === null ? [] : [task.provider];
      const get = tensorReader((blob) => blobs.get(blob, { signal, from }));
      return await outputFile(id, task.program, index, get);
    },

    async records(id) {
      const records = await recordsOf(id);
      return records === undefined ? undefined : encode(TaskRecords, records);
    },

    async proof(id) {
      const records = await recordsOf(id);
      const { result } = records?.task ?? {};
      if (records === undefined || !result) throw new ToolError("not_found", "There is no such result.");
      if (result.seed === null) {
        throw new ToolError(
          "refused",
          "The result is sealed while it is audited. Ask again when it is opened.",
        );
      }
      const block = await finalBlock(node, result.submittedAt);
      const submission = block && submissionIn(block.transactions, records.task);
      if (submission === undefined) {
        throw new ToolError(
          "not_found",
          `This node has block ${result.submittedAt}, in which the provider signed its result, no more. Ask one that keeps more blocks.`,
        );
      }
      const { index } = await ask({ kind: "collect", task: id }, "collected", OUTPUT_MS);
      return encode(ComputationProof, computationProof(records, index.segmentRoots, submission));
    },

    putBlob: async (blob) => hexToBytes(await node.blobStore.put(blob)),
    blob: (id) => node.blobStore.get(bytesToHex(id)),
  };
}
