// names.  See names.hpp.
#include "server/check/names.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/name.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/check/execute.hpp"
#include "server/ddl/source.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

bool is_users(const std::string& schema) {
  return !schema.starts_with("pg_") && schema != "information_schema" && schema != "accord" && schema != "accord_catalog";
}

// Where the identifier at the begin of a text ends; 0: there is none.
std::size_t end_of_identifier(std::string_view text) {
  if (text.empty()) return 0;
  if (text.front() == '"') {
    auto end = text.find('"', 1);
    return end == std::string_view::npos ? 0 : end + 1;
  }
  auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || (c & 0x80); };
  std::size_t end = 0;
  while (end < text.size() && is_part(text[end]))
    end++;
  return end;
}

// The two parts of a string constant like 'public.orders_id_seq', which names a sequence.
std::optional<object_name> qualified_in(std::string_view literal) {
  if (literal.size() < 5 || literal.front() != '\'' || literal.back() != '\'') return std::nullopt;
  std::string_view text = literal.substr(1, literal.size() - 2);
  std::size_t dot = end_of_identifier(text);
  if (dot == 0 || dot >= text.size() || text[dot] != '.') return std::nullopt;
  std::string_view rest = text.substr(dot + 1);
  if (end_of_identifier(rest) != rest.size()) return std::nullopt;
  std::string schema = identifier(text.substr(0, dot)), name = identifier(rest);
  if (schema.empty() || name.empty()) return std::nullopt;
  return object_name{schema, name};
}

std::string literal_of(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2)
    text.insert(at, 1, '\'');
  return "'" + text + "'";
}

void put_in(std::string& text, const std::string& twin, const std::string& written) {
  for (std::size_t at = 0; (at = text.find(twin, at)) != std::string::npos;) {
    std::size_t past = at + twin.size();
    if (past < text.size() && std::isdigit(static_cast<unsigned char>(text[past]))) {
      at = past;
      continue;
    }
    text.replace(at, twin.size(), written);
    at += written.size();
  }
}

