// The booth's sealing as a module, for browsers whose workers do not start: the same program in the page
// itself.

export { sealed } from "./sealing_ballots.ts";
