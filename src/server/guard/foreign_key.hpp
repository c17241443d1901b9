// foreign_key: a foreign key of another table that refers to a contracted one.  No shape shows it; who deletes rows meets it.
#pragma once

#include <string>

#include "server/guard/verdict.hpp"

namespace accord::guard {

// Judges the foreign keys that the command makes, and records what passes.  The parse tree says all there is to know, so that this is done
// before any lock is taken; nothing is said where PostgreSQL will refuse the command.  Raises AC001.
void judge_references(Node* tree, const std::string& tag);

}  // namespace accord::guard
