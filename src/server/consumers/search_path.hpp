// search_path as a list: taken apart, one entry put in front, put together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"

namespace accord::consumers {

std::vector<std::string> split_search_path(const std::string&);
std::string join_search_path(const std::vector<std::string>&);

// `first` (if any), then what of `path` is not in `without`.
std::vector<std::string> replace_entries(const std::vector<std::string>& path, const std::vector<std::string>& without,
                                         const std::optional<std::string>& first);

// What a new session of the role would start with in this database, before any of our entries.  `server_path`: where neither role nor
// database has a setting, in place of the built-in default.
std::vector<std::string> search_path_of_role(const std::string& role, const std::optional<std::string>& server_path = std::nullopt);

}  // namespace accord::consumers
