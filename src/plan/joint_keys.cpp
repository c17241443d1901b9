// See joint_keys.hpp.
#include "plan/joint_keys.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace accord::plan {

namespace {

// Position of the first `wanted` outside of quoted names; npos: there is none.
std::size_t find_unquoted(std::string_view text, std::string_view wanted, std::size_t from = 0) {
  bool quoted = false;
  for (std::size_t i = from; i < text.size(); i++) {
    if (!quoted && text.substr(i).starts_with(wanted)) return i;
    if (text[i] == '"') quoted = !quoted;
  }
  return std::string_view::npos;
}

std::string definition_of(const key_parts& parts) {
  return fmt::format("{} REFERENCES {} ({}){}", parts.head, parts.table, parts.columns, parts.tail);
}

// What the new version calls a column, and the physical one behind it.
const version_column* in_new_version(const migration& m, const std::string& old_name) {
  if (auto successor = m.successor_of(old_name); !successor.empty()) return m.new_version().find(successor);
  const auto* before = m.old_version().find(old_name);
  for (const auto& column : m.new_version().columns)
    if (before && column.physical == before->physical) return &column;
  return nullptr;
}

std::vector<std::string> primary_key_of(const migration& m) {
  std::vector<std::string> columns;
  for (const auto& constraint : m.old_version().shape.constraints)
    if (constraint.kind == "primary key")
      for (const auto& name : constraint.columns)
        if (const auto* column = in_new_version(m, name)) columns.push_back(column->name);
  return columns;
}

bool is_named(const migration& m, const std::string& table) {
  return table == m.table.sql() || table == m.new_version().shape.relation.sql();
}

// A key that the DDL adds speaks of the referenced table as its new version is.
void aim_at_new_columns(companion& key, const migration& referenced) {
  auto parts = parts_of_key(key.definition);
  std::vector<std::string> physical;
  bool moved = false;
  auto add = [&](const version_column& column) {
    physical.push_back(column.physical);
    const auto added = referenced.added_columns();
    moved = moved || std::find(added.begin(), added.end(), column.physical) != added.end();
  };
  if (parts.columns.empty()) {
    for (const auto& name : primary_key_of(referenced))
      add(*referenced.new_version().find(name));
  } else {
    for (std::size_t from = 0; from < parts.columns.size();) {
      auto end = find_unquoted(parts.columns, ", ", from);
      auto quoted = parts.columns.substr(from, end == std::string::npos ? end : end - from);
      from = end == std::string::npos ? parts.columns.size() : end + 2;
      for (const auto& column : referenced.new_version().columns)
        if (core::quote_identifier(column.name) == quoted) add(column);
    }
  }
  if (physical.empty()) return;  // the server says what is wrong with it
  parts.table = referenced.table.sql();
  parts.columns = core::quote_list(physical);
  key.definition = definition_of(parts);
  key.references = referenced.table.sql();
  key.late = key.late || moved;
}

}  // namespace

key_parts parts_of_key(std::string_view definition) {
  constexpr std::string_view word = " REFERENCES ";
  key_parts parts;
  auto at = find_unquoted(definition, word);
  if (at == std::string_view::npos) return parts;
  parts.head = definition.substr(0, at);
  auto target = definition.substr(at + word.size());
  auto open = find_unquoted(target, "("), action = find_unquoted(target, " ON "), list = open;
  if (open == std::string_view::npos || (action != std::string_view::npos && action < open)) {
    auto end = find_unquoted(target, " ");
    parts.table = target.substr(0, end);
    if (end != std::string_view::npos) parts.tail = target.substr(end);
    return parts;
  }
  auto close = find_unquoted(target, ")", open);
  while (list > 0 && target[list - 1] == ' ')
    list--;
  parts.table = target.substr(0, list);
  parts.columns = target.substr(open + 1, close - open - 1);
  parts.tail = target.substr(close + 1);
  return parts;
}

void join_keys(const std::vector<migration*>& migrations) {
  for (auto* referenced : migrations)
    for (auto* referencing : migrations) {
      if (referenced == referencing) continue;
      for (auto& key : referencing->companions) {
        if (key.kind != companion_kind::foreign_key || !is_named(*referenced, key.references)) continue;
        if (key.added) {
          aim_at_new_columns(key, *referenced);
          continue;
        }
        auto other = std::find_if(referenced->companions.begin(), referenced->companions.end(), [&](const auto& c) {
          return c.kind == companion_kind::inbound_key && c.name == key.name && c.references == referencing->table.sql();
        });
        if (other == referenced->companions.end()) continue;
        auto parts = parts_of_key(key.definition), target = parts_of_key(other->definition);
        parts.table = target.table;
        parts.columns = target.columns;
        key.definition = definition_of(parts);
        key.late = true;
        referenced->companions.erase(other);
      }
    }
}

}  // namespace accord::plan
