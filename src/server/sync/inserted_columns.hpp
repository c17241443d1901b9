// inserted_columns: which columns the running INSERT or COPY names.
//
// A row alone does not tell an explicit NULL from a column that was left out, and the two mean
// different things to the other version.  The statement does: its range table says which columns
// were inserted, after views were rewritten to the base table.  The executor hook here and the utility hook (server/utility) keep a
// stack of the running statements, and the sync trigger asks the top of it.
//
// The hooks observe: they allocate nothing, read nothing, and chain to the next hook in every case.
// In a session where the library is loaded by its first trigger call, that first statement is not
// on the stack, and the answer is "not known".
#pragma once

#include "pg/bridge.hpp"

namespace accord::migration {

// Inside pg(): sets named[attnum] for each column of `relation` that the running statement names.
// False: not known.
bool inserted_columns(Relation relation, bool* named);

// Runs a COPY with the statement on the stack; called by the utility hook.
void run_copy(CopyStmt*, void (*body)(void*), void* state);

// Called once from _PG_init.
void inserted_columns_init();

}  // namespace accord::migration
