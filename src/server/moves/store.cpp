// See store.hpp.
#include "server/moves/store.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/version.hpp"
#include "plan/move_steps.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr const char* select_moves =
    "SELECT target_schema, target_table, link, key_columns::text[], target_key::text[], operators, columns::text[], push, "
    "source_columns::text[],"
    "       pull, absent, reads::text[], target_reads::text[], arrives, existing, partitioned FROM accord_catalog.migration_move WHERE "
    "migration_id = "
    "$1::bigint ";

plan::move move_of(const spi::row& row) {
  plan::move m;
  m.target = {row.text(0), row.text(1)};
  m.link = row.boolean(2);
  m.key = row.texts(3);
  m.target_key = row.texts(4);
  m.operators = row.texts(5);
  m.columns = row.texts(6);
  m.push = row.texts(7);
  m.source_columns = row.texts(8);
  m.pull = row.texts(9);
  m.absent = row.texts(10);
  m.reads = row.texts(11);
  m.target_reads = row.texts(12);
  m.arrives = row.boolean(13);
  m.existing = row.boolean(14);
  m.partitioned = row.boolean(15);
  return m;
}

[[noreturn]] void is_gone(std::int64_t migration, const char* what) {
  throw failure(core::sqlstate::object_not_in_prerequisite_state,
                fmt::format("{} of migration {}, which keeps two tables in step, does not exist", what, migration),
                "A trigger of the migration is there, and what it needs is not.",
                "Restore the tables of schema accord_catalog, or drop the triggers whose names begin with \"!accord_move\".");
}

// Columns as they are, with the types in which values are computed.
std::vector<plan::verify_column> columns_of_table(Oid relation) {
  std::vector<plan::verify_column> columns;
  for (const auto& row : spi::query_latest("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
                                           " WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped",
                                           {relation}))
    columns.push_back({row.text(0), row.text(0), row.text(1), {}});
  return columns;
}

core::qualified_name name_of_table(Oid relation) {
  auto row =
      spi::query_latest("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
                        {relation})
          .front();
  return {row.text(0), row.text(1)};
}

}  // namespace

std::vector<plan::move> load_moves(std::int64_t migration, std::int64_t contract) {
  std::vector<plan::move> moves;
  for (const auto& row : catalog::query(std::string(select_moves) + "AND contract_id = $2::bigint ORDER BY ordinal", {migration, contract}))
    moves.push_back(move_of(row));
  return moves;
}

void save_moves(const plan::migration& m) {
  int ordinal = 0;
  for (const auto& move : m.moves)
    catalog::execute(
        "INSERT INTO accord_catalog.migration_move (migration_id, contract_id, ordinal, target_schema, target_table, link, key_columns,"
        "   target_key, operators, columns, push, source_columns, pull, absent, reads, target_reads, arrives, existing, partitioned)"
        " VALUES ($1::bigint, $2::bigint, $3::integer, $4::name, $5::name, $6::boolean, $7::name[], $8::name[], $9::text[], $10::name[],"
        "   $11::text[], $12::name[], $13::text[], $14::text[], $15::name[], $16::name[], $17::boolean, $18::boolean, $19::boolean)",
        {m.id, m.contract, ++ordinal, move.target.schema, move.target.name, move.link, spi::array_literal(move.key),
         spi::array_literal(move.target_key), spi::array_literal(move.operators), spi::array_literal(move.columns),
         spi::array_literal(move.push), spi::array_literal(move.source_columns), spi::array_literal(move.pull),
         spi::array_literal(move.absent), spi::array_literal(move.reads), spi::array_literal(move.target_reads), move.arrives,
         move.existing, move.partitioned});
}

std::vector<std::string> lost_triggers(std::int64_t migration, std::int64_t contract, const core::qualified_name& source) {
  std::vector<std::string> lost;
  auto moves = load_moves(migration, contract);
  for (std::size_t n = 1; n <= moves.size(); n++)
    for (const auto& trigger : plan::move_triggers(moves[n - 1], migration, n)) {
      const auto& table = trigger.on_target ? moves[n - 1].target : source;
      for (const auto& row : catalog::query("SELECT n.nspname, c.relname FROM (SELECT to_regclass($2) UNION SELECT relid FROM"
                                            "   pg_partition_tree(to_regclass($2))) AS t(relid) LEFT JOIN pg_class c ON c.oid = t.relid"
                                            "  LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT EXISTS ("
                                            "   SELECT FROM pg_trigger WHERE tgname = $1::name AND tgrelid = t.relid AND tgenabled = 'A')"
                                            " ORDER BY t.relid",
                                            {trigger.name, table.sql()})) {
        auto where = row.is_null(1) ? table : core::qualified_name{row.text(0), row.text(1)};
        lost.push_back(fmt::format("trigger \"{}\" of table \"{}\"", trigger.name, where.display()));
      }
    }
  return lost;
}

placed_move place_of(std::int64_t migration, std::int64_t n) {
  placed_move found{{}, InvalidOid, InvalidOid};
  auto& place = found.place;
  catalog::as_owner([&] {
    auto moves = spi::query_latest(std::string(select_moves) + "AND ordinal = $2::integer", {migration, n});
    if (moves.empty()) is_gone(migration, "a move");
    place.what = move_of(moves.front());
    auto sources = spi::query_latest(
        "SELECT c.relation::oid, r.marker, CASE WHEN t.arrives THEN r.to_version ELSE r.from_version END, r.contract_id, c.last_name FROM "
        "accord_catalog.migration_move t"
        "  JOIN accord_catalog.migration_relation r USING (migration_id, contract_id) JOIN accord_catalog.contract c ON c.id = "
        "r.contract_id"
        " WHERE t.migration_id = $1::bigint AND t.ordinal = $2::integer AND c.relation IS NOT NULL",
        {migration, n});
    if (sources.empty()) is_gone(migration, "the table");
    const auto& source = sources.front();
    // The triggers know the target whatever it is called by now.
    auto targets = spi::query_latest("SELECT tgrelid::oid FROM pg_trigger WHERE tgname = $1::name AND tgparentid = 0",
                                     {plan::move_lock_trigger(migration, static_cast<std::size_t>(n))});
    if (targets.empty()) is_gone(migration, fmt::format("table \"{}\"", place.what.target.display()).c_str());
    found.source = source.oid(0);
    found.target = targets.front().oid(0);
    place.source = name_of_table(found.source);
    place.target = name_of_table(found.target);
    place.partitioned = pg([&] { return get_rel_relkind(found.source); }) == RELKIND_PARTITIONED_TABLE;
    place.marker = source.text(1);
    place.version.qualifier = source.text(4);
    auto physical = columns_of_table(found.source);
    for (const auto& row : spi::query_latest(
             "SELECT name, physical FROM accord_catalog.version_column WHERE contract_id = $1::bigint AND major = $2::integer",
             {source.integer(3), core::parse_version(source.text(2)).major})) {
      auto column = std::find_if(physical.begin(), physical.end(), [&](const auto& c) { return c.name == row.text(1); });
      if (column == physical.end()) continue;
      place.version.columns.push_back({row.text(0), row.text(1), column->type, {}});
    }
    place.target_columns = {place.target.name, columns_of_table(found.target)};
  });
  return found;
}

}  // namespace accord::migration
