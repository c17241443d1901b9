// See move_sql.hpp.
#include "plan/move_sql.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/failure.hpp"
#include "core/text.hpp"

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

using names = std::vector<std::string>;

const verify_column& column_of(const verify_scope& scope, const std::string& name) {
  auto found = std::find_if(scope.columns.begin(), scope.columns.end(), [&](const auto& c) { return c.name == name; });
  if (found == scope.columns.end())
    throw core::failure(core::sqlstate::internal_error, fmt::format("column \"{}\" of a migration is missing", name));
  return *found;
}

class mover {
 public:
  explicit mover(const move_place& place) : p_(place), m_(place.what), keys_(m_.key.size()), values_(m_.columns.size()) {}

  move_sql statements() const {
    move_sql sql;
    auto target = target_tables();
    auto columns = quoted(m_.target_key);
    for (const auto& c : moved())
      columns.push_back(c);
    auto conflict = m_.link ? columns : quoted(m_.target_key);
    names excluded;
    for (const auto& c : moved())
      excluded.push_back(fmt::format("{} = EXCLUDED.{}", c, c));
    sql.read_source = read_source();
    sql.insert = fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {}", p_.target.sql(), list(columns),
                             list(parameters(1, keys_ + values_)), list(conflict), m_.link ? "NOTHING" : "UPDATE SET " + list(excluded));
    names kept;
    for (std::size_t i = 0; i < values_; i++)
      kept.push_back(fmt::format("{0} = CASE WHEN (${1})[{2}] THEN ${3} ELSE _accord_target.{0} END", moved()[i], keys_ + values_ + 1,
                                 i + 1, keys_ + i + 1));
    sql.update = fmt::format("UPDATE {} AS _accord_target SET {} WHERE {}", target, list(m_.link ? set(moved(), keys_ + 1) : kept),
                             not_locked(m_.link ? keys_ + values_ + 1 : 0, m_.link ? "UPDATE" : "NO KEY UPDATE"));
    sql.remove = fmt::format("DELETE FROM {} AS _accord_target WHERE {}", target, not_locked(0, "UPDATE"));
    sql.remove_one = fmt::format("DELETE FROM {} AS _accord_target WHERE {}", target, not_locked(keys_ + 1, "UPDATE"));
    sql.lock_target = fmt::format("SELECT FROM {} AS _accord_target WHERE {} FOR UPDATE", target, of_target("_accord_target"));
    sql.find_target = fmt::format("SELECT ctid FROM {} AS _accord_target WHERE {}", target, of_target("_accord_target"));
    sql.erase = fmt::format("DELETE FROM {} AS _accord_target WHERE {}", target, of_target("_accord_target"));
    sql.rename = fmt::format("UPDATE {} AS _accord_target SET {} WHERE {}", target, list(set(quoted(m_.target_key), 1)),
                             of_target("_accord_target", keys_ + 1));
    sql.read_target = read_target();
    sql.read_first = read_first();
    auto source = rows_of_source();
    auto marker = quote_identifier(p_.marker);
    const char* left = m_.arrives ? "false" : "true";
    sql.lock_source = fmt::format("SELECT {} IS {} FROM {} WHERE {} FOR NO KEY UPDATE", of_row(p_.marker), left, source, of_source());
    auto inserted = of_target("_accord_target");
    if (m_.link) inserted += " AND " + all_same(in("_accord_target", moved()), parameters(keys_ + 1, values_));
    sql.target_exists = fmt::format("SELECT FROM {} AS _accord_target WHERE {}", target, inserted);
    sql.lock_source_for_insert = fmt::format("SELECT FROM {} WHERE {} AND NOT EXISTS ({}) FOR NO KEY UPDATE OF _accord_row SKIP LOCKED",
                                             source, of_source(), sql.target_exists);
    sql.source_exists = fmt::format("SELECT FROM {} WHERE {}", source, of_source());
    sql.write_source = fmt::format("UPDATE {} SET {} WHERE {}", source, list(set(source_columns(), keys_ + 1)), of_source());
    sql.mark = fmt::format("UPDATE {} SET {} = {} WHERE {}", source, marker, left, of_source());
    sql.unmark = fmt::format("UPDATE {} SET {} = NULL WHERE {}", source, marker, of_source());
    names nothing;
    for (std::size_t i = 0; i < m_.source_columns.size(); i++)
      nothing.push_back(absent(i));
    sql.read_absent = fmt::format("SELECT {}", list(nothing));
    sql.empty_source = fmt::format("UPDATE {} SET {} WHERE {} IS NOT NULL OR NOT ({})", source, list(set(source_columns(), 1)),
                                   of_row(p_.marker), all_same(of_rows(), parameters(1, m_.source_columns.size())));
    sql.empty_absent =
        fmt::format("UPDATE {} SET {} WHERE {} IS NULL AND NOT ({}) AND NOT EXISTS (SELECT FROM {} AS _accord_target WHERE {})", source,
                    list(set(source_columns(), 1)), of_row(p_.marker), all_same(of_rows(), parameters(1, m_.source_columns.size())), target,
                    joined("_accord_target"));
    return sql;
  }

  // Rows that say something else than the other table, among those that are not pending.
  std::string mismatched() const {
    auto target = target_tables();
    std::string says;
    if (m_.link) {
      auto same = all_same(in("_accord_target", moved()), in("_accord_push", numbered("v", values_)));
      says = fmt::format(
          "CASE WHEN {} THEN NOT EXISTS (SELECT FROM {} AS _accord_target WHERE {}) ELSE EXISTS (SELECT FROM {} AS "
          "_accord_target WHERE {} AND {}) END",
          is_absent(), target, joined("_accord_target"), target, joined("_accord_target"), same);
    } else {
      says = fmt::format("CASE WHEN _accord_pull.found THEN ({}) OR ({}) ELSE {} END",
                         all_same(in("_accord_pull", numbered("c", values_)), in("_accord_push", numbered("v", values_))),
                         all_same(of_rows(), in("_accord_pull", numbered("v", m_.source_columns.size()))), is_absent());
    }
    return fmt::format("{} IS NULL AND NOT ({})", of_row(p_.marker), says);
  }

  std::string both() const {
    auto from = fmt::format("{} CROSS JOIN LATERAL {}", rows_of_source(), pushed());
    return m_.link ? from : from + " LEFT JOIN LATERAL " + pulled(joined(target_alias()), "") + " ON true";
  }

  std::string key_shown() const {
    names values;
    for (std::size_t i = 0; i < keys_; i++)
      values.push_back(key(i));
    return shown(m_.key, values);
  }

  // Rows of the target, and which of them no row of the source shows.
  std::string rows_of_target() const { return target_tables() + " AS _accord_target"; }
  std::string lost() const {
    return fmt::format("NOT EXISTS (SELECT FROM {}{} WHERE {}{})", rows_of_source(), m_.link ? " CROSS JOIN LATERAL " + pushed() : "",
                       joined("_accord_target"),
                       m_.link ? " AND " + all_same(in("_accord_target", moved()), in("_accord_push", numbered("v", values_))) : "");
  }
  std::string target_shown() const {
    auto columns = m_.target_key;
    if (m_.link) columns.insert(columns.end(), m_.columns.begin(), m_.columns.end());
    return shown(columns, in("_accord_target", quoted(columns)));
  }

 private:
  static std::string shown(const names& columns, const names& values) {
    std::string fields;
    for (std::size_t i = 0; i < columns.size(); i++)
      fields += fmt::format("{}pg_catalog.format('%s=%s', {}, coalesce(CAST({} AS pg_catalog.text), 'NULL'))", i ? ", " : "",
                            quote_literal(columns[i]), values[i]);
    return fmt::format("pg_catalog.concat_ws(', ', {})", fields);
  }
  static std::string list(const names& items) { return core::joined(items, ", "); }
  static names quoted(const names& items) {
    names result;
    for (const auto& item : items)
      result.push_back(quote_identifier(item));
    return result;
  }
  static names parameters(std::size_t first, std::size_t count) { return numbered("$", count, first); }
  static names numbered(const char* prefix, std::size_t count, std::size_t first = 0) {
    names result;
    for (std::size_t i = 0; i < count; i++)
      result.push_back(fmt::format("{}{}", prefix, first + i));
    return result;
  }
  static names in(const std::string& alias, const names& items) {
    names result;
    for (const auto& item : items)
      result.push_back(alias + "." + item);
    return result;
  }
  static names set(const names& columns, std::size_t first) {
    names result;
    for (std::size_t i = 0; i < columns.size(); i++)
      result.push_back(fmt::format("{} = ${}", columns[i], first + i));
    return result;
  }
  static std::string all_same(const names& a, const names& b) {
    names conditions;
    for (std::size_t i = 0; i < a.size(); i++)
      conditions.push_back(same_image(a[i], b[i]));
    return core::joined(conditions, " AND ");
  }

  names moved() const { return quoted(m_.columns); }
  names source_columns() const {
    names result;
    for (const auto& name : m_.source_columns)
      result.push_back(quote_identifier(column_of(p_.version, name).physical));
    return result;
  }
  names of_rows() const { return in("_accord_row", source_columns()); }
  std::string target_alias() const { return quote_identifier(p_.target_columns.qualifier); }
  std::string key(std::size_t i) const { return of_row(column_of(p_.version, m_.key[i]).physical); }

  // Rows of a partitioned table are in its partitions.
  std::string target_tables() const { return (m_.partitioned ? "" : "ONLY ") + p_.target.sql(); }
  std::string rows_of_source() const { return fmt::format("{}{} AS _accord_row", p_.partitioned ? "" : "ONLY ", p_.source.sql()); }
  // The row with the key of the parameters, or in both tables the same one.
  std::string of_source() const {
    names conditions;
    for (std::size_t i = 0; i < keys_; i++)
      conditions.push_back(fmt::format("{} {} ${}", key(i), m_.operators[i], i + 1));
    return core::joined(conditions, " AND ");
  }
  std::string of_target(const std::string& alias, std::size_t first = 1) const {
    names conditions;
    for (std::size_t i = 0; i < keys_; i++)
      conditions.push_back(fmt::format("{}.{} {} ${}", alias, quote_identifier(m_.target_key[i]), m_.operators[i], first + i));
    return core::joined(conditions, " AND ");
  }
  std::string joined(const std::string& alias) const {
    names conditions;
    for (std::size_t i = 0; i < keys_; i++)
      conditions.push_back(fmt::format("{} {} {}.{}", key(i), m_.operators[i], alias, quote_identifier(m_.target_key[i])));
    return core::joined(conditions, " AND ");
  }
  // The target's rows for the key, and with these values (first parameter; 0: any), that nobody has locked.
  std::string not_locked(std::size_t first_value, const char* lock) const {
    auto condition = of_target("_accord_free");
    if (first_value > 0) condition += " AND " + all_same(in("_accord_free", moved()), parameters(first_value, values_));
    return fmt::format(
        "_accord_target.ctid OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT _accord_free.ctid FROM {} AS _accord_free WHERE {} "
        "FOR {} SKIP LOCKED)){}",
        target_tables(), condition, lock, m_.partitioned ? " AND " + of_target("_accord_target") : "");
  }

  std::string absent(std::size_t i) const {
    return fmt::format("CAST({} AS {})", m_.absent[i], column_of(p_.version, m_.source_columns[i]).type);
  }
  std::string is_absent() const {
    names values;
    for (std::size_t i = 0; i < m_.source_columns.size(); i++)
      values.push_back(absent(i));
    return all_same(of_rows(), values);
  }

  std::string pushed() const {
    names values;
    for (std::size_t i = 0; i < values_; i++)
      values.push_back(fmt::format("CAST(({}) AS {}) AS v{}", m_.push[i], column_of(p_.target_columns, m_.columns[i]).type, i));
    return fmt::format("(SELECT {} FROM {}) AS _accord_push", list(values), scope_sql(p_.version));
  }
  std::string pulled(const std::string& condition, const std::string& rest) const {
    names values{"true AS found"};
    for (std::size_t i = 0; i < m_.source_columns.size(); i++)
      values.push_back(fmt::format("CAST(({}) AS {}) AS v{}", m_.pull[i], column_of(p_.version, m_.source_columns[i]).type, i));
    for (std::size_t i = 0; i < values_; i++)
      values.push_back(fmt::format("{}.{} AS c{}", target_alias(), quote_identifier(m_.columns[i]), i));
    return fmt::format("(SELECT {} FROM {} AS {} WHERE {}{}) AS _accord_pull", list(values), target_tables(), target_alias(), condition,
                       rest);
  }

  std::string read_source() const {
    auto has = [&](const std::string& more) {
      return fmt::format("EXISTS (SELECT FROM {} AS _accord_target WHERE {}{})", p_.target.sql(), of_target("_accord_target"), more);
    };
    auto with = [&](const names& values) { return " AND " + all_same(in("_accord_target", moved()), values); };
    auto values = in("_accord_push", numbered("v", values_));
    std::string now = has(""), before = "false";
    if (m_.link) {
      now = fmt::format("CASE WHEN {} THEN {} ELSE {} END", is_absent(), now, has(with(values)));
      before = has(with(parameters(keys_ + 1, values_)));
    }
    auto says = fmt::format("NOT ({})", is_absent());
    if (m_.existing) says += " OR " + now;  // that it has no value is told too
    return fmt::format("SELECT {}, {}, {}, {} FROM {} CROSS JOIN LATERAL {} WHERE {}", says, now, before, list(values), rows_of_source(),
                       pushed(), of_source());
  }

  // Of several rows of a link the first, unless others come before it.
  std::string chosen(const std::string& before) const {
    return m_.link ? fmt::format(" ORDER BY {}{} LIMIT 1", before, list(in(target_alias(), moved()))) : "";
  }
  names wanted() const {
    names values;
    for (std::size_t i = 0; i < m_.source_columns.size(); i++)
      values.push_back(fmt::format("CASE WHEN _accord_pull.found THEN _accord_pull.v{} ELSE {} END AS w{}", i, absent(i), i));
    return values;
  }

  std::string read_first() const {
    return fmt::format("SELECT {} FROM (SELECT) AS _accord_none LEFT JOIN LATERAL {} ON true", list(wanted()),
                       pulled(of_target(target_alias()), chosen("")));
  }

  // Of a link the row that the source shows already, else the one that was just written.
  std::string read_target() const {
    std::string preferred;
    if (m_.link)
      preferred = fmt::format("({}) DESC, ({}) DESC, ", all_same(in(target_alias(), moved()), of_rows()),
                              all_same(in(target_alias(), moved()), parameters(keys_ + 1, values_)));
    names values;
    for (std::size_t i = 0; i < m_.source_columns.size(); i++)
      values.push_back(fmt::format("_accord_value.w{}", i));
    return fmt::format(
        "SELECT {} IS NOT NULL OR NOT ({}), {} FROM {} LEFT JOIN LATERAL {} ON true CROSS JOIN LATERAL (SELECT {}) AS "
        "_accord_value WHERE {}",
        of_row(p_.marker), all_same(of_rows(), values), list(values), rows_of_source(),
        pulled(of_target(target_alias()), chosen(preferred)), list(wanted()), of_source());
  }

  const move_place& p_;
  const move& m_;
  std::size_t keys_, values_;
};

}  // namespace

