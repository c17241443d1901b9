// The order of renames: no step may use a name that is still taken.
//
// Names can change places (a -> b while b -> a); such a circle is opened with one temporary name.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace accord::core {

using rename_list = std::vector<std::pair<std::string, std::string>>;

// `temporary` is a name that nothing has.
rename_list in_safe_order(rename_list wanted, const std::string& temporary);

}  // namespace accord::core
