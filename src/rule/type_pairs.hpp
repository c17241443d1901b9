// type_pairs: what a change from one type to another does, pair by pair.
//
// The pairs follow what was measured on the server: whether the text output stays equal, whether the type that drivers are told changes, and
// whether binary parameters of old writers still fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "rule/family.hpp"

namespace accord::rule {

// What a change of type does: a rule, with milder effects where given.
struct type_verdict {
  std::string_view rule;
  std::optional<outcome> readers = {}, writers = {};
};

type_verdict compare(const core::column_type& from, const core::column_type& to);

bool is_string(std::string_view base);
// A type of which only the text is known.
core::column_type type_of_text(const std::string& text);

}  // namespace accord::rule
