/**
 * Programs: what a task asks to be computed, in the form that can be committed to, disputed and arbitrated.
 *
 * @module
 */
export type { NamedHeader, OpenedPhase, OpenedProgram } from "./opened_program.ts";
