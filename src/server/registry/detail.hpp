// detail: the JSON text of an audit row, from names and values.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace accord::registry {

// {"version":"1.1.0","reason":"..."}; absent values are left out.
std::string json_detail(std::initializer_list<std::pair<std::string_view, std::optional<std::string>>>);

}  // namespace accord::registry
