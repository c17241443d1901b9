// type_change: what a change from one type to another does to values: whether they keep their text, their binary form, and themselves.
//
// "No" needs a value that shows it, "yes" a reason; what has neither is unknown.  The server tries the values (src/server/check/type_change.cpp);
// the reasons are here.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace accord::rule {

struct tried_value {
  std::string value;     // as the old type writes it
  bool accepted = true;  // false: the conversion fails
  bool same_text = true;
  std::optional<bool> same_wire = {};  // nullopt: a type without binary form
  bool comes_back = true;
};

struct converted_type {
  std::string base;              // without modifier, domains and arrays: character varying
  int modifier = -1, scale = 0;  // of the parentheses; -1: none
};

struct type_pair {
  converted_type from, to;
  bool relabels = false;      // the stored bytes are taken as they are
  bool through_text = false;  // written by the one type and read by the other
  bool all_tried = false;     // the old type has no other values
  bool explicitly = false;    // by a cast that an assignment would not make
};

struct type_facts {
  std::optional<bool> same_text, same_wire, lossless;
  std::string text_witness, wire_witness, loss_witness;  // values; empty where there is none
};

type_facts facts_of(const type_pair&, const std::vector<tried_value>&);

}  // namespace accord::rule
