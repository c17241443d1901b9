// See move_trial.hpp.
#include "server/migration/move_trial.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "pg/spi.hpp"
#include "plan/errors.hpp"
#include "plan/row_sql.hpp"
#include "server/migration/trial_rows.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using core::quote_identifier;
using names = std::vector<std::string>;

struct target_column {
  std::string name, type;
  bool not_null;
};

std::vector<target_column> columns_of_target(const plan::move& move) {
  std::vector<target_column> columns;
  for (const auto& row : spi::query("SELECT attname, pg_catalog.format_type(atttypid, atttypmod), attnotnull FROM pg_catalog.pg_attribute"
                                    " WHERE attrelid = $1::pg_catalog.regclass AND attnum > 0 AND NOT attisdropped",
                                    {move.target.sql()}))
    columns.push_back({row.text(0), row.text(1), row.boolean(2)});
  return columns;
}

class move_trial {
 public:
  move_trial(const registry::contract& contract, const plan::migration& m, const plan::move& move)
      : m_(m), move_(move), target_(columns_of_target(move)), to_(m.new_version().version.text()) {
    auto sampled =
        move.arrives ? spi::query("SELECT $1::pg_catalog.regclass::pg_catalog.oid", {move.target.sql()}).front().oid(0) : contract.relation;
    sample_ = fmt::format("SELECT * FROM {} AS _accord_row {}", move.arrives ? rows_of_target() : rows_of_table(), sample_of(sampled));
  }

  // What is there already would be lost: a backfill cannot tell it from what it is to replace.
  void require_empty() const {
    const auto& old = m_.old_version();
    names filled, same;
    for (std::size_t i = 0; i < move_.columns.size(); i++) {
      auto value = fmt::format("_accord_there.{}", quote_identifier(move_.columns[i]));
      filled.push_back(value + " IS NOT NULL");
      same.push_back(plan::same_image(value, fmt::format("CAST(({}) AS {})", move_.push[i], find(move_.columns[i])->type)));
    }
    for (std::size_t i = 0; i < move_.key.size(); i++)
      same.push_back(fmt::format("{}.{} {} _accord_there.{}", name_of_source(old), quote_identifier(move_.key[i]), move_.operators[i],
                                 quote_identifier(move_.target_key[i])));
    auto others =
        spi::query(fmt::format("SELECT {} FROM {} AS _accord_there WHERE ({}) AND NOT EXISTS (SELECT FROM (SELECT {} FROM {} AS "
                               "_accord_row) AS {} WHERE {})"
                               " LIMIT 1",
                               core::joined(filled, ", "), rows_of_target(), core::joined(filled, " OR "), columns_of_old(),
                               rows_of_table(), name_of_source(old), core::joined(same, " AND ")));
    if (others.empty()) return;
    names lost, emptied;
    for (std::size_t i = 0; i < move_.columns.size(); i++)
      if (others.front().boolean(static_cast<int>(i))) lost.push_back(plan::errors::quoted(move_.columns[i]));
    for (const auto& name : move_.columns)
      emptied.push_back(quote_identifier(name) + " = NULL");
    throw plan::errors::change_not_staged(
        fmt::format("columns of table {}", plan::errors::quoted(move_.target.name)),
        fmt::format("{} {} of it {} values that those of table {} would replace.", lost.size() == 1 ? "Column" : "Columns",
                    plan::errors::listed(lost), lost.size() == 1 ? "has" : "have", plan::errors::quoted(m_.table.name)),
        fmt::format("Keep elsewhere what is needed of them, and empty them: UPDATE {} SET {};", move_.target.sql(),
                    core::joined(emptied, ", ")));
  }

  void leave() const {
    const auto& old = m_.old_version();
    names absent, values, required, beside;
    for (std::size_t i = 0; i < move_.source_columns.size(); i++)
      absent.push_back(fmt::format("{} IS NOT DISTINCT FROM CAST({} AS {})", quote_identifier(move_.source_columns[i]), move_.absent[i],
                                   source_type(move_.source_columns[i])));
    for (std::size_t i = 0; i < move_.columns.size(); i++) {
      const auto& column = *find(move_.columns[i]);
      values.push_back(fmt::format("CAST(({}) AS {}) AS v{}", move_.push[i], column.type, i + 1));
      if (column.not_null) required.push_back(fmt::format("v{} IS NULL", i + 1));
    }
    for (const auto& name : move_.source_columns)
      beside.push_back(fmt::format("{} AS o{}", quote_identifier(name), beside.size() + 1));
    for (const auto& name : move_.key)
      beside.push_back(fmt::format("{} AS k{}", quote_identifier(name), beside.size() + 1 - move_.source_columns.size()));
    auto there = fmt::format("SELECT {}, {} FROM (SELECT {} FROM ({}) AS _accord_row) AS {} WHERE NOT ({})", core::joined(values, ", "),
                             core::joined(beside, ", "), columns_of_old(), sample_, name_of_source(old), core::joined(absent, " AND "));
    names shown;
    for (const auto& name : move_.columns)
      shown.push_back(move_.target.name + "." + name);
    if (!try_there({there, there, to_, shown, required})) return;

    names row, returned;
    for (const auto& column : target_)
      row.push_back(fmt::format("{} AS {}", value_in_target(column), quote_identifier(column.name)));
    for (std::size_t i = 0; i < move_.source_columns.size(); i++) {
      row.push_back(fmt::format("o{0} AS _accord_o{0}", i + 1));
      returned.push_back(
          fmt::format("_accord_o{0} AS o{0}, CAST(({1}) AS {2}) AS b{0}", i + 1, move_.pull[i], source_type(move_.source_columns[i])));
    }
    auto rows = fmt::format("SELECT {} FROM (SELECT {} FROM ({}) AS _accord_there) AS {}", core::joined(returned, ", "),
                            core::joined(row, ", "), there, quote_identifier(move_.target.name));
    for (std::size_t i = 0; i < move_.source_columns.size(); i++)
      try_back({rows, there, to_}, i + 1, move_.source_columns[i], source_type(move_.source_columns[i]));
  }

