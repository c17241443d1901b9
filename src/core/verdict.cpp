// The words of compatibility, read and printed.
#include "core/verdict.hpp"

#include <algorithm>

#include "core/errors.hpp"

namespace accord::core {
namespace {

std::string lowered(std::string_view word) {
  std::string result(word);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string_view name_of(level word) {
  switch (word) {
    case level::none:
      return "none";
    case level::readers:
      return "readers";
    case level::writers:
      return "writers";
    case level::clients:
      return "clients";
    case level::full:
      return "full";
  }
  return "none";
}

}  // namespace

std::string_view name_of(effect word) {
  switch (word) {
    case effect::none:
      return "none";
    case effect::data_dependent:
      return "data-dependent";
    case effect::silent:
      return "silent";
    case effect::breaks:
      return "breaks";
  }
  return "none";
}

std::string_view name_of(strictness word) {
  switch (word) {
    case strictness::data:
      return "data";
    case strictness::text:
      return "text";
    case strictness::typed:
      return "typed";
    case strictness::prepared:
      return "prepared";
    case strictness::star:
      return "star";
    case strictness::exact:
      return "exact";
  }
  return "typed";
}

std::string_view name_of(access word) {
  switch (word) {
    case access::read:
      return "read";
    case access::write:
      return "write";
    case access::read_write:
      return "read write";
  }
  return "read write";
}

std::string name_of(contract_level word) {
  std::string name(name_of(word.base));
  return word.transitive ? name + "_transitive" : name;
}

strictness parse_strictness(std::string_view word) {
  for (strictness candidate :
       {strictness::data, strictness::text, strictness::typed, strictness::prepared, strictness::star, strictness::exact}) {
    if (word == name_of(candidate)) return candidate;
  }
  throw errors::unrecognized_strictness(word);
}

access parse_access(std::string_view word) {
  for (access candidate : {access::read, access::write, access::read_write}) {
    if (word == name_of(candidate)) return candidate;
  }
  throw errors::unrecognized_access(word);
}

contract_level parse_level(std::string_view word) {
  constexpr std::string_view suffix = "_transitive";
  const std::string text = lowered(word);
  std::string_view base = text;
  const bool transitive = base.ends_with(suffix);
  if (transitive) base.remove_suffix(suffix.size());

  if (base == "backward") return {level::writers, transitive};
  if (base == "forward") return {level::readers, transitive};
  for (level candidate : {level::none, level::readers, level::writers, level::clients, level::full}) {
    if (base == name_of(candidate)) {
      if (candidate == level::none && transitive) break;  // nothing is promised, to nobody
      return {candidate, transitive};
    }
  }
  throw errors::unrecognized_level(word);
}

}  // namespace accord::core
