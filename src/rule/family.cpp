// How findings are worded.  See family.hpp.
#include "rule/family.hpp"

#include <fmt/format.h>

namespace accord::rule {

namespace {

using core::effect;

std::string_view done_to(effect what, bool readers) {
  switch (what) {
    case effect::none:
      return "";
    case effect::data_dependent:
      return readers ? "can break readers, depending on the data"
                     : "can break writers, depending on the data";
    case effect::silent:
      return readers ? "silently changes what readers see" : "silently changes what writers store";
    case effect::breaks:
      return readers ? "breaks readers" : "breaks writers";
  }
  return "";
}

}  // namespace

std::string consequence(effect readers, effect writers) {
  if (readers == effect::none && writers == effect::none) return "";
  if (readers == writers) {
    switch (readers) {
      case effect::breaks:
        return "which breaks readers and writers";
      case effect::data_dependent:
        return "which can break readers and writers, depending on the data";
      default:
        return "which silently changes what readers see and what writers store";
    }
  }
  if (writers == effect::none) return fmt::format("which {}", done_to(readers, true));
  if (readers == effect::none) return fmt::format("which {}", done_to(writers, false));
  return fmt::format("which {} and {}", done_to(readers, true), done_to(writers, false));
}

std::string sentence_start(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

core::finding found(const rule_info& rule, std::string element, std::vector<std::string> columns,
                    const std::string& what) {
  return found(rule, std::move(element), std::move(columns), what, {rule.readers, {}},
               {rule.writers, {}});
}

core::finding found(const rule_info& rule, std::string element, std::vector<std::string> columns,
                    const std::string& what, outcome readers, outcome writers) {
  std::string then = consequence(readers.effect, writers.effect);
  return {std::string(rule.id),
          std::move(element),
          std::move(columns),
          readers.effect,
          writers.effect,
          readers.at.value_or(rule.readers_at),
          writers.at.value_or(rule.writers_at),
          then.empty() ? what + "." : fmt::format("{}, {}.", what, then)};
}

}  // namespace accord::rule