  void arrive() const {
    names values, required, beside, joins;
    for (std::size_t i = 0; i < move_.source_columns.size(); i++) {
      values.push_back(fmt::format("CAST(({}) AS {}) AS v{}", move_.pull[i], source_type(move_.source_columns[i]), i + 1));
      if (m_.new_version().shape.find_column(move_.source_columns[i])->not_null) required.push_back(fmt::format("v{} IS NULL", i + 1));
    }
    for (const auto& name : move_.columns)
      beside.push_back(fmt::format("{} AS o{}", quote_identifier(name), beside.size() + 1));
    for (std::size_t i = 0; i < move_.target_key.size(); i++) {
      beside.push_back(fmt::format("{} AS k{}", quote_identifier(move_.target_key[i]), i + 1));
      joins.push_back(fmt::format("_accord_row.{} {} _accord_there.k{}", quote_identifier(m_.new_version().find(move_.key[i])->physical),
                                  move_.operators[i], i + 1));
    }
    auto there = fmt::format("SELECT {}, {} FROM ({}) AS {}", core::joined(values, ", "), core::joined(beside, ", "), sample_,
                             quote_identifier(move_.target.name));
    if (!try_there({there, there, to_, move_.source_columns, required})) return;

    names row, returned;
    for (const auto& column : m_.new_version().columns) {
      auto value = value_in_source(column);
      if (!value && core::contains(move_.reads, column.name)) return;  // it is computed: no row has it yet
      row.push_back(fmt::format("{} AS {}", value.value_or(fmt::format("CAST(NULL AS {})", source_type(column.name))),
                                quote_identifier(column.name)));
    }
    for (std::size_t i = 0; i < move_.columns.size(); i++) {
      row.push_back(fmt::format("_accord_there.o{0} AS _accord_o{0}", i + 1));
      returned.push_back(
          fmt::format("_accord_o{0} AS o{0}, CAST(({1}) AS {2}) AS b{0}", i + 1, move_.push[i], find(move_.columns[i])->type));
    }
    auto rows = fmt::format("SELECT {} FROM (SELECT {} FROM ({}) AS _accord_there JOIN {} AS _accord_row ON {}) AS {}",
                            core::joined(returned, ", "), core::joined(row, ", "), there, rows_of_table(), core::joined(joins, " AND "),
                            name_of_source(m_.new_version()));
    for (std::size_t i = 0; i < move_.columns.size(); i++)
      try_back({rows, there, to_}, i + 1, move_.target.name + "." + move_.columns[i], find(move_.columns[i])->type);
  }

 private:
  std::string rows_of_target() const { return (move_.partitioned ? "" : "ONLY ") + move_.target.sql(); }
  std::string rows_of_table() const { return (m_.old_version().shape.kind == "table" ? "ONLY " : "") + m_.table.sql(); }
  // Of a row of the table, as the old version calls them.
  std::string columns_of_old() const {
    names columns;
    for (const auto& c : m_.old_version().columns)
      columns.push_back(fmt::format("_accord_row.{} AS {}", quote_identifier(c.physical), quote_identifier(c.name)));
    return core::joined(columns, ", ");
  }
  static std::string name_of_source(const plan::live_version& version) { return quote_identifier(version.shape.relation.name); }
  std::string source_type(const std::string& column) const {
    return (move_.arrives ? m_.new_version() : m_.old_version()).shape.find_column(column)->type.text;
  }
  const target_column* find(const std::string& name) const {
    return &*std::find_if(target_.begin(), target_.end(), [&](const auto& c) { return c.name == name; });
  }
  static std::optional<std::size_t> place_in(const names& list, const std::string& name) {
    auto found = std::find(list.begin(), list.end(), name);
    return found == list.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - list.begin()));
  }
  std::string value_in_target(const target_column& column) const {
    if (auto at = place_in(move_.columns, column.name)) return fmt::format("v{}", *at + 1);
    if (auto at = place_in(move_.target_key, column.name)) return fmt::format("k{}", *at + 1);
    return fmt::format("CAST(NULL AS {})", column.type);
  }
  // None: a row gets it when it is filled.
  std::optional<std::string> value_in_source(const plan::version_column& column) const {
    if (auto at = place_in(move_.source_columns, column.name)) return fmt::format("_accord_there.v{}", *at + 1);
    for (const auto& old : m_.old_version().columns)
      if (old.physical == column.physical) return fmt::format("_accord_row.{}", quote_identifier(column.physical));
    return std::nullopt;
  }

  const plan::migration& m_;
  const plan::move& move_;
  std::vector<target_column> target_;
  std::string to_, sample_;
};

}  // namespace

void try_move(const registry::contract& contract, const plan::migration& m, const plan::move& move) {
  if (move.link) return;  // its columns are what they are
  move_trial trial(contract, m, move);
  if (move.existing) trial.require_empty();
  move.arrives ? trial.arrive() : trial.leave();
}

}  // namespace accord::migration
