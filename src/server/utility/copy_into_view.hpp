// copy_into_view: COPY … FROM into the view of a version, a consumer or a release.
//
// PostgreSQL copies into tables only.  So the rows are read by the server's own parser of COPY, in the view's columns and types, and go through one
// INSERT into the view: rights, row security, defaults of the view, columns that are left out and the sync triggers are those of an INSERT by
// the same client.  Rows stream: none but the one that is being inserted is in memory.
#pragma once

#include "pg/bridge.hpp"

namespace accord::utility {

// Inside the utility hook, without C++ objects in its frame.  `columns`: those of the view that COPY takes without a list.
void copy_into_view(CopyStmt*, List* columns, const char* text, QueryCompletion*);

}  // namespace accord::utility
