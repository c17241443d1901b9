// references: foreign keys of other tables that refer to one.  No shape of it shows them; who deletes rows or changes keys meets them.
#pragma once

#include <string>
#include <vector>

#include "server/registry/contract.hpp"

namespace accord::consumers {

struct reference_to {
  Oid by = InvalidOid;
  core::qualified_name name;              // of the table that refers
  std::vector<std::string> own, columns;  // that refer, and that are referred to
  std::string on_delete, on_update;       // as a shape names them
};

// Those that are enforced and no migration's own, each once, however many partitions either side has.
std::vector<reference_to> references_to(Oid table);

// Its last line are the terms: what it asks of those who write to the table, whatever the tables and their columns are called.
std::string key_of(const reference_to&);
std::string terms_in(const std::string& key);

}  // namespace accord::consumers