move_sql statements_of(const move_place& place) {
  return mover(place).statements();
}

std::string read_source_in(const move_place& place, const core::qualified_name& partition) {
  auto there = place;
  there.source = partition;
  there.partitioned = false;
  return mover(there).statements().read_source;
}

std::string count_mismatches(const move_place& place) {
  mover m(place);
  return fmt::format(
      "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE {} IS NOT NULL), pg_catalog.count(*) FILTER (WHERE {}) FROM {}",
      of_row(place.marker), m.mismatched(), m.both());
}

std::string sample_mismatches(const move_place& place, int limit) {
  mover m(place);
  return fmt::format("SELECT {} FROM {} WHERE {} LIMIT {}", m.key_shown(), m.both(), m.mismatched(), limit);
}

std::string check_name(const move& m) {
  auto source = core::joined(m.source_columns, ", "), target = fmt::format("{} ({})", m.target.name, core::joined(m.columns, ", "));
  return m.arrives ? fmt::format("{} -> {}", target, source) : fmt::format("{} -> {}", source, target);
}

bool can_lose_rows(const move& m, bool key_takes_null) {
  return m.arrives && (m.link || key_takes_null);
}

std::string count_lost(const move_place& place) {
  mover m(place);
  return fmt::format("SELECT pg_catalog.count(*), 0, pg_catalog.count(*) FILTER (WHERE {}) FROM {}", m.lost(), m.rows_of_target());
}

std::string sample_lost(const move_place& place, int limit) {
  mover m(place);
  return fmt::format("SELECT {} FROM {} WHERE {} LIMIT {}", m.target_shown(), m.rows_of_target(), m.lost(), limit);
}

}  // namespace accord::plan
