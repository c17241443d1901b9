// See draft.hpp.
#include "plan/draft.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <variant>

#include "change/names_in_sql.hpp"
#include "plan/errors.hpp"

namespace accord::plan {

namespace {

auto is(std::string_view name) {
  return [name](const draft_column& c) { return c.column.name == name; };
}

class follower {
 public:
  explicit follower(draft& d) : draft_(d) {}

  void operator()(const change::column_added& c) {
    if (find(c.column.name)) throw duplicate(c.column.name);
    if (!c.column.identity.empty())
      throw errors::change_not_staged(
          c.describe(), "The server would give every existing row a value at once, while nobody can write.",
          "Add a plain column with an expression in \"up\" and SET NOT NULL, and make it an identity column in a later migration.");
    draft_.columns.push_back({c.column, std::nullopt});
  }
  void operator()(const change::column_dropped& c) {
    auto at = position(c.column);
    draft_.columns.erase(at);
  }
  void operator()(const change::column_renamed& c) {
    if (find(c.to)) throw duplicate(c.to);
    position(c.column)->column.name = c.to;
    for (auto& other : draft_.columns)
      if (other.column.generated) other.column.generated = change::renamed_in(*other.column.generated, {{c.column, c.to}});
    for (auto& added : draft_.added) {
      std::replace(added.columns.begin(), added.columns.end(), c.column, c.to);
      // What a foreign key references has names of its own.
      auto own = std::min(added.definition.find(" REFERENCES "), added.definition.size());
      added.definition = change::renamed_in(added.definition.substr(0, own), {{c.column, c.to}}) + added.definition.substr(own);
    }
  }
  void operator()(const change::column_retyped& c) {
    auto& column = *position(c.column);
    column.column.type = c.to;
    if (!column.origin) return;
    if (c.using_expression && column.using_expression)
      throw errors::change_not_staged(c.describe(), "The column is retyped twice.",
                                      "Give one expression from the old type to the last one.");
    column.retyped = true;
    if (c.using_expression) column.using_expression = c.using_expression;
  }
  void operator()(const change::collation_changed& c) {
    throw errors::change_not_staged(c.describe(), "Only a change of type is staged; a collation alone is not.",
                                    "Give ALTER COLUMN TYPE with the collation and a USING clause.");
  }
  void operator()(const change::not_null_added& c) { position(c.column)->column.not_null = true; }
  void operator()(const change::not_null_dropped& c) { position(c.column)->column.not_null = false; }
  void operator()(const change::default_changed& c) { position(c.column)->column.default_expression = c.to; }
  void operator()(const change::identity_changed& c) {
    auto& column = *position(c.column);
    column.column.identity = c.to;
    column.identity_options = c.options;
  }
  void operator()(const change::generated_changed& c) {
    auto& column = *position(c.column);
    column.regenerated = true;
    column.column.generated = c.to;
    column.column.generated_kind = c.to_kind;
  }
  void operator()(const change::comment_changed& c) {
    if (c.column.empty())
      draft_.comment = c.to;
    else
      position(c.column)->column.comment = c.to;
  }
  void operator()(const change::columns_reordered& c) {
    std::vector<draft_column> ordered;
    for (const auto& name : c.order)
      if (auto at = std::find_if(draft_.columns.begin(), draft_.columns.end(), is(name)); at != draft_.columns.end()) {
        ordered.push_back(std::move(*at));
        draft_.columns.erase(at);
      }
    std::move(draft_.columns.begin(), draft_.columns.end(), std::back_inserter(ordered));
    draft_.columns = std::move(ordered);
  }
  void operator()(const change::relation_renamed& c) { draft_.relation = c.to; }
  void operator()(const change::relation_moved& c) { draft_.relation = c.to; }

  void operator()(const change::constraint_added& c) {
    // Of columns that the same statement adds it is the key that says so.
    if (c.constraint.kind == "primary key")
      for (const auto& name : c.constraint.columns)
        if (find(name)) position(name)->column.not_null = true;
    draft_.added.push_back(c.constraint);
  }
  void operator()(const change::constraint_dropped& c) {
    auto same = [&](const core::constraint& other) { return other.name == c.constraint.name; };
    auto added = std::find_if(draft_.added.begin(), draft_.added.end(), same);
    if (added != draft_.added.end())
      draft_.added.erase(added);
    else
      draft_.dropped.push_back(c.constraint);
  }

  // Everything else has no place in a version view yet, or is compatible and needs no stage.
  template <typename Kind>
  void operator()(const Kind& c) {
    throw errors::change_not_staged(
        c.describe(), "A staged migration carries changes of columns, defaults, constraints, indexes, comments and the table's name.",
        "Leave the statement out; accord.check tells whether it is compatible by itself.");
  }

 private:
  bool find(std::string_view name) const { return draft_.find(name) != nullptr; }
  std::vector<draft_column>::iterator position(std::string_view name) {
    auto at = std::find_if(draft_.columns.begin(), draft_.columns.end(), is(name));
    if (at == draft_.columns.end())
      throw core::failure(core::sqlstate::undefined_column,
                          fmt::format("column \"{}\" of relation \"{}\" does not exist", name, draft_.relation.name));
    return at;
  }
  core::failure duplicate(std::string_view name) const {
    return {"42701", fmt::format("column \"{}\" of relation \"{}\" already exists", name, draft_.relation.name)};
  }

  draft& draft_;
};

}  // namespace

const draft_column* draft::find(std::string_view name) const {
  auto at = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.column.name == name; });
  return at == columns.end() ? nullptr : &*at;
}

const draft_column* draft::from(std::string_view origin) const {
  auto at = std::find_if(columns.begin(), columns.end(), [&](const auto& c) { return c.origin == origin; });
  return at == columns.end() ? nullptr : &*at;
}

draft follow(const core::shape& old_shape, std::span<const change::any_change> changes) {
  draft result{{}, old_shape.relation, old_shape.comment, {}, {}};
  for (const auto& column : old_shape.columns)
    result.columns.push_back({column, column.name});
  follower follow_one(result);
  for (const auto& change : changes)
    std::visit(follow_one, change);
  return result;
}

}  // namespace accord::plan
