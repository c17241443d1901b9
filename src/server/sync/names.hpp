// names: the columns that an expression names, by its syntax alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::migration {

std::vector<std::string> names_in(std::string_view expression);  // sorted
// The tables that it names its columns by.
std::vector<std::string> qualifiers_in(std::string_view expression);

// Inside pg(): appends those of a raw parse tree, as C strings of the tree.
void collect_names(Node* raw, List*& names);
// Inside pg(): what it calls `from` it calls `to` from now on.
void rename_columns(Node* raw, const char* from, const char* to);

}  // namespace accord::migration
