// default_steps: which default each column has while several versions live, in the table and in the view of each version.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "plan/script.hpp"

namespace accord::plan {

// What the columns of the table shall have, by their physical names; the views make up for what is another in their version.
void set_defaults(script&, migration&, const std::map<std::string, std::optional<std::string>>& wanted);
// The same without views: of a table below it.
void set_table_defaults(script&, migration&, const std::map<std::string, std::optional<std::string>>& wanted);

// Of those columns that the old version lets be left out: until purge nothing in the table can tell.
bool must_be_given(const migration&, const live_version&, const version_column&);

}  // namespace accord::plan
