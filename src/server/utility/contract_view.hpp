// contract_view: the views of versions, consumers and releases, to statements that PostgreSQL takes of tables only (COPY, TRUNCATE).
//
// A client of a version knows a table.  That it works with a view is our doing, so these statements are carried to what the view shows.
#pragma once

#include "pg/bridge.hpp"

namespace accord::utility {

// Inside a hook, without C++ objects in its frame: its columns as COPY takes them without a list (not the generated ones), as a list of
// strings, where the name is that of such a view; otherwise NIL.  Costs a lookup of the name where it is another relation's.
List* columns_of_contract_view(RangeVar* name);

// The same statement over tables, and COPY TO over a query; itself where it names no such view.
PlannedStmt* without_contract_views(PlannedStmt*);

}  // namespace accord::utility
