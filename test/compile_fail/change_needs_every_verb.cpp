// A kind of change that cannot find itself in a comparison is not accepted into the list of kinds.
// expect: constraint
#include "change/change.hpp"

struct half_a_kind {
  static constexpr std::string_view id = "half";
  std::string describe() const { return {}; }
  std::string element() const { return {}; }
  void apply(accord::core::shape&) const {}
#ifndef MUST_FAIL
  static std::vector<half_a_kind> detect(const accord::change::comparison&) {
    return {};
  }
#endif
  bool operator==(const half_a_kind&) const = default;
};

accord::change::one_of<half_a_kind> kind;
