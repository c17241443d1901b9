// See generation.hpp.
#include "server/cutover/generation.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "core/version.hpp"
#include "plan/column_mapping.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::cutover {

using core::quote_identifier;

namespace {

std::vector<view_column> columns_of_version(const registry::contract& contract, int major) {
  std::vector<view_column> columns;
  bool mapped = false;
  for (const auto& row :
       catalog::query("SELECT major, name, physical, default_expression FROM accord_catalog.version_column WHERE contract_id = $1::bigint"
                      " ORDER BY major, position",
                      {contract.id})) {
    mapped = true;
    if (row.integer(0) == major) columns.push_back({row.text(1), row.text(2), row.optional(3)});
  }
  if (!columns.empty()) return columns;
  if (!mapped)  // no migration is live: the table has the shape itself
    for (const auto& version : registry::versions(contract.id))
      if (version.version.major == major) {
        for (const auto& column : version.shape.columns)
          columns.push_back({column.name, column.name, std::nullopt});
        break;
      }
  if (columns.empty())
    throw failure(core::sqlstate::migration_refused, fmt::format("version {} of contract \"{}\" is not live", major, contract.display()),
                  "Its columns are gone.");
  return columns;
}

std::string table_name_in(const registry::contract& contract, int major) {
  for (const auto& version : registry::versions(contract.id))
    if (version.version.major == major && !version.shape.relation.name.empty()) return version.shape.relation.name;
  return contract.name.name;
}

std::optional<std::vector<std::string>> optional_list(const spi::row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return row.texts(column);
}

void run(const std::string& sql) {
  catalog::execute(sql);
}

void grant(const core::qualified_name& view, const std::string& access, const std::string& role) {
  const char* rights = access == "read" ? "SELECT" : access == "write" ? "INSERT, UPDATE, DELETE" : "SELECT, INSERT, UPDATE, DELETE";
  run(fmt::format("GRANT {} ON {} TO {}", rights, view.sql(), quote_identifier(role)));
}

// A view asks for the right to read each of its columns, whichever a statement names.  So a role with privileges on some columns gets those, and
// where that would take away a column that it writes or has subscribed to, it would get nothing: that is told before it happens.
void cut_to_rights(consumer_view& view, const registry::contract& contract, const subscription& sub, const std::string& role) {
  std::vector<std::string> physical, hidden, wanted;
  for (const auto& column : view.columns)
    physical.push_back(column.physical);
  auto rows = catalog::query(
      "SELECT a.attname, has_column_privilege(r.oid, a.attrelid, a.attnum, 'INSERT') OR has_column_privilege(r.oid, a.attrelid, a.attnum, "
      "'UPDATE')"
      "  FROM pg_attribute a, pg_roles r WHERE a.attrelid = $1::oid AND a.attname = ANY ($2::name[]) AND r.rolname = $3::name"
      "   AND has_any_column_privilege(r.oid, a.attrelid, 'SELECT') AND NOT has_column_privilege(r.oid, a.attrelid, a.attnum, 'SELECT')"
      " ORDER BY a.attnum",
      {contract.relation, spi::array_literal(physical), role});
  if (rows.empty() || rows.size() == physical.size()) return;
  for (const auto& row : rows) {
    hidden.push_back(row.text(0));
    if (sub.columns || row.boolean(1)) wanted.push_back(quote_identifier(row.text(0)));
  }
  if (!wanted.empty())
    throw failure(
        core::sqlstate::insufficient_privilege,
        fmt::format("a view of version {} of contract \"{}\" would be closed to role \"{}\"", sub.major, contract.display(), role),
        fmt::format("A view asks for the right to read each of its columns, and the role may not read: {}.", fmt::join(wanted, ", ")),
        fmt::format("GRANT SELECT ({}) ON {} TO {};  or subscribe the consumer to the columns that it may read.", fmt::join(wanted, ", "),
                    contract.name.sql(), quote_identifier(role)));
  std::erase_if(view.columns, [&](const auto& c) { return std::find(hidden.begin(), hidden.end(), c.physical) != hidden.end(); });
}

}  // namespace

std::string consumer_view::select() const {
  std::string list;
  for (const auto& column : columns) {
    list += (list.empty() ? "t." : ", t.") + quote_identifier(column.physical);
    if (column.physical != column.name) list += " AS " + quote_identifier(column.name);
  }
  return fmt::format("SELECT {} FROM {} AS t", list, table.sql());
}

std::vector<subscription> subscriptions_of(const consumers::consumer& who) {
  std::vector<subscription> found;
  for (const auto& row :
       catalog::query("SELECT s.contract_id, s.major, s.columns::text[], s.access FROM accord_catalog.subscription s"
                      "  JOIN accord_catalog.contract c ON c.id = s.contract_id"
                      " WHERE s.consumer_id = $1::bigint AND EXISTS (SELECT FROM pg_class k WHERE k.oid = c.relation) ORDER BY 1, 2",
                      {who.id}))
    found.push_back({row.integer(0), static_cast<int>(row.integer(1)), optional_list(row, 2), row.text(3)});
  return found;
}

