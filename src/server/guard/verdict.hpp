// verdict: may this change of a contracted relation pass, and if so why?
//
// Judged at ddl_command_start from the parse tree, before anything is locked, and again at the end from the catalogs, by the same function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server/guard/frames.hpp"
#include "server/registry/contract.hpp"

namespace accord::guard {

// What is promised for a relation now: the version whose shape the relation itself has.
struct promise {
  registry::contract contract;
  registry::contract_version version;
  // An earlier version that the table does not keep any more as a whole.  What is left of it is promised to those who are still subscribed, and
  // to nobody else.
  bool to_subscribers_only = false;
};

// Nothing where there is no contract, or it has no version that is active or deprecated.  While a migration prepares or runs the next version
// the relation itself still has the shape of the old one.
std::optional<promise> promise_of(Oid relation);
std::optional<promise> promise_of(const registry::contract&);

// What is promised besides: earlier versions that somebody is subscribed to, as after a waived break; and with a transitive level all those that
// are supported.
std::vector<promise> earlier_promises(const promise&);

enum class outcome {
  kept,     // nothing that the contract promises is broken
  unused,   // broken, but accord.allow_unused is on and no registered consumer is affected
  waived,   // a waiver covers it
  warned,   // the mode is warn
  ignored,  // the mode is off
  refused,
};

struct verdict {
  outcome what = outcome::kept;
  std::vector<core::finding> broken;  // of the findings, those that the contract's level promises not to happen
  std::vector<std::string> affected;  // consumers, sorted
  std::vector<std::int64_t> waivers;  // those that cover `broken`
  std::string hint;                   // in place of the one that a change of shape gets
};

// Consumers of the promised version that one of the findings hits, sorted.
std::vector<std::string> consumers_of(const promise&, const std::vector<core::finding>&);

// `also_affected`: consumers of earlier versions that the change hits.
verdict decide(const promise&, const std::vector<core::finding>& findings, const std::vector<std::string>& also_affected = {});

// Raises AC001.  `at_hand` are the changes that the parse tree told, for a hint that can be pasted; empty where there was none.
[[noreturn]] void refuse(const promise&, const verdict&, const std::string& tag, const std::vector<change::any_change>& at_hand);
// The same text as a WARNING, once for each command.
void warn(const promise&, const verdict&, frame&, const std::vector<change::any_change>& at_hand);

}  // namespace accord::guard
