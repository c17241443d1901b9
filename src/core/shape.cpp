// Looking things up in a shape, and its canonical order.
#include "core/shape.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/hash.hpp"

namespace accord::core {

const column* shape::find_column(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const column& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

column* shape::find_column(std::string_view name) {
  return const_cast<column*>(std::as_const(*this).find_column(name));
}

const constraint* shape::find_constraint(std::string_view name) const {
  const auto found = std::find_if(constraints.begin(), constraints.end(), [&](const constraint& c) { return c.name == name; });
  return found == constraints.end() ? nullptr : &*found;
}

void canonicalize(shape& s) {
  const auto by = [](auto& list, auto key) {
    std::stable_sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  };
  by(s.constraints, [](const constraint& c) { return std::tie(c.name, c.kind); });
  by(s.policies, [](const policy& p) { return std::tie(p.name); });
  by(s.privileges, [](const privilege& p) { return std::tie(p.grantee, p.kind, p.column, p.grantable); });
  by(s.triggers, [](const trigger& t) { return std::tie(t.name, t.definition); });
}

std::string fingerprint(const shape& s) {
  return hex_digits(hash_of(to_json(s)));
}

}  // namespace accord::core
