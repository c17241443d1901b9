// suggest: what a user may have meant by a name that does not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace accord::registry {

// The choice that is closest to the name, or nothing where none is close.
std::string closest_name(std::string_view name, const std::vector<std::string>& choices);

// "Perhaps you meant "dep_delay"." or, where nothing is close, "The columns are "a", "b" and "c"."
std::string name_hint(std::string_view name, std::string_view plural, const std::vector<std::string>& choices);

}  // namespace accord::registry
