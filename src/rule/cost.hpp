// cost: what a statement does to the table while it runs: locks, rewrite, scan.
//
// From the measured table of HAZARDS, for the kinds of change that a parse tree can tell.  What depends on something that only the server
// knows (the volatility of a default, the session's time zone) is left open rather than guessed.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "change/change.hpp"
#include "core/shape.hpp"

namespace accord::rule {

enum class lock { none, share_update_exclusive, share_row_exclusive, access_exclusive };
std::string_view name_of(lock);  // ACCESS EXCLUSIVE

struct cost {
  lock held = lock::none;
  std::string also_locked;      // SQL name of another table that is locked as well; empty: none
  std::optional<bool> rewrite;  // nullopt: depends
  std::optional<bool> scan;
};

cost cost_of(const change::any_change&, const core::shape& before);
cost cost_of(std::span<const change::any_change>, const core::shape& before);  // of one statement that makes them all

}  // namespace accord::rule
