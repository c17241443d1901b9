// See companion.hpp.
#include "plan/companion.hpp"

#include <array>
#include <fmt/format.h>

#include "core/name.hpp"

namespace accord::plan {

namespace {

struct kind_name {
  companion_kind kind;
  std::string_view name;
};
constexpr std::array kinds = {
    kind_name{companion_kind::index, "index"},
    kind_name{companion_kind::unique, "unique"},
    kind_name{companion_kind::primary_key, "primary key"},
    kind_name{companion_kind::exclusion, "exclusion"},
    kind_name{companion_kind::check, "check"},
    kind_name{companion_kind::foreign_key, "foreign key"},
    kind_name{companion_kind::inbound_key, "inbound key"},
    kind_name{companion_kind::statistics, "statistics"},
    kind_name{companion_kind::trigger, "trigger"},
    kind_name{companion_kind::policy, "policy"},
};

const char* prefix(companion_kind kind) {
  return kind == companion_kind::check ? "~accord" : "_accord";
}

}  // namespace

std::string_view name_of(companion_kind kind) {
  for (const auto& k : kinds)
    if (k.kind == kind) return k.name;
  return "";
}

companion_kind companion_kind_of(std::string_view name) {
  for (const auto& k : kinds)
    if (k.name == name) return k.kind;
  return companion_kind::none;
}

std::vector<std::pair<int, int>> statistics_of(const std::vector<std::string>& numbers) {
  std::vector<std::pair<int, int>> pairs;
  for (std::size_t i = 0; i + 1 < numbers.size(); i += 2)
    pairs.emplace_back(std::stoi(numbers[i]), std::stoi(numbers[i + 1]));
  return pairs;
}

std::string twin_name(std::int64_t migration, companion_kind kind, std::string_view name) {
  return core::fitted_name(fmt::format("{}_{}_", prefix(kind), migration), name);
}

std::string twin_name(std::int64_t migration, const companion& c) {
  return c.added ? c.name : twin_name(migration, c.kind, c.name);
}

std::string old_twin_name(std::int64_t migration, companion_kind kind, std::string_view name) {
  return core::fitted_name(fmt::format("{}_{}_old_", prefix(kind), migration), name);
}

}  // namespace accord::plan
