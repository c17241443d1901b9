// Expressions of a plan, compiled: `up` over the columns of the old version, `down` over those of the new one, those of generated columns and of
// columns that move.  What the plan has as the user wrote it is then as the server says it, every name qualified.
//
// Locking: the caller holds at least ACCESS SHARE on the table.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/planner.hpp"
#include "server/migration/preparation.hpp"
#include "server/registry/contract.hpp"
#include "server/sync/expression.hpp"

namespace accord::migration {

// What a user has written, with the places that errors point to.
struct user_texts {
  std::vector<std::pair<std::string, expression_text>> texts;
  expression_text of(const std::string& column, const std::string& text) const {
    for (const auto& [name, found] : texts)
      if (name == column && found.text == text) return found;
    return expression_text(text);
  }
};
user_texts read_list(const std::optional<std::string>& list, std::vector<plan::assignment>&);
std::vector<plan::assignment> assignments_of(const std::vector<assignment>& written);

// The other table of a move.
Oid target_of(const move_arguments&);

// Throws the server's own errors, with the place in the user's text.
void resolve(const registry::contract&, plan::migration&, const user_texts& up, const user_texts& down);
void resolve_moves(const registry::contract&, plan::migration&, const std::vector<move_arguments>& written);

}  // namespace accord::migration
