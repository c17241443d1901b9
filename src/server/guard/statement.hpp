// statement: what is done about a statement that concerns a contract without changing its table's shape: refused, warned of, let pass under a
// waiver; and what passes is audited.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/guard/verdict.hpp"

namespace accord::guard {

struct statement {
  Node* tree;  // gone once the statement has run
  std::string tag, text;
};

// `consumers`: exactly who is hit, where that is known better than from the subscriptions.  Raises AC001.  True: it passes.
// Recording what passes is left to the caller, which may have to wait until the statement has run.
verdict judge(const promise&, const std::vector<core::finding>&, const statement&, const std::string& hint,
              const std::optional<std::vector<std::string>>& consumers = std::nullopt);

// Uses up the waivers and writes the audit log.
void record(const promise&, const verdict&, const std::string& tag, const std::string& text);
// A statement that breaks no promise and is worth knowing all the same; contract 0: of none in particular.
void record(std::int64_t contract, const std::string& tag, const std::string& text);

std::string waive_hint(const registry::contract&, const std::string& rule);
bool any_contract();  // is there one in this database?

}  // namespace accord::guard