std::string inside_json(const std::string& text) {
  const char* plain = text.c_str();
  std::string quoted = pg([&] {
    StringInfoData buffer;
    initStringInfo(&buffer);
    escape_json(&buffer, plain);
    return buffer.data;
  });
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

std::string identifier(std::string_view token) {
  if (token.empty()) return {};
  if (token.front() == '"') {
    std::string name;
    for (std::size_t i = 1; i + 1 < token.size(); i++) {
      name += token[i];
      if (token[i] == '"') i++;
    }
    return name;
  }
  auto first = static_cast<unsigned char>(token.front());
  if (!std::isalpha(first) && first != '_' && first < 0x80) return {};
  std::string word(token);
  for (char& c : word)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (word.size() >= NAMEDATALEN) {
    int size = static_cast<int>(word.size());
    word.resize(static_cast<std::size_t>(pg([&] { return pg_mbcliplen(word.c_str(), size, NAMEDATALEN - 1); })));
  }
  return word;
}

words words_of(std::string_view sql) {
  memory_scope scope("accord words");
  words w;
  ddl::source text(sql);
  const auto& t = text.tokens();
  for (std::size_t i = 0; i < t.size(); i++) {
    if (auto literal = qualified_in(text.word(t[i]))) {
      w.qualifiers.insert(literal->first);
      w.identifiers.insert(literal->second);
      continue;
    }
    auto token = text.word(t[i]);
    if (token.size() > 2 && token.front() == '\'' && token.back() == '\'')
      if (auto name = identifier(token.substr(1, token.size() - 2)); !name.empty()) w.identifiers.insert(std::move(name));
    auto name = identifier(token);
    if (name.empty()) continue;
    if (i + 1 < t.size() && text.word(t[i + 1]) == ".") w.qualifiers.insert(name);
    w.identifiers.insert(std::move(name));
  }
  return w;
}

std::vector<std::string> schemas_searched() {
  List* schemas = pg([] { return fetch_search_path(false); });
  std::vector<std::string> names;
  for (int i = 0; i < list_length(schemas); i++) {
    Oid oid = list_nth_oid(schemas, i);
    if (const char* name = pg([&] { return get_namespace_name(oid); })) names.emplace_back(name);
  }
  return names;
}

std::optional<std::string> clone_names::twin_of(const std::string& schema) {
  if (auto known = twins_.find(schema); known != twins_.end()) return known->second;
  if (!is_users(schema) || schema.starts_with("accord_check_") || made_.contains(schema)) return std::nullopt;
  const char* name = schema.c_str();
  if (!pg([&] { return OidIsValid(get_namespace_oid(name, true)); })) return std::nullopt;
  std::string twin = fmt::format("accord_check_{}_{}", MyProcPid, twins_.size() + 1);
  std::string owner = pg([&] { return GetUserNameFromId(owner_, false); });
  {
    // The caller may have no right to create schemas.
    as_user extension(extension_owner());
    run_utility(fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", twin, core::quote_identifier(owner)));
  }
  twins_.emplace(schema, twin);
  return twin;
}

std::string clone_names::original_of(const std::string& schema) const {
  for (const auto& [original, twin] : twins_)
    if (twin == schema) return original;
  return schema;
}

bool clone_names::exists_outside(const object_name& n) {
  if (auto known = outside_.find(n); known != outside_.end()) return known->second;
  static constinit spi::prepared statement{
      "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = s.oid AND relname = $2::name)"
      "    OR EXISTS (SELECT FROM pg_type WHERE typnamespace = s.oid AND typname = $2::name)"
      "    OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = s.oid AND proname = $2::name)"
      "    OR EXISTS (SELECT FROM pg_collation WHERE collnamespace = s.oid AND collname = $2::name)"
      "    OR EXISTS (SELECT FROM pg_opclass WHERE opcnamespace = s.oid AND opcname = $2::name)"
      "    OR EXISTS (SELECT FROM pg_ts_config WHERE cfgnamespace = s.oid AND cfgname = $2::name)"
      "    OR EXISTS (SELECT FROM pg_ts_dict WHERE dictnamespace = s.oid AND dictname = $2::name)"
      "  FROM pg_namespace s WHERE s.nspname = $1::name"};
  pinned_search_path path;
  auto rows = statement.run({n.first, n.second});
  return outside_[n] = !rows.empty() && rows.front().boolean(0);
}

bool clone_names::means_clone(const object_name& n) {
  return cloned_.contains(n) || !exists_outside(n);
}

std::string clone_names::rewritten(std::string_view sql, bool defines) {
  memory_scope scope("accord names");
  ddl::source text(sql);
  const auto& t = text.tokens();
  std::string result;
  std::size_t done = 0;
  auto replace = [&](const ddl::source::token& token, const std::string& with) {
    result += sql.substr(done, static_cast<std::size_t>(token.begin) - done);
    result += with;
    done = static_cast<std::size_t>(token.end);
  };
  for (std::size_t i = 0; i < t.size(); i++) {
    auto token = text.word(t[i]);
    if (auto literal = qualified_in(token)) {
      if (!means_clone(*literal)) continue;
      if (auto twin = twin_of(literal->first)) replace(t[i], literal_of(*twin + "." + core::quote_identifier(literal->second)));
      continue;
    }
    if (i + 2 >= t.size() || text.word(t[i + 1]) != "." || (i > 0 && text.word(t[i - 1]) == ".")) continue;
    object_name n{identifier(token), identifier(text.word(t[i + 2]))};
    if (n.first.empty() || n.second.empty() || !is_users(n.first)) continue;
    if (!defines && !means_clone(n)) continue;
    auto twin = twin_of(n.first);
    if (!twin) continue;
    if (defines) cloned_.insert(n);
    defines = false;
    replace(t[i], *twin);
  }
  result += sql.substr(done);
  return result;
}

std::string clone_names::restored(std::string text) const {
  for (const auto& [original, twin] : twins_)
    put_in(text, twin, core::quote_identifier(original));
  return text;
}

core::shape clone_names::restored_shape(std::string json) const {
  for (const auto& [original, twin] : twins_)
    put_in(json, twin, inside_json(core::quote_identifier(original)));
  auto shape = core::parse_shape(json);
  for (const auto& [original, twin] : twins_)
    if (shape.relation.schema == core::quote_identifier(original)) shape.relation.schema = original;
  // A type that is not cloned is still in the schema itself.
  for (const auto& [from, to] : renamed_)
    for (auto& column : shape.columns)
      for (auto* text : {&column.type.text, &column.type.base, &column.type.collation})
        if (const std::string schema = core::quote_identifier(from) + "."; text->starts_with(schema))
          text->replace(0, schema.size(), core::quote_identifier(to) + ".");
  return shape;
}

std::string clone_names::search_path(const std::vector<std::string>& schemas) {
  std::string path;
  for (const auto& schema : schemas) {
    std::string original = original_of(schema);
    if (original != schema) continue;  // a twin that the path before had
    if (auto twin = twin_of(schema)) path += *twin + ", ";
    path += core::quote_identifier(schema) + ", ";
  }
  if (path.empty()) return "\"\"";
  path.resize(path.size() - 2);
  return path;
}

void clone_names::rename_schema(const std::string& from, const std::string& to) {
  auto node = twins_.extract(from);
  if (node.empty()) return;
  node.key() = to;
  twins_.insert(std::move(node));
  auto before = std::find_if(renamed_.begin(), renamed_.end(), [&](const auto& r) { return r.second == from; });
  renamed_[before == renamed_.end() ? from : before->first] = to;
  std::set<object_name> moved;
  for (const auto& n : cloned_)
    if (n.first == from) moved.insert({to, n.second});
  cloned_.merge(moved);
}

}  // namespace accord::check
