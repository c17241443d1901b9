// pending: what accord.judge_at = 'commit' has still to judge.
//
// The first command of a transaction that changes a contracted relation leaves here how it was before; when the transaction commits, what it
// has become is judged by the same rules as a single statement.  So a transaction that restores what it broke passes, and tables may give
// their name to a successor.  It is all in a table: a rolled back subtransaction takes its part along, and a deferred constraint trigger
// of that table cannot be forgotten, neither by PREPARE TRANSACTION nor by SET CONSTRAINTS, which can only call it earlier.
#pragma once

#include "server/guard/frames.hpp"
#include "server/guard/verdict.hpp"

namespace accord::guard::pending {

// Is this command to be judged with its transaction?  Not where it is one by itself; and whatever the setting, once something is pending:
// a waiver of a later statement must not pass what an earlier one broke.
bool applies_to(Node* tree);

// `last`: of a relation that is gone, its name.
void add(const promise&, const watched&, const frame&, const core::qualified_name* last = nullptr);

}  // namespace accord::guard::pending
