// See retargeting.hpp.
#include "server/migration/retargeting.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/renaming.hpp"
#include "pg/scope.hpp"
#include "plan/errors.hpp"
#include "server/migration/facts.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using core::quote_identifier;
using core::quote_literal;
using plan::companion;
using plan::companion_kind;

// A definition around the name of its table.
struct parts {
  std::string head, tail;
  std::string whole() const { return head + plan::table_place + tail; }
};

class copy_of_table {
 public:
  copy_of_table(const registry::contract& contract, plan::migration& m)
      : contract_(contract),
        m_(m),
        table_{fmt::format("_accord_{}_texts", m.id), contract.name.name},
        owner_(owner_oid(contract.relation)) {
    catalog::execute(fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", quote_identifier(table_.schema), quote_identifier(m.owner)));
    as_owner(fmt::format("CREATE TABLE {} (LIKE {})", table_.sql(), contract.name.sql()));
    oid_ = catalog::query("SELECT to_regclass($1)::oid", {table_.sql()}).front().oid(0);
  }
  void close() const {
    catalog::execute("DROP TABLE " + table_.sql());
    catalog::execute("DROP SCHEMA " + quote_identifier(table_.schema));
  }

  void define() {
    for (auto& c : m_.companions)
      if (c.is_retargeted()) copy(c);
    rename(physical_successors());
    for (auto& c : m_.companions) {
      if (c.kind == companion_kind::trigger) follow_trigger(c);
      if (c.kind == companion_kind::policy) {
        c.texts.original = policy_text(contract_.relation, c).whole();
        c.texts.completed = policy_text(oid_, c).whole();
      }
    }
    rename(names_after_completion());
    for (auto& c : m_.companions)
      if (c.kind == companion_kind::trigger && !c.texts.widened.empty()) c.texts.purged = made_again(c, trigger_of(oid_, table_, c));
  }

 private:
  void as_owner(const std::string& sql) const {
    pinned_search_path path;
    as_user identity(owner_, true);
    spi::execute(sql);
  }

  void copy(const companion& c) const {
    std::string sql;
    if (c.kind == companion_kind::trigger) {
      auto text = trigger_of(contract_.relation, contract_.name, c);
      sql = text.head + table_.sql() + text.tail;
    } else {
      sql = fmt::format("CREATE POLICY {} ON {} FOR {}{}", quote_identifier(c.name), table_.sql(), command_of(c),
                        policy_text(contract_.relation, c).tail);
    }
    reported_error error;
    if (!subtransaction([&] { as_owner(sql); }, error))
      throw plan::errors::twin_not_possible(fmt::format("{} \"{}\"", plan::name_of(c.kind), c.name),
                                            fmt::format("The server says: {}.", error.message));
  }

  core::rename_list physical_successors() const {
    core::rename_list names;
    for (const auto& [before, after] : m_.successions())
      names.emplace_back(m_.old_version().find(before)->physical, m_.new_version().find(after)->physical);
    return names;
  }
  core::rename_list names_after_completion() const {
    core::rename_list names;
    for (const auto& column : m_.new_version().columns)
      if (!catalog::query("SELECT FROM pg_attribute WHERE attrelid = $1::oid AND attname = $2::name", {oid_, column.physical}).empty())
        names.emplace_back(column.physical, column.name);
    for (const auto& name : m_.replaced_columns())
      if (m_.successor_of(name).empty()) names.emplace_back(m_.old_version().find(name)->physical, m_.old_name(name));
    return names;
  }
  void rename(const core::rename_list& names) const {
    for (const auto& [from, to] : core::in_safe_order(names, "_accord_swap"))
      as_owner(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", table_.sql(), quote_identifier(from), quote_identifier(to)));
  }

  // Triggers ----------------------------------------------------------------------------------------

  static parts trigger_of(Oid relation, const core::qualified_name& table, const companion& c) {
    auto text =
        catalog::query("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = $1::oid AND tgname = $2::name", {relation, c.name})
            .front()
            .text(0);
    auto words = " ON " + table.sql() + " ";
    auto at = text.find(words);
    if (at == std::string::npos) throw failure(core::sqlstate::internal_error, "unexpected definition of a trigger", text);
    return {text.substr(0, at + 4), text.substr(at + words.size() - 1)};
  }

  static std::string events(const std::vector<std::string>& columns) { return "UPDATE OF " + core::quote_list(columns); }

  void follow_trigger(companion& c) const {
    auto original = trigger_of(contract_.relation, contract_.name, c), followed = trigger_of(oid_, table_, c);
    auto columns = catalog::query(
                       "SELECT ARRAY(SELECT a.attname::text FROM unnest(t.tgattr::smallint[]) WITH ORDINALITY u(n, o)"
                       "                JOIN pg_attribute a ON a.attrelid = t.tgrelid AND a.attnum = u.n ORDER BY u.o)"
                       "  FROM pg_trigger t WHERE t.tgrelid = $1::oid AND t.tgname = $2::name",
                       {contract_.relation, c.name})
                       .front()
                       .texts(0);
    c.texts.original = made_again(c, original);
    auto both = columns;
    for (const auto& [from, to] : physical_successors())
      if (std::find(columns.begin(), columns.end(), from) != columns.end()) both.push_back(to);
    auto head = original.head;
    if (both.size() > columns.size()) {
      auto at = head.find(events(columns));
      if (at == std::string::npos) throw failure(core::sqlstate::internal_error, "unexpected definition of a trigger", head);
      head.replace(at, events(columns).size(), events(both));
      c.texts.widened = made_again(c, {head, original.tail});
    }
    c.texts.completed = made_again(c, {head, followed.tail});
  }

  // A constraint trigger cannot be replaced: it goes and comes back with its comment.
  std::string made_again(const companion& c, const parts& definition) const {
    auto row = catalog::query(
                   "SELECT tgconstraint <> 0, tgenabled::text, obj_description(oid, 'pg_trigger') FROM pg_trigger"
                   " WHERE tgrelid = $1::oid AND tgname = $2::name",
                   {contract_.relation, c.name})
                   .front();
    auto name = quote_identifier(c.name);
    std::string sql;
    constexpr std::string_view create = "CREATE ";
    if (row.boolean(0))
      sql = fmt::format("DROP TRIGGER {} ON {}; {}", name, plan::table_place, definition.whole());
    else
      sql = "CREATE OR REPLACE " + definition.whole().substr(create.size());
    const char* state = row.text(1) == "A" ? "ENABLE ALWAYS" : row.text(1) == "R" ? "ENABLE REPLICA" : row.text(1) == "D" ? "DISABLE" : "";
    if (*state) sql += fmt::format("; ALTER TABLE {} {} TRIGGER {}", plan::table_place, state, name);
    if (row.boolean(0) && !row.is_null(2))
      sql += fmt::format("; COMMENT ON TRIGGER {} ON {} IS {}", name, plan::table_place, quote_literal(row.text(2)));
    return sql;
  }

  // Policies ----------------------------------------------------------------------------------------

  std::string command_of(const companion& c) const {
    return catalog::query(
               "SELECT CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' "
               "ELSE 'ALL' END FROM pg_policy WHERE polrelid = $1::oid AND polname = $2::name",
               {contract_.relation, c.name})
        .front()
        .text(0);
  }

  static parts policy_text(Oid relation, const companion& c) {
    auto row = catalog::query(
                   "SELECT coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', '') ||"
                   "       coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', '')"
                   "  FROM pg_policy WHERE polrelid = $1::oid AND polname = $2::name",
                   {relation, c.name})
                   .front();
    return {fmt::format("ALTER POLICY {} ON ", quote_identifier(c.name)), row.text(0)};
  }

  const registry::contract& contract_;
  plan::migration& m_;
  core::qualified_name table_;
  Oid owner_, oid_ = InvalidOid;
};

}  // namespace

void define_retargeted(const registry::contract& contract, plan::migration& m) {
  if (std::none_of(m.companions.begin(), m.companions.end(), [](const auto& c) { return c.is_retargeted(); })) return;
  own_ddl ours;
  copy_of_table copy(contract, m);
  copy.define();
  copy.close();
}

}  // namespace accord::migration
