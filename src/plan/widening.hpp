// Type changes whose way back needs no words: every value of the old type has one in the new type, or is refused by it, and the assignment
// cast leads back.
//
// The way back can fail for a value that only the new type holds (a bigint in an integer): that is an error for whoever writes it, never
// a silent loss, because a length or range is checked by an assignment.
#pragma once

#include "core/shape.hpp"

namespace accord::plan {

bool is_widening(const core::column_type& from, const core::column_type& to);

// The same of changes the other way round whose assignment refuses what does not fit, and rounds nothing: bigint to integer, text to
// character varying(20).
bool has_sure_way_back(const core::column_type& from, const core::column_type& to);

}  // namespace accord::plan
