// semantic_version: the number of a contract version, and the size of a step between two.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace accord::core {

// The size of a step; ordered, so the largest of several is std::max.
enum class bump { none, patch, minor, major };

std::string_view name_of(bump);

struct semantic_version {
  int major = 0, minor = 0, patch = 0;

  auto operator<=>(const semantic_version&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy misreads <=>
  std::string text() const;                                   // "2.1.0"
  semantic_version next(bump step) const;                     // 2.1.3 -> 2.2.0 for minor
};

// A version as users write it: "2", "2.1" or "2.1.0".  Parts left out match any number.
struct version_pattern {
  int major = 0;
  std::optional<int> minor, patch;

  bool matches(const semantic_version&) const;
  std::string text() const;
};

// Throws failure 22023 when the text is not a version.
version_pattern parse_version_pattern(std::string_view);
semantic_version parse_version(std::string_view);  // missing parts are 0

// The step from one version to a later one; none when `to` is not later.
bump step_between(const semantic_version& from, const semantic_version& to);

}  // namespace accord::core
