// trigger_body: what a trigger function in PL/pgSQL can do to a write, read from its body.
//
// Most triggers only observe, and refusing them all would be a false alarm each time.  The few statements that are understood are judged
// exactly; with any other the answer is: it is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace accord::rule {

struct trigger_use {
  bool before = false;  // or INSTEAD OF: what the function returns is what is stored
  bool each_row = false;
  bool on_delete = false, on_other = false;  // events
  bool definer = false;                      // runs with its owner's rights
};

// "none", or words of "swallows", "raises", "fills COLUMN"; empty: it is not known.
std::vector<std::string> effects_of_body(std::string_view body, const trigger_use&);

}  // namespace accord::rule
