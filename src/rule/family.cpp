// How findings are worded.  See family.hpp.
#include "rule/family.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "core/text.hpp"

namespace accord::rule {

namespace {

using core::effect;

std::string_view done_to(effect what, bool readers) {
  switch (what) {
    case effect::none:
      return "";
    case effect::data_dependent:
      return readers ? "can break readers, depending on the data" : "can break writers, depending on the data";
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

const rule_info& rule_of(std::span<const rule_info> rules, std::string_view id) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return r.id == id; });
  return found == rules.end() ? rules.front() : *found;
}

std::string context::old_name(const std::string& now) const {
  for (const auto& [from, to] : renamed)
    if (to == now) return from;
  return now;
}

const core::column* context::now(const std::string& old) const {
  const auto found = renamed.find(old);
  return after.find_column(found == renamed.end() ? old : found->second);
}

std::string disguised_not_null(const core::constraint& constraint) {
  if (constraint.kind != "check" || constraint.columns.size() != 1) return {};
  const std::string& column = constraint.columns[0];
  const bool only_that = bare_definition(constraint) == fmt::format("CHECK (({} IS NOT NULL))", core::quote_identifier(column));
  return only_that ? column : std::string();
}

namespace {

bool checked_not_null(const core::shape& shape, const core::column& column) {
  return std::any_of(shape.constraints.begin(), shape.constraints.end(),
                     [&](const auto& constraint) { return constraint.enforced && disguised_not_null(constraint) == column.name; });
}

}  // namespace

bool rejects_null(const core::shape& shape, const core::column& column) {
  return column.not_null || column.type.domain_not_null || checked_not_null(shape, column);
}

bool must_be_given(const core::shape& shape, const core::column& column) {
  return !is_filled(column) && (column.not_null || checked_not_null(shape, column));
}

bool is_filled(const core::column& column) {
  const auto& text = column.default_expression;
  const bool null = text && core::says_null(*text);
  return (text && !null) || column.generated || !column.identity.empty() || (!column.type.domain_default.empty() && !null);
}

bool rows_go_with_others(const core::shape& shape) {
  return std::any_of(shape.constraints.begin(), shape.constraints.end(),
                     [](const core::constraint& key) { return key.kind == "foreign key" && key.enforced && key.on_delete == "cascade"; });
}

bool can_be_set_by_trigger(const core::shape& shape, const std::string& column) {
  return std::any_of(shape.triggers.begin(), shape.triggers.end(), [&](const core::trigger& t) {
    if (t.enabled == "disabled" || t.enabled == "replica") return false;
    if (t.effects.empty())
      return t.definition.find(" BEFORE ") != std::string::npos && t.definition.find(" FOR EACH ROW ") != std::string::npos;
    return std::find(t.effects.begin(), t.effects.end(), "fills " + column) != t.effects.end();
  });
}

std::vector<std::string> checked_with(const core::shape& shape, const std::string& column) {
  std::vector<std::string> columns;
  for (const auto& check : shape.constraints)
    if (check.kind == "check" && std::find(check.columns.begin(), check.columns.end(), column) != check.columns.end())
      columns.insert(columns.end(), check.columns.begin(), check.columns.end());
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

namespace {

// A condition that says no more of the column than whether it is there.
bool asks_for_null_only(const std::string& definition, const std::string& column) {
  const std::string name = core::quote_identifier(column);
  return !change::names_column(
      change::retargeted_in(change::retargeted_in(definition, name + " IS NOT NULL", "true"), name + " IS NULL", "true"), column);
}

}  // namespace

std::vector<std::string> checked_by_value_with(core::shape shape, const std::string& column) {
  std::erase_if(shape.constraints,
                [&](const core::constraint& c) { return c.kind == "check" && asks_for_null_only(c.definition, column); });
  return checked_with(shape, column);
}

bool acts_on_rows(const core::constraint& key) {
  auto acts = [](const std::string& action) { return action != "no action" && action != "restrict" && !action.empty(); };
  return acts(key.on_delete) || acts(key.on_update);
}

std::vector<std::string> columns_in(const core::shape& shape, std::string_view expression) {
  std::vector<std::string> columns;
  for (const auto& column : shape.columns)
    if (change::names_column(expression, column.name)) columns.push_back(column.name);
  return columns;
}

std::vector<std::string> with_sources(const core::shape& shape, std::vector<std::string> columns) {
  for (std::size_t i = 0, given = columns.size(); i < given; i++)
    if (const core::column* column = shape.find_column(columns[i]); column && column->generated)
      for (auto& source : columns_in(shape, *column->generated))
        columns.push_back(std::move(source));
  return columns;
}

std::vector<std::string> seen_in(const core::shape& shape, const std::string& column) {
  std::vector<std::string> columns = {column};
  for (const auto& other : shape.columns)
    if (other.generated && change::names_column(*other.generated, column)) columns.push_back(other.name);
  return columns;
}

std::vector<std::string> seen_in(const core::shape& shape, const std::vector<std::string>& columns) {
  std::vector<std::string> all;
  for (const auto& column : columns)
    for (auto& seen : seen_in(shape, column))
      all.push_back(std::move(seen));
  return all;
}

std::vector<std::string> writers_of_computed(const core::shape& shape, std::string_view expression) {
  auto sources = columns_in(shape, expression);
  auto filled = [&](const std::string& name) { return is_filled(*shape.find_column(name)) || can_be_set_by_trigger(shape, name); };
  if (!is_arithmetic(expression) || std::any_of(sources.begin(), sources.end(), filled)) return {};
  return sources;
}

bool is_arithmetic(std::string_view expression) {
  for (std::size_t i = 0; i < expression.size(); i++) {
    const char c = expression[i];
    const bool in_name = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';  // keywords are in upper case
    if (!in_name && std::string_view(" ()+-*/%.:").find(c) == std::string_view::npos) return false;
    if (in_name && expression.substr(i + 1).starts_with('(')) return false;  // a function
  }
  return true;
}

std::string bare_definition(const core::constraint& constraint) {
  std::string text = constraint.definition;
  if (constraint.kind == "foreign key") {
    for (const char* clause : {" ON UPDATE ", " ON DELETE "})
      text.resize(std::min(text.size(), text.find(clause)));
  }
  for (bool again = true; again;) {
    again = false;
    for (std::string_view end : {" NOT VALID", " NOT ENFORCED", " INITIALLY DEFERRED", " DEFERRABLE"}) {
      if (!text.ends_with(end)) continue;
      text.erase(text.size() - end.size());
      again = true;
    }
  }
  return text;
}

std::string sentence_start(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string inside_sentence(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

core::finding found(const rule_info& rule, std::string element, std::vector<std::string> columns, const std::string& what) {
  return found(rule, std::move(element), std::move(columns), what, {rule.readers, {}}, {rule.writers, {}});
}

core::finding found(const rule_info& rule, std::string element, std::vector<std::string> columns, const std::string& what, outcome readers,
                    outcome writers) {
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
