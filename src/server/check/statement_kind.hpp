// statement_kind: what accord.check has to know of a statement beyond the relations that it names.
#pragma once

#include "pg/bridge.hpp"

namespace accord::check {

enum class tellable { yes, no };

struct kind_of_statement {
  // no: it may do anything (DO, CALL, a function that is not PostgreSQL's own).
  tellable verdict = tellable::yes;
  const RangeVar* creates = nullptr;  // a relation that exists from now on
  bool sets_search_path = false;
  bool executed = false;           // accord.check executes it on the clones
  bool defines_qualified = false;  // the first qualified name in it is what it makes, whether or not there is one already
};

kind_of_statement kind_of(Node* tree);

}  // namespace accord::check