std::vector<generation> generations_of(const consumers::consumer& who) {
  std::vector<generation> found;
  for (const auto& row : catalog::query(
           "SELECT generation, schema_name FROM accord_catalog.generation WHERE consumer_id = $1::bigint ORDER BY generation DESC",
           {who.id})) {
    generation g;
    g.number = static_cast<int>(row.integer(0));
    g.schema = row.text(1);
    for (const auto& v : catalog::query("SELECT v.key, v.value, CASE WHEN jsonb_typeof(g.columns -> v.key) = 'array'"
                                        "            THEN ARRAY(SELECT jsonb_array_elements_text(g.columns -> v.key)) END"
                                        "  FROM accord_catalog.generation g, jsonb_each_text(g.versions) v WHERE consumer_id = $1::bigint "
                                        "AND generation = $2::integer",
                                        {who.id, g.number})) {
      g.versions[v.integer(0)] = static_cast<int>(v.integer(1));
      g.columns[v.integer(0)] = optional_list(v, 2);
    }
    for (const auto& l : catalog::query("SELECT split_part(k, '@', 1), split_part(k, '@', 2), CASE WHEN jsonb_typeof(v) = 'array' THEN "
                                        "ARRAY(SELECT jsonb_array_elements_text(v)) END"
                                        "  FROM accord_catalog.generation g, jsonb_each(g.columns) e(k, v)"
                                        " WHERE consumer_id = $1::bigint AND generation = $2::integer AND k LIKE '%@%'",
                                        {who.id, g.number}))
      g.left[l.integer(0)] = {l.integer(0), static_cast<int>(l.integer(1)), optional_list(l, 2), {}};
    found.push_back(std::move(g));
  }
  return found;
}

consumer_view make_view(const registry::contract& contract, const subscription& sub, const std::optional<std::string>& role) {
  consumer_view view{table_name_in(contract, sub.major), contract.name, {}};
  auto all = columns_of_version(contract, sub.major);
  for (auto& column : all)
    if (!sub.columns || std::find(sub.columns->begin(), sub.columns->end(), column.name) != sub.columns->end())
      view.columns.push_back(std::move(column));
  if (view.columns.empty())
    throw failure(core::sqlstate::migration_refused,
                  fmt::format("version {} of contract \"{}\" has none of the columns of the subscription", sub.major, contract.display()),
                  {}, "Subscribe to the columns that the consumer uses in that version.");
  if (role) cut_to_rights(view, contract, sub, *role);
  return view;
}

std::vector<std::string> map_subscribed_columns(std::int64_t contract, const std::vector<std::string>& columns, int from, int to) {
  std::vector<plan::version_columns> versions;
  for (const auto& row : catalog::query(
           "SELECT major, name, physical FROM accord_catalog.version_column WHERE contract_id = $1::bigint ORDER BY major, position",
           {contract})) {
    int major = static_cast<int>(row.integer(0));
    if (versions.empty() || versions.back().major != major) versions.push_back({major, {}});
    versions.back().columns.emplace_back(row.text(1), row.text(2));
  }
  std::vector<plan::version_step> steps;
  for (const auto& row :
       catalog::query("SELECT r.from_version, r.to_version, t.old_columns::text[], t.new_columns::text[]"
                      "  FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
                      "  LEFT JOIN accord_catalog.migration_transform t USING (migration_id, contract_id)"
                      " WHERE r.contract_id = $1::bigint AND m.state IN ('preparing', 'active', 'completed') ORDER BY m.id, t.ordinal",
                      {contract})) {
    int first = core::parse_version(row.text(0)).major, second = core::parse_version(row.text(1)).major;
    if (steps.empty() || steps.back().from != first || steps.back().to != second) steps.push_back({first, second, {}});
    if (!row.is_null(2)) steps.back().groups.push_back({row.texts(2), row.texts(3)});
  }
  return plan::map_columns(columns, from, to, versions, steps);
}

std::vector<std::string> generation_schemas(const consumers::consumer& who) {
  std::vector<std::string> schemas;
  for (const auto& g : generations_of(who))
    schemas.push_back(g.schema);
  return schemas;
}

