// beyond_shape: findings of what no shape shows.
#pragma once

#include <string>
#include <vector>

#include "change/change.hpp"
#include "core/shape.hpp"
#include "core/verdict.hpp"

namespace accord::rule {

// The rows of a partition, or of a table that inherits from the parent, appear or vanish with it.
core::finding rows_move(const core::shape& parent, const std::string& child, bool come);

// Another table took the place of one that other tables inherit from, or (`come`) the other way round: COPY and ONLY see other rows, and keys
// are of other rows.
core::finding other_children(const core::shape& before, bool come);
// Another relation took the place, and has no row security: that says all of what the policies did that went with the old one.
void forget_policies(const core::shape& now, std::vector<core::finding>&);

// A view took the table's place, and has no default of its own for this column: the server gives the table's to those who leave the column out,
// and NULL to those who update it to DEFAULT.
core::finding default_below(const core::shape& before, const core::column&);

// A view took the table's place that computes this column, or does not pass on all rows as they are.
// `filled`: it has a default, which no INSERT that leaves it out can store.
std::vector<core::finding> view_computes(const core::shape& before, const core::column&, bool filled);
core::finding view_of_some_rows(const core::shape& before, bool read_only);

// Foreign keys that one command drops and adds again, as the server itself does where a column of theirs changes its type: it comes to keys in
// the order in which they were made, so that a row which one key takes along can now be held by another, or the other way round.  `in_order`:
// their names as the server comes to them; empty: not known.
std::vector<core::finding> keys_made_again(const core::shape& before, const std::vector<change::any_change>& changes,
                                           const std::vector<std::string>& in_order);

// The column's type is another one of the same name: an enum made again.
core::finding type_made_again(const core::column&);
// Only the name of the column's type, or of its collation, is another one.
core::finding type_renamed(const core::column& before, const core::column& now);

}  // namespace accord::rule
