// Version views: the SQL that makes one, and what its columns need of defaults.
//
// A version view is auto-updatable and security_invoker: its columns are plain columns of the table, so that INSERT, UPDATE, RETURNING and ON
// CONFLICT go through, and its users need the same rights on the table as without it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/migration.hpp"

namespace accord::plan {

// The default that a view's column needs where the table's default under it is `physical`; nullopt: none of its own.
// A column without a default over one that has a default needs a NULL that the server does not see through: SET DEFAULT NULL means none.
std::optional<std::string> view_default(const core::column& column, const std::optional<std::string>& physical);

// The default of a column that must be given: an error in PostgreSQL's words.  Until completion nothing else can tell that it was left out.
std::string required_value(const live_version&, const core::column&);

// `replace`: the view is there and gets more columns at its end.
std::string create_view(const core::qualified_name& table, const live_version&, bool replace = false);
std::vector<std::string> describe_view(const live_version&);  // defaults and comments
std::vector<std::string> grant_view(const live_version&,
                                    const std::vector<core::privilege>&);  // of the whole table; never more than it has
std::vector<std::string> create_schema(const std::string& schema, const std::vector<std::string>& users);

// Where the wanted default of the view is not the one it has.
std::optional<std::string> set_view_default(const live_version&, const version_column&, const std::optional<std::string>& wanted);

}  // namespace accord::plan
