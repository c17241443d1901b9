// Reading, printing and comparing semantic versions.
#include "core/version.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/errors.hpp"

namespace accord::core {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int parse_part(std::string_view whole, std::string_view part) {
  if (part.empty() || !std::all_of(part.begin(), part.end(), is_digit)) {
    throw errors::invalid_version(whole);
  }
  if (part.size() > 1 && part.front() == '0') throw errors::invalid_version(whole);
  if (part.size() > 9) throw errors::version_too_large(part);
  int number = 0;
  for (char c : part)
    number = number * 10 + (c - '0');
  return number;
}

}  // namespace

std::string_view name_of(bump step) {
  switch (step) {
    case bump::none:
      return "none";
    case bump::patch:
      return "patch";
    case bump::minor:
      return "minor";
    case bump::major:
      return "major";
  }
  return "none";
}

std::string semantic_version::text() const {
  return fmt::format("{}.{}.{}", major, minor, patch);
}

semantic_version semantic_version::next(bump step) const {
  switch (step) {
    case bump::none:
      break;
    case bump::patch:
      return {major, minor, patch + 1};
    case bump::minor:
      return {major, minor + 1, 0};
    case bump::major:
      return {major + 1, 0, 0};
  }
  return *this;
}

bool version_pattern::matches(const semantic_version& version) const {
  return version.major == major && (!minor || version.minor == *minor) && (!patch || version.patch == *patch);
}

std::string version_pattern::text() const {
  if (!minor) return fmt::format("{}", major);
  if (!patch) return fmt::format("{}.{}", major, *minor);
  return fmt::format("{}.{}.{}", major, *minor, *patch);
}

version_pattern parse_version_pattern(std::string_view text) {
  std::optional<int> parts[3];
  std::string_view rest = text;
  for (std::optional<int>& part : parts) {
    const std::size_t dot = rest.find('.');
    part = parse_part(text, rest.substr(0, dot));
    if (dot == std::string_view::npos) return {*parts[0], parts[1], parts[2]};
    rest.remove_prefix(dot + 1);
  }
  throw errors::invalid_version(text);  // a fourth part
}

semantic_version parse_version(std::string_view text) {
  const version_pattern pattern = parse_version_pattern(text);
  return {pattern.major, pattern.minor.value_or(0), pattern.patch.value_or(0)};
}

bump step_between(const semantic_version& from, const semantic_version& to) {
  if (to <= from) return bump::none;
  if (to.major != from.major) return bump::major;
  return to.minor != from.minor ? bump::minor : bump::patch;
}

}  // namespace accord::core
