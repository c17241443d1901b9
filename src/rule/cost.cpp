// cost.  See cost.hpp.
#include "rule/cost.hpp"

#include <algorithm>
#include <charconv>

#include "core/overloaded.hpp"

namespace accord::rule {

namespace {

using core::overloaded;
constexpr lock exclusive = lock::access_exclusive;

// The numbers in parentheses: numeric(10,2) gives 10 and 2.
struct modifiers {
  std::optional<int> first, second;
};

modifiers modifiers_of(const std::string& text) {
  modifiers m;
  auto open = text.find('(');
  if (open == std::string::npos) return m;
  const char *at = text.data() + open + 1, *end = text.data() + text.size();
  int value = 0;
  if (auto [next, error] = std::from_chars(at, end, value); error == std::errc()) {
    m.first = value;
    if (next != end && *next == ',')
      if (std::from_chars(next + 1, end, value).ec == std::errc()) m.second = value;
  }
  return m;
}

// Whether the values can stay as they lie on disk.
std::optional<bool> rewrites(const change::column_retyped& c) {
  const auto &from = c.from, &to = c.to;
  if (from.text == to.text && !c.using_expression) return false;
  if (c.using_expression) return std::nullopt;
  auto is_time = [](const std::string& base) { return base.starts_with("timestamp"); };
  if (from.base != to.base && is_time(from.base) && is_time(to.base)) return std::nullopt;  // depends on the session's time zone
  auto without = [](const std::string& base) { return base.substr(0, base.find('(')); };
  modifiers a = modifiers_of(from.text), b = modifiers_of(to.text);
  if (from.base == "character varying" && to.base == "text") return false;
  if (from.base == "text" && to.base == "character varying") return b.first.has_value();
  if (from.base == "cidr" && to.base == "inet") return false;
  if (without(from.base) != without(to.base)) return true;
  if (from.base == "character varying" || from.base == "bit varying") return b.first && (!a.first || *b.first < *a.first);
  if (from.base == "numeric") return b.first && (!a.first || *b.first < *a.first || b.second.value_or(0) != a.second.value_or(0));
  if (is_time(from.base) || from.base == "interval" || from.base.starts_with("time")) return b.first && *b.first < a.first.value_or(6);
  return true;
}

std::optional<bool> added_rewrites(const core::column& column) {
  if (!column.identity.empty()) return true;
  if (column.generated) return column.generated_kind != "virtual";
  if (column.type.kind == "d" && (column.type.domain_not_null || !column.type.domain_checks.empty())) return true;
  if (!column.default_expression) return false;
  const std::string& expression = *column.default_expression;
  if (expression.starts_with("nextval(")) return true;
  // A function's volatility is known to the server only.
  return expression.find('(') == std::string::npos ? std::optional(false) : std::nullopt;
}

std::optional<bool> merged(std::optional<bool> a, std::optional<bool> b) {
  if (a == true || b == true) return true;
  if (!a || !b) return std::nullopt;
  return false;
}

}  // namespace

std::string_view name_of(lock l) {
  switch (l) {
    case lock::none:
      return "";
    case lock::share_update_exclusive:
      return "SHARE UPDATE EXCLUSIVE";
    case lock::share_row_exclusive:
      return "SHARE ROW EXCLUSIVE";
    case lock::access_exclusive:
      return "ACCESS EXCLUSIVE";
  }
  return "";
}

cost cost_of(const change::any_change& change, const core::shape& before) {
  return std::visit(overloaded{
                        [&](const change::column_added& c) {
                          auto rewrite = added_rewrites(c.column);
                          return cost{exclusive, {}, rewrite, rewrite};
                        },
                        [&](const change::column_retyped& c) {
                          auto rewrite = rewrites(c);
                          return cost{exclusive, {}, rewrite, rewrite};
                        },
                        [&](const change::not_null_added& c) {
                          // A valid CHECK can prove that there is none; whether it does is for the server to say.
                          bool checked = std::any_of(before.constraints.begin(), before.constraints.end(), [&](const core::constraint& k) {
                            return k.kind == "check" && k.validated &&
                                   std::find(k.columns.begin(), k.columns.end(), c.column) != k.columns.end();
                          });
                          return cost{exclusive, {}, false, checked ? std::nullopt : std::optional(true)};
                        },
                        [&](const change::constraint_added& c) {
                          bool scan = c.constraint.validated && c.constraint.enforced;
                          if (c.constraint.kind == "foreign key")
                            return cost{lock::share_row_exclusive, c.constraint.references, false, scan};
                          return cost{exclusive, {}, false, scan};
                        },
                        [&](const change::constraint_dropped& c) {
                          return cost{exclusive, c.constraint.references, false, false};
                        },
                        [&](const change::constraint_changed& c) {
                          bool validates = !c.from.validated && c.to.validated;
                          return cost{validates ? lock::share_update_exclusive : exclusive, {}, false, validates};
                        },
                        [&](const change::comment_changed&) {
                          return cost{lock::share_update_exclusive, {}, false, false};
                        },
                        [&](const change::persistence_changed&) {
                          return cost{exclusive, {}, true, true};
                        },
                        [&](const auto&) {
                          return cost{exclusive, {}, false, false};
                        },
                    },
                    change);
}

cost cost_of(std::span<const change::any_change> changes, const core::shape& before) {
  cost all{lock::none, {}, false, false};
  for (const auto& change : changes) {
    cost one = cost_of(change, before);
    all.held = std::max(all.held, one.held);
    if (all.also_locked.empty()) all.also_locked = one.also_locked;
    all.rewrite = merged(all.rewrite, one.rewrite);
    all.scan = merged(all.scan, one.scan);
  }
  return all;
}

}  // namespace accord::rule