void save_contents(const consumers::consumer& who, const generation& g) {
  auto put = [&](const char* into, const std::string& key, const spi::param& value) {
    catalog::execute(fmt::format("UPDATE accord_catalog.generation SET {0} = {0} || jsonb_build_object($3, {1})"
                                 " WHERE consumer_id = $1::bigint AND generation = $2::integer",
                                 into, std::string_view(into) == "versions" ? "$4::integer" : "to_jsonb($4::text[])"),
                     {who.id, g.number, key, value});
  };
  auto list = [](const std::optional<std::vector<std::string>>& names) {
    return names ? spi::param(spi::array_literal(*names)) : spi::param(std::nullopt);
  };
  catalog::execute(
      "UPDATE accord_catalog.generation SET versions = '{}', columns = '{}' WHERE consumer_id = $1::bigint AND generation = $2::integer",
      {who.id, g.number});
  for (const auto& [contract, major] : g.versions)
    put("versions", std::to_string(contract), major);
  for (const auto& [contract, names] : g.columns)
    put("columns", std::to_string(contract), list(names));
  for (const auto& [contract, sub] : g.left)
    put("columns", fmt::format("{}@{}", contract, sub.major), list(sub.columns));
}

generation create_generation(const consumers::consumer& who, const std::vector<subscription>& subs,
                             std::map<std::int64_t, subscription> left) {
  auto number =
      catalog::query("SELECT coalesce(max(generation), 0) + 1 FROM accord_catalog.generation WHERE consumer_id = $1::bigint", {who.id})[0]
          .integer(0);
  generation made;
  made.number = static_cast<int>(number);
  made.schema = core::fitted_name("accord_", fmt::format("{}_g{}", who.name, number));
  own_ddl ours;
  run(fmt::format("CREATE SCHEMA {}", quote_identifier(made.schema)));
  run(fmt::format("GRANT USAGE ON SCHEMA {} TO {}", quote_identifier(made.schema), quote_identifier(*who.role)));
  std::set<std::string> names;
  std::string versions, columns;
  for (const auto& sub : subs) {
    auto contract = registry::get_contract_by_id(sub.contract);
    auto view = make_view(contract, sub, who.role);
    // Two tables of one name in different schemas: the second is found under both its names.
    if (!names.insert(view.name).second) view.name = core::fitted_name("", contract.name.schema + "_" + view.name);
    core::qualified_name name{made.schema, view.name};
    run(fmt::format("CREATE VIEW {} WITH (security_invoker = true) AS {}", name.sql(), view.select()));
    for (const auto& column : view.columns)
      if (column.default_expression)
        run(fmt::format("ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}", name.sql(), quote_identifier(column.name),
                        *column.default_expression));
    grant(name, sub.access, *who.role);
    made.versions[sub.contract] = sub.major;
    made.columns[sub.contract] = sub.columns;
  }
  catalog::execute(
      "UPDATE accord_catalog.generation SET retired_at = clock_timestamp() WHERE consumer_id = $1::bigint AND retired_at IS NULL",
      {who.id});
  catalog::execute(
      "INSERT INTO accord_catalog.generation (consumer_id, generation, schema_name, versions, created_by, created_at)"
      " VALUES ($1::bigint, $2::integer, $3, '{}', session_user, clock_timestamp())",
      {who.id, number, made.schema});
  made.left = std::move(left);
  save_contents(who, made);
  return made;
}

std::vector<std::string> drop_unused(const consumers::consumer& who) {
  std::vector<std::string> dropped;
  // A session that logged in while a switch was being committed still got the old path: a minute of grace after each.
  auto candidates = catalog::query(
      "SELECT g.schema_name FROM accord_catalog.generation g JOIN pg_namespace n ON n.nspname = g.schema_name,"
      "  LATERAL (SELECT coalesce(min(s.created_at), g.retired_at) + interval '1 minute' FROM accord_catalog.generation s"
      "            WHERE s.consumer_id = g.consumer_id AND s.generation > g.generation) follower(sure_at)"
      " WHERE g.consumer_id = $1::bigint AND g.retired_at IS NOT NULL AND clock_timestamp() > follower.sure_at"
      "   AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = $2::name AND a.datname = current_database()"
      "                      AND a.backend_start < follower.sure_at)"
      " ORDER BY g.generation",
      {who.id, who.role});
  for (const auto& row : candidates) {
    const std::string& schema = row.text(0);
    reported_error error;
    // What others built on these views is not ours to drop, and a lock that somebody has on them is not worth waiting for.
    bool done = subtransaction(
        [&] {
          local_settings settings;
          settings.set("lock_timeout", "100ms");
          own_ddl ours;
          for (const auto& view : catalog::query("SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
                                                 "n.nspname = $1 AND c.relkind = 'v'",
                                                 {schema}))
            run(fmt::format("DROP VIEW {}.{}", quote_identifier(schema), quote_identifier(view.text(0))));
          run(fmt::format("DROP SCHEMA {}", quote_identifier(schema)));
        },
        error);
    if (done)
      dropped.push_back(schema);
    else
      spi::notice(fmt::format("schema \"{}\" is not used by \"{}\" any more, but could not be dropped", schema, who.name), error.message);
  }
  return dropped;
}

}  // namespace accord::cutover
