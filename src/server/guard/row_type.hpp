// row_type: a command on the attributes of a composite type, or on the columns of a table whose row type is the type of columns elsewhere.
#pragma once

#include <vector>

#include "change/change.hpp"
#include "server/ddl/statement.hpp"

namespace accord::guard {

// Contracted relations with columns of that type, also in arrays, domains and within other composite types.  Where no column has it this
// costs two index lookups.
std::vector<Oid> users_of_row_type(Node* tree, const std::vector<ddl::statement>& named);

// What the command will do to the columns of a shape that are of the type itself, or arrays of it.
std::vector<change::any_change> attributes_altered(Node* tree, Oid altered, const core::shape&);

}  // namespace accord::guard
