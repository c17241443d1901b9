// probes: the statements of old clients, written against the table as it was before the change.
//
// Each says who could send it: a client that uses these columns, at this strictness or a tighter one.  Consumers of a case are judged by the
// probes that they could send, and by those of others as far as what others write shows in the columns that they read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/verdict.hpp"
#include "server.hpp"
#include "table.hpp"

namespace accord::oracle {

struct probe {
  std::string sql, copy;
  bool copies_out = false;  // COPY TO, which no batch can have
  bool writes = false;
  core::strictness at = core::strictness::data;
  column_set uses = 0;      // columns that the statement names
  column_set varied = 0;    // of a write: the columns whose value is the point of it
  bool whole = false;       // only for clients that use all columns: SELECT *, positional INSERT
  bool ordered = false;     // the order of the rows is part of the answer
  int column = -1;          // SELECT of this column and no more
  bool everything = false;  // a write that need not be compared by cell: DELETE, TRUNCATE
  bool update = false;
  bool others = false;              // not of clients of the table: what it does to the rows shows to readers only
  bool optional = false;            // ON CONFLICT DO NOTHING, a condition: a row that is left alone is no row that is missing
  std::vector<std::string> binary;  // parameters
  std::vector<bool> binary_nulls;
  std::string prepare;  // what has to be prepared before the change
};

// A row that a client could insert: for each column the text of a value; nullopt: left out.
using draft = std::vector<std::optional<std::string>>;

// Rows that clients can insert: with all that can be given, and with as little as possible.
struct rows_of_clients {
  draft base, least;
  column_set needed() const;  // columns that whoever inserts has to name
};

// For these the role must already be that of the clients, and the current transaction is left as it was.
std::optional<rows_of_clients> insertable(server&, const table&);  // nothing: no client can insert
std::vector<probe> probes_for(server&, const table&, const std::optional<rows_of_clients>&);

}  // namespace accord::oracle
