// probes: the statements of old clients, written against the table as it was before the change.
//
// Each says who could send it: a client that uses these columns, at this strictness or a tighter one.  Consumers of a case are judged by the
// probes that they could send, and by those of others as far as what others write shows in the columns that they read.
#pragma once

#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server.hpp"
#include "table.hpp"

namespace accord::oracle {

struct probe {
  std::string sql, copy;
  bool writes = false;
  core::strictness at = core::strictness::data;
  column_set uses = 0;      // columns that the statement names
  column_set varied = 0;    // of a write: the columns whose value is the point of it
  bool whole = false;       // only for clients that use all columns: SELECT *, positional INSERT
  bool ordered = false;     // the order of the rows is part of the answer
  int column = -1;          // SELECT of this column and no more
  bool everything = false;  // a write that need not be compared by cell: DELETE, TRUNCATE
  bool update = false;
  bool optional = false;            // ON CONFLICT DO NOTHING: a row that is not inserted is no row that is missing
  std::vector<std::string> binary;  // parameters
  std::vector<bool> binary_nulls;
  std::string prepare;  // what has to be prepared before the change
};

// The role must already be that of the clients, and the current transaction is left as it was.
std::vector<probe> probes_for(server&, const table&);

}  // namespace accord::oracle
