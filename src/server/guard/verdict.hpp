// verdict: may this change of a contracted relation pass, and if so why?
//
// Judged at ddl_command_start from the parse tree, before anything is locked, and again at the end from the catalogs, by the same function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server/guard/frames.hpp"
#include "server/registry/promise.hpp"

namespace accord::guard {

using registry::earlier_promises;
using registry::promise;
using registry::promise_of;

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

// What a migration can make.  While one is live nothing of the kind passes beside it: the versions share these columns, so clients of the next
// one would be hit too, and it would have to become a major version where the migration is making one.
bool changes_columns(const verdict&);

// Consumers of the promised version that one of the findings hits, sorted.
std::vector<std::string> consumers_of(const promise&, const std::vector<core::finding>&);

// `also_affected`: consumers of earlier versions that the change hits.
verdict decide(const promise&, const std::vector<core::finding>& findings, const std::vector<std::string>& also_affected = {});

// Raises AC001.  `at_hand` are the changes that the parse tree told, for a hint that can be pasted; empty where there was none.
[[noreturn]] void refuse(const promise&, const verdict&, const std::string& tag, const std::vector<change::any_change>& at_hand);
// The same text as a WARNING, once for each command.
void warn(const promise&, const verdict&, frame&, const std::vector<change::any_change>& at_hand);

}  // namespace accord::guard
