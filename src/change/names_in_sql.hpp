// Carrying renamed columns and relations over into deparsed SQL.
//
// The server deparses constraints, policies and triggers with the names of the moment, so a rename
// changes their text and nothing else. Replacing the names here shows whether anything else
// changed. It works on tokens, without a parser: where it is fooled (a type that is called like a
// column, behind a schema), a constraint is reported as changed although only a name did, and never
// the other way round.
#pragma once

#include <string>
#include <string_view>

#include "change/comparison.hpp"

namespace accord::change {

// Every identifier that can be a column and has a new name, under that name.
std::string renamed_in(std::string_view sql, const renames&);

// Is the column named, as far as tokens tell?
bool names_column(std::string_view sql, const std::string& column);

// Every mention of the relation `from` (schema.name, as in SQL) replaced.
std::string retargeted_in(std::string_view sql, std::string_view from, std::string_view to);

}  // namespace accord::change
